/** A recorded shop where a bit of everything has happened. */
import { Effect, References } from "effect"
import { Accounts } from "../../../src/services/Accounts.ts"
import { Catalog } from "../../../src/services/Catalog.ts"
import { Orders } from "../../../src/services/Orders.ts"
import { Payments } from "../../../src/services/Payments.ts"
import { Verification } from "../../../src/services/Verification.ts"
import { makeRecorder, type ShopUnderTest } from "../../../src/testing/judge/index.ts"

/** What the services in the context offer to the judge. */
export const servicesUnderTest = Effect.gen(function* () {
  const accounts = yield* Accounts
  const catalog = yield* Catalog
  const orders = yield* Orders
  const payments = yield* Payments
  const { verify } = yield* Verification
  return { accounts, catalog, orders, payments, verify } satisfies ShopUnderTest
})

export const customerId = "00000000-0000-4000-8000-000000000001"

const play = Effect.gen(function* () {
  const shop = yield* servicesUnderTest
  const recorder = makeRecorder({ process: "scene" })
  const { accounts, catalog, orders, payments } = recorder.recorded(shop)

  const account = yield* accounts.register({ email: "anna@example.com", password: "correct horse" })
  const { id: categoryId } = yield* catalog.createCategory({ name: "Tea" })
  const product = (name: string) =>
    catalog.createProduct({ categoryId, name, price: { amount: 250, currency: "EUR" }, stock: 100 })
  const [green, black, herbs] = [
    yield* product("Green tea"),
    yield* product("Black tea"),
    yield* product("Herbs")
  ]
  const less = { productId: green.id, delta: -5 }
  yield* catalog.adjustStockOrReplay(less, { idempotencyKey: "stock-key" })
  yield* catalog.adjustStockOrReplay(less, { idempotencyKey: "stock-key" })
  yield* catalog.adjustStockOrReplay({ productId: black.id, delta: 3 })

  const place = (name: string, idempotencyKey?: string) =>
    Effect.map(
      orders.placeOrReplay(
        {
          customerId,
          items: [
            { productId: green.id, quantity: 2 },
            { productId: black.id, quantity: 1 }
          ],
          metadata: { name }
        },
        { actor: "anna", idempotencyKey }
      ),
      ({ value }) => value
    )
  const pay = (orderId: string, paymentMethod: string, idempotencyKey?: string) =>
    payments.payOrReplay({ orderId, paymentMethod }, { actor: "anna", idempotencyKey })
  const warehouse = { actor: "warehouse 7" }

  const created = yield* place("created")
  const keyed = yield* place("keyed", "place-key")
  yield* place("keyed", "place-key")
  const paid = yield* place("paid")
  yield* pay(paid.id, "sim_approve", "pay-key")
  yield* pay(paid.id, "sim_approve", "pay-key")
  const shipped = yield* place("shipped")
  yield* pay(shipped.id, "sim_approve")
  yield* orders.ship(shipped.id, warehouse)
  const completed = yield* place("completed")
  yield* pay(completed.id, "sim_approve")
  yield* orders.ship(completed.id, { ...warehouse, idempotencyKey: "ship-key" })
  yield* orders.complete(completed.id, warehouse)
  yield* orders.ship(completed.id, { ...warehouse, idempotencyKey: "ship-key" })
  const declined = yield* place("declined")
  yield* pay(declined.id, "sim_decline")
  const expired = yield* place("expired")
  yield* orders.expire(expired.id, warehouse)
  const cancelled = yield* place("cancelled")
  yield* orders.cancel(cancelled.id, warehouse)
  const returned = yield* place("returned")
  yield* pay(returned.id, "sim_approve")
  const [first] = returned.items
  const one = { items: [{ productId: first.productId, quantity: 1 }], ...warehouse }
  yield* orders.ship(returned.id, warehouse)
  yield* orders.returnItems(returned.id, one)
  const tried = yield* place("tried")
  const { value: triedPayment } = yield* pay(tried.id, "sim_cancel")
  yield* Effect.flip(orders.ship(created.id, warehouse))

  const all = { created, keyed, paid, shipped, completed, declined, expired, cancelled, returned, tried }
  for (const { id } of Object.values(all)) {
    yield* orders.get(id)
    yield* payments.list(id)
  }
  // Transactions of others hold up the feed. The calls of this wait are not recorded.
  const { items } = yield* shop.orders.list({ customerId, limit: 100 })
  const expected = items.reduce((sum, { version }) => sum + version, 0)
  yield* Effect.repeat(shop.orders.feed({ limit: 100 }), { until: ({ length }) => length >= expected })
  let after: string | undefined
  for (;;) {
    const page = yield* orders.feed({ after, limit: 4 })
    if (page.length === 0) break
    after = page.at(-1)?.position
  }
  return { ...all, triedPayment, account, green, black, herbs, shop, history: recorder.history }
})

/** The history, and what it is about. */
export const scene = Effect.provideService(play, References.MinimumLogLevel, "Error")
export interface Scene extends Effect.Success<typeof scene> {}
