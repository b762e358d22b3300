import { assert, describe } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { Database } from "../../../src/adapters/postgres/execution/Database.ts"
import { decidePlacements } from "../../../src/adapters/postgres/orders/DecidePlacements.ts"
import { insertOrders } from "../../../src/adapters/postgres/orders/InsertOrders.ts"
import type { Product } from "../../../src/domain/catalog/Product.ts"
import { vouchersOnly } from "../../../src/domain/pricing/Pricing.ts"
import { CustomerId, OrderId } from "../../../src/domain/shared/Ids.ts"
import type { Placement } from "../../../src/ports/OrderStore.ts"
import { buy, newCustomer, openShop, product, race, type TestShop, times, unitsOf } from "../support.ts"

/** Does something to a product while somebody else has changed it, who commits only once there is a wait for that. */
const meanwhile = Effect.fnUntraced(function* <A, E, E2>(
  { url }: TestShop,
  change: (catalog: TestShop["catalog"]) => Effect.Effect<unknown, E>,
  work: Effect.Effect<A, E2>
) {
  const { sql, catalog } = yield* openShop(url, { pool: 2 })
  const changed = yield* Deferred.make<void>()
  const waits = sql<{ n: number }>`
    SELECT count(*)::int AS n FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'`
  const changing = Effect.gen(function* () {
    yield* change(catalog)
    yield* Deferred.succeed(changed, undefined)
    yield* Effect.repeat(waits, { while: ([row]) => row?.n !== 1 })
  })
  const holder = yield* Effect.forkScoped(sql.withTransaction(changing))
  yield* Deferred.await(changed)
  const working = yield* Effect.forkScoped(work)
  yield* Fiber.join(holder)
  return yield* Fiber.join(working)
}, Effect.scoped)

/** Places an order of 7 of 10 units of a product that changes meanwhile. */
const placedMeanwhile = Effect.fnUntraced(function* <E>(
  shop: TestShop,
  change: (catalog: TestShop["catalog"], productId: string) => Effect.Effect<unknown, E>
) {
  const { id } = yield* product(shop, 10)
  const placing = shop.orders.place({ customerId: newCustomer(), items: [{ productId: id, quantity: 7 }] })
  return yield* meanwhile(shop, (catalog) => change(catalog, id), Effect.result(placing))
})

/** A placement of 7 units of a product, without a key. */
const sevenOf = ({ id }: Product): Placement => ({
  draft: { customerId: CustomerId.make(newCustomer()), items: [{ productId: id, quantity: 7 }] },
  price: vouchersOnly,
  id: OrderId.make(crypto.randomUUID()),
  at: new Date(),
  actor: "a test",
  idempotency: undefined
})

/** The statement that writes orders. */
const inserting = ({ sql }: TestShop) =>
  Effect.provide(
    insertOrders,
    Layer.provide(Database.layer("commerce"), Layer.succeed(SqlClient.SqlClient, sql))
  )

const said = (placed: Effect.Success<ReturnType<typeof placedMeanwhile>>) =>
  placed._tag === "Failure" ? placed.failure._tag : placed.success.items[0]

