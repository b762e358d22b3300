import { assert, describe, it } from "vitest"
import type { FeedEvent } from "../../src/domain/orders/Feed.ts"
import { type Commerce, defineStages } from "../../src/promise/index.ts"
import { engines, newProduct, orderOf, reasonOf } from "./support.ts"

const stages = defineStages({
  PAID: { first: "new", moves: { new: ["packed"], packed: ["new"] }, leaves: ["packed"] }
})

const paidOrder = async (commerce: Commerce, productId: string, quantity: number) => {
  const order = await commerce.orders.place(orderOf(productId, quantity))
  await commerce.payments.pay({ orderId: order.id, paymentMethod: "sim_approve" })
  return order.id
}

describe.each(engines)("parts of an order on $name", ({ open }) => {
  const opened = open({ stages })
  const stockOf = async (id: string) => (await opened().catalog.product(id)).stock

  it("are shipped in parcels, cancelled and taken back, and the feed says so", async () => {
    const { orders } = opened()
    const { id: productId } = await newProduct(opened(), 20)
    const id = await paidOrder(opened(), productId, 10)
    const units = (quantity: number) => [{ productId, quantity }]
    assert.deepInclude(await reasonOf(orders.ship(id, { items: units(1) })), {
      _tag: "IllegalStage",
      from: "new",
      to: "SHIPPED"
    })
    assert.strictEqual((await orders.move(id, "packed", { actor: "warehouse 7" })).stage, "packed")
    const parcel = { items: units(6), carrier: "DHL", trackingCode: "00340", idempotencyKey: `ship-${id}` }
    const part = await orders.ship(id, parcel)
    assert.deepStrictEqual(await orders.ship(id, parcel), part)
    assert.deepInclude(await reasonOf(orders.ship(id, { items: units(5) })), {
      _tag: "InsufficientUnits",
      items: [{ productId, requested: 5, available: 4 }]
    })
    const rest = await orders.cancel(id, { items: units(4), reason: "not found" })
    assert.deepInclude(rest, { status: "SHIPPED", currentTotal: { amount: 6 * 1999, currency: "USD" } })
    assert.notProperty(rest, "stage")
    const back = await orders.returnItems(id, { items: [{ productId, quantity: 2, restock: 1 }] })
    assert.deepStrictEqual(back.units, [{ shipped: 6, cancelled: 4, returned: 2, restocked: 1 }])
    assert.strictEqual(await stockOf(productId), 10 + 4 + 1)
    assert.deepStrictEqual(await orders.get(id), back)

    const history = await orders.history(id)
    const told = history.map(({ event, from, to, ...rest }) => ({ event, from, to, items: rest.items }))
    assert.deepStrictEqual(told.slice(2), [
      { event: "stage-changed", from: "PAID", to: "PAID", items: undefined },
      { event: "shipped", from: "PAID", to: "PAID", items: units(6) },
      { event: "cancelled", from: "PAID", to: "SHIPPED", items: units(4) },
      { event: "returned", from: "SHIPPED", to: "SHIPPED", items: [{ productId, quantity: 2, restocked: 1 }] }
    ])
    assert.deepInclude(history[3], { carrier: "DHL", trackingCode: "00340" })
    assert.deepInclude(history[2], { stage: "packed", actor: "warehouse 7" })
    const events: Array<FeedEvent> = []
    for await (const event of orders.follow({ every: 10 })) {
      if (event.orderId === id) events.push(event)
      if (events.length === history.length) break
    }
    assert.deepStrictEqual(
      events.map(({ orderId, position, ...event }) => event),
      history
    )
    assert.deepStrictEqual(await opened().verify(), { ok: true, violations: [] })
  })

  it("count as nothing in analytics if the order is cancelled", async () => {
    const { orders, analytics } = opened()
    const before = await analytics.summary({})
    const { id: productId } = await newProduct(opened(), 5)
    const id = await paidOrder(opened(), productId, 5)
    const cancelled = await orders.cancel(id)
    assert.deepInclude(cancelled, { status: "CANCELLED", currentTotal: { amount: 0, currency: "USD" } })
    assert.notProperty(cancelled, "units")
    assert.strictEqual(await stockOf(productId), 5)
    assert.deepInclude(await reasonOf(orders.cancel(id)), { _tag: "IllegalTransition", from: "CANCELLED" })
    const after = await analytics.summary({})
    assert.notProperty(before.ordersByStatus, "CANCELLED")
    assert.strictEqual(after.ordersByStatus.CANCELLED, 1)
    assert.deepStrictEqual(after.revenue, before.revenue)
  })

  it("are listed by stage", async () => {
    const { orders } = opened()
    const { id: productId } = await newProduct(opened(), 5)
    const id = await paidOrder(opened(), productId, 1)
    const inStage = async (stage: string) => (await orders.list({ stage })).items.map((order) => order.id)
    assert.include(await inStage("new"), id)
    const signal = AbortSignal.abort("too late")
    assert.strictEqual(await reasonOf(orders.move(id, "packed", { signal })), "too late")
    await orders.move(id, "packed")
    assert.notInclude(await inStage("new"), id)
    assert.include(await inStage("packed"), id)
    assert.deepInclude(await reasonOf(orders.move(id, "lost")), { _tag: "IllegalStage", from: "packed" })
  })
})

it("A commerce refuses stages with faults", async () => {
  const { createCommerce } = await import("../../src/promise/index.ts")
  const wrong = { PAID: { first: "b", moves: { a: [] } } }
  const refusal = await reasonOf(createCommerce({ database: { embedded: "memory" }, stages: wrong }))
  assert.deepNestedPropertyVal(refusal, "errors[0].path", "/stages")
})
