/** A shop where a bit of everything has happened, to be spoilt. */
import { Context, Effect, Layer, References } from "effect"
import { SqlClient, SqlError } from "effect/sql"
import { layer } from "../../src/adapters/postgres/index.ts"
import { Catalog } from "../../src/services/Catalog.ts"
import { Orders } from "../../src/services/Orders.ts"
import { Payments } from "../../src/services/Payments.ts"
import { Vouchers } from "../../src/services/Vouchers.ts"
import { shopOn } from "../../src/testing/model/index.ts"

const customerId = "00000000-0000-4000-8000-000000000001"

const open = Effect.gen(function* () {
  const catalog = yield* Catalog
  const orders = yield* Orders
  const payments = yield* Payments

  const category = yield* catalog.createCategory({ name: "Tea" }, { idempotencyKey: "category-key" })
  const product = (name: string, idempotencyKey?: string) =>
    catalog.createProduct(
      { categoryId: category.id, name, price: { amount: 250, currency: "EUR" }, stock: 100 },
      { idempotencyKey }
    )
  const green = yield* product("Green tea", "product-key")
  const black = yield* product("Black tea")
  const unsold = yield* product("Herbs")
  yield* catalog.adjustStock({ productId: green.id, delta: -5 }, { idempotencyKey: "stock-key" })
  yield* catalog.adjustStock({ productId: green.id, delta: -5 }, { idempotencyKey: "stock-key-2" })
  const herbs = { productId: unsold.id, name: "Herbs" }
  const renaming = { categoryId: category.id, name: "Tea" }
  yield* catalog.renameCategory(renaming, { idempotencyKey: "rename-key" })
  yield* catalog.renameCategory(renaming, { idempotencyKey: "rename-key-2" })
  yield* catalog.changeProduct(herbs, { idempotencyKey: "change-key" })
  yield* catalog.changeProduct(herbs, { idempotencyKey: "change-key-2" })

  const place = (idempotencyKey?: string) =>
    orders.place(
      {
        customerId,
        items: [
          { productId: green.id, quantity: 2 },
          { productId: black.id, quantity: 1 }
        ]
      },
      { idempotencyKey }
    )
  const pay = (orderId: string, paymentMethod: string, idempotencyKey?: string) =>
    payments.pay({ orderId, paymentMethod }, { idempotencyKey })
  const paid = Effect.fnUntraced(function* (paymentMethod = "sim_approve", idempotencyKey?: string) {
    const { id } = yield* place()
    const payment = yield* pay(id, paymentMethod, idempotencyKey)
    return { id, payment: payment.id }
  })

  const created = yield* place("place-key")
  const tried = yield* paid("sim_cancel")
  const pending = yield* paid("sim_silent")
  const bought = yield* paid("sim_approve", "pay-key")
  const again = yield* paid()
  const approved = { paymentId: (yield* paid()).payment, outcome: "APPROVED" } as const
  yield* payments.recordOutcome(approved, { idempotencyKey: "outcome-key" })
  yield* payments.recordOutcome(approved, { idempotencyKey: "outcome-key-2" })
  const shipped = yield* paid()
  yield* orders.ship(shipped.id, { idempotencyKey: "ship-key" })
  const completed = yield* paid()
  yield* orders.ship(completed.id)
  yield* orders.complete(completed.id, { idempotencyKey: "complete-key" })
  const declined = yield* paid("sim_decline")
  const expired = yield* place()
  yield* orders.expire(expired.id)
  yield* orders.expire((yield* place()).id, { idempotencyKey: "expire-key" })
  const vouchers = yield* Vouchers
  const voucher = yield* vouchers.create(
    { code: "Tea", name: "A cup less", amount: 100, currency: "EUR", uses: 10, perCustomer: 3 },
    { idempotencyKey: "voucher-key" }
  )
  yield* vouchers.change({ voucherId: voucher.id, name: "A cup free" }, { idempotencyKey: "new-name" })
  yield* vouchers.change({ voucherId: voucher.id, name: "A cup less" }, { idempotencyKey: "old-name" })
  const unlimited = yield* vouchers.create({ code: "Friends", name: "For friends", rate: 100_000 })
  const priced = (...codes: ReadonlyArray<string>) =>
    orders.place({
      customerId,
      items: [
        { productId: green.id, quantity: 2 },
        { productId: black.id, quantity: 1 }
      ],
      codes,
      adjustments: [
        { kind: "fee", code: "delivery", name: "Delivery", amount: 495 },
        { kind: "tax", code: "vat", name: "VAT", rate: 190_000, included: false }
      ]
    })
  const redeemed = yield* priced("tea", "friends")
  const released = yield* priced("tea")
  yield* orders.expire(released.id)
  const taxed = yield* priced()
  const tea = (quantity: number) => [{ productId: green.id, quantity }]
  const parts = yield* paid()
  yield* orders.ship(parts.id, { items: tea(1), idempotencyKey: "part-key" })
  yield* orders.returnItems(parts.id, { items: [{ productId: green.id, quantity: 1, restock: 0 }] })
  const reduced = yield* priced()
  yield* orders.cancel(reduced.id, { items: tea(1), fees: ["delivery"] })
  const cancelled = yield* paid()
  yield* orders.cancel(cancelled.id, { idempotencyKey: "cancel-key" })
  const returned = yield* paid()
  yield* orders.ship(returned.id)
  yield* orders.returnItems(returned.id, { items: tea(2), idempotencyKey: "return-key" })
  const staged = yield* paid()
  yield* orders.move(staged.id, "picked", { idempotencyKey: "move-key" })
  const left = yield* paid()
  yield* orders.move(left.id, "picked")
  yield* orders.move(left.id, "packed")
  yield* orders.ship(left.id)
  const refunded = yield* paid()
  const amount = { amount: 10, currency: "EUR" }
  const refund = { orderId: refunded.id, kind: "refund", amount } as const
  const { id: operation } = yield* payments.recordOperation(refund, { idempotencyKey: "refund-key" })
  return {
    refunded: { ...refunded, operation },
    voucher,
    unlimited,
    redeemed,
    released,
    taxed,
    parts,
    reduced,
    cancelled,
    returned,
    staged,
    left,
    green,
    black,
    unsold,
    created,
    tried,
    pending,
    bought,
    again,
    shipped,
    completed,
    declined,
    expired
  }
})

export interface Scene extends Effect.Success<typeof open> {}

export class OpenShop extends Context.Service<OpenShop, Scene>()("test/verify/OpenShop") {}

/** All services on a client, its tables, and what has happened so far. */
export const openShop = <E>(client: Layer.Layer<SqlClient.SqlClient, E>) =>
  // The gateway that does not answer is meant not to.
  Layer.effect(OpenShop, Effect.provideService(open, References.MinimumLogLevel, "Error")).pipe(
    Layer.provideMerge(shopOn(layer())),
    Layer.provideMerge(client)
  )

const isSqlError = (error: unknown) => error instanceof SqlError.SqlError

/** Does it in a transaction that is rolled back. */
export const undone = <A, R>(work: Effect.Effect<A, unknown, R>) =>
  SqlClient.SqlClient.use((sql) => sql.withTransaction(Effect.flip(Effect.orDie(work)))).pipe(
    Effect.catchIf(isSqlError, Effect.die),
    Effect.flip
  )
