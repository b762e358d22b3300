import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Result } from "effect"
import { layer as memory } from "../../src/adapters/memory/index.ts"
import { cancelItems } from "../../src/domain/fulfilment/CancelItems.ts"
import { shipItems } from "../../src/domain/fulfilment/ShipItems.ts"
import { Catalog } from "../../src/services/Catalog.ts"
import { Orders } from "../../src/services/Orders.ts"
import { Payments } from "../../src/services/Payments.ts"
import { commerceServices } from "../support/commerce.ts"
import { newProduct, orderOf } from "../support/host.ts"

const shop = Layer.provideMerge(commerceServices, memory)

const paidOrder = Effect.fnUntraced(function* (quantity: number) {
  const { id: productId } = yield* newProduct(quantity)
  const { id } = yield* Orders.use((orders) => orders.place(orderOf(productId, quantity)))
  yield* Payments.use((payments) => payments.pay({ orderId: id, paymentMethod: "sim_approve" }))
  return { id, items: [{ productId, quantity: 1 }] }
})

describe("a shipment", () => {
  it.effect("takes a key for all items or for some of them, and not for both", () =>
    Effect.gen(function* () {
      const orders = yield* Orders
      const [all, some] = [yield* paidOrder(3), yield* paidOrder(3)]
      const options = { idempotencyKey: "parcel" }
      const part = yield* orders.ship(some.id, { ...options, items: some.items })
      assert.strictEqual((yield* Effect.flip(orders.ship(some.id, options)))._tag, "IdempotencyKeyReused")
      assert.deepStrictEqual(yield* orders.get(some.id), part)
      yield* orders.ship(all.id, { idempotencyKey: "all" })
      const other = orders.ship(all.id, { idempotencyKey: "all", items: all.items })
      assert.strictEqual((yield* Effect.flip(other))._tag, "IdempotencyKeyReused")
    }).pipe(Effect.provide(shop))
  )

  it.effect("refuses options that are no object", () =>
    Effect.gen(function* () {
      const orders = yield* Orders
      const { id } = yield* paidOrder(1)
      for (const options of [null, 5, "all", []]) {
        const refusal = yield* Effect.flip(orders.ship(id, options as never))
        assert.strictEqual(refusal._tag, "InvalidInput")
      }
      assert.strictEqual((yield* orders.get(id)).status, "PAID")
    }).pipe(Effect.provide(shop))
  )
})

describe("an order that comes to 0 after a cancellation", () => {
  it.effect("is paid without a gateway", () =>
    Effect.gen(function* () {
      const [orders, payments, catalog] = [yield* Orders, yield* Payments, yield* Catalog]
      const { id, categoryId } = yield* newProduct(1)
      const price = { amount: 0, currency: "EUR" }
      const sample = yield* catalog.createProduct({ categoryId, name: "Sample", price, stock: 1 })
      const items = [id, sample.id].map((productId) => ({ productId, quantity: 1 }))
      const order = yield* orders.place({ ...orderOf(id), items })
      const pay = payments.pay({ orderId: order.id, paymentMethod: "none" })
      assert.strictEqual((yield* Effect.flip(pay))._tag, "InvalidInput")
      yield* orders.cancel(order.id, { items: items.slice(0, 1) })
      assert.deepInclude(yield* pay, { status: "APPROVED", amount: price, orderStatus: "PAID" })
    }).pipe(Effect.provide(shop))
  )
})

describe("the last part of an order", () => {
  it.effect("takes the open fees with it, and ends the stage", () =>
    Effect.gen(function* () {
      const [orders, payments] = [yield* Orders, yield* Payments]
      const { id: productId } = yield* newProduct(2)
      const fee = { kind: "fee", code: "delivery", name: "Delivery", amount: 500 } as const
      const placed = yield* orders.place({ ...orderOf(productId, 2), adjustments: [fee] })
      yield* payments.pay({ orderId: placed.id, paymentMethod: "sim_approve" })
      const items = [{ productId: placed.items[0].productId, quantity: 1 }]
      const part = { ...(yield* orders.ship(placed.id, { items })), stage: "packed" }
      const attribution = { at: new Date(0), actor: "somebody" }
      const ends = [shipItems(part, items, attribution), cancelItems(part, "all", false, attribution)].map(
        (end) => Result.getOrThrow(end).order
      )
      for (const { status, stage, units } of ends) {
        assert.deepStrictEqual([status, stage, units?.[1]?.shipped], ["SHIPPED", undefined, 1])
      }
    }).pipe(Effect.provide(shop))
  )
})