describe("an order whose product changes while it is decided", () => {
  race("is decided again, and has the product's name, SKU and price as they are then [S4]", (shop) =>
    Effect.gen(function* () {
      for (const [change, expected] of [
        [{ name: "New" }, { name: "New" }],
        [{ sku: "NEW" }, { sku: "NEW" }],
        [{ price: { amount: 77, currency: "EUR" } }, { total: { amount: 539, currency: "EUR" } }],
        [{ price: { amount: 1000, currency: "USD" } }, { total: { amount: 7000, currency: "USD" } }]
      ] as const) {
        const placed = yield* placedMeanwhile(shop, (catalog, productId) =>
          catalog.changeProduct({ productId, ...change })
        )
        assert.deepInclude(said(placed), expected)
      }
    })
  )

  race("is refused if the product is off the shelf by then [S5]", (shop) =>
    Effect.gen(function* () {
      const placed = yield* placedMeanwhile(shop, (catalog, productId) =>
        catalog.changeProduct({ productId, active: false })
      )
      assert.strictEqual(said(placed), "ProductUnavailable")
    })
  )

  race("is refused if too little is left by then, and placed if enough is [S1]", (shop) =>
    Effect.gen(function* () {
      const take = (delta: number) => (catalog: TestShop["catalog"], productId: string) =>
        catalog.adjustStock({ productId, delta })
      assert.strictEqual(said(yield* placedMeanwhile(shop, take(-4))), "InsufficientStock")
      assert.deepInclude(said(yield* placedMeanwhile(shop, take(-3))), { quantity: 7 })
    })
  )

  race(
    "takes from what is there then, or is decided again if that was too little when it began to wait",
    (shop) =>
      Effect.gen(function* () {
        const insert = yield* inserting(shop)
        const { id } = yield* product(shop, 3)
        const seen = { ...(yield* shop.catalog.product(id)), stock: 10 }
        const placement = sevenOf(seen)
        const products = new Map([[seen.id, seen]])
        const batch = decidePlacements([placement], products, () => undefined)
        const written = yield* meanwhile(
          shop,
          (catalog) => catalog.adjustStock({ productId: id, delta: 7 }),
          insert(batch, products, { lockTimeout: 5000 })
        )
        assert.isFalse(written)
        assert.strictEqual((yield* shop.catalog.product(id)).stock, 10)
      })
  )
})

describe("an order with a key whose product changes while it is decided", () => {
  const keysOf = ({ sql }: TestShop) => sql`SELECT key, resource_id FROM commerce.idempotency_keys`
  const claim = { scope: "ada", operation: "place order", key: "k", fingerprint: "f" } as const

  race("leaves no key behind, and no order", (shop) =>
    Effect.gen(function* () {
      const insert = yield* inserting(shop)
      const { id } = yield* product(shop, 10)
      const seen = yield* shop.catalog.product(id)
      const placement = { ...sevenOf(seen), idempotency: claim }
      const products = new Map([[seen.id, seen]])
      const batch = decidePlacements([placement], products, () => undefined)
      const price = { amount: 1, currency: "EUR" }
      yield* shop.catalog.changeProduct({ productId: id, price })
      assert.isFalse(yield* insert(batch, products, { claiming: batch.fulfilled }))
      assert.deepStrictEqual(yield* keysOf(shop), [])

      const again = new Map([[seen.id, { ...seen, price }]])
      const decided = decidePlacements([placement], again, () => undefined)
      assert.isTrue(yield* insert(decided, again, { claiming: decided.fulfilled }))
      assert.deepStrictEqual(yield* keysOf(shop), [{ key: "k", resource_id: placement.id }])
      // The key is there by now.
      const other = { ...placement, id: OrderId.make(crypto.randomUUID()) }
      const doubled = decidePlacements([other], again, () => undefined)
      assert.isFalse(yield* insert(doubled, again, { claiming: doubled.fulfilled }))
      assert.strictEqual(yield* unitsOf(shop, { id }), 3)
    })
  )

  race("is placed once, at the price that the product has then [I1]", (shop) =>
    Effect.gen(function* () {
      const { id } = yield* product(shop, 10)
      const draft = { customerId: newCustomer(), items: [{ productId: id, quantity: 7 }] }
      const placing = shop.orders.placeOrReplay(draft, { idempotencyKey: "k" })
      const change = (catalog: TestShop["catalog"]) =>
        catalog.changeProduct({ productId: id, price: { amount: 77, currency: "EUR" } })
      const { value, replayed } = yield* meanwhile(shop, change, placing)
      assert.isFalse(replayed)
      assert.strictEqual(value.total.amount, 539)
      assert.deepStrictEqual(yield* placing, { value, replayed: true })
      assert.strictEqual(yield* unitsOf(shop, { id }), 3)
    })
  )
})

describe("many who want the last unit", () => {
  race("are not refused if there are more by then", (shop) =>
    Effect.gen(function* () {
      const item = yield* product(shop, 1)
      const orders = times(8).map(() => buy(shop, item))
      yield* meanwhile(
        shop,
        (catalog) => catalog.adjustStock({ productId: item.id, delta: 10 }),
        Effect.all(orders, { concurrency: "unbounded" })
      )
      assert.strictEqual(yield* unitsOf(shop, item), 3)
    })
  )
})
