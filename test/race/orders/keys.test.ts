import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import type { IdempotentResult } from "../../../src/domain/shared/Idempotency.ts"
import {
  answers,
  atOnce,
  newCustomer,
  newName,
  openShop,
  product,
  race,
  type TestShop,
  tally,
  times,
  unitsOf
} from "../support.ts"

type Refusal = { readonly _tag: string }
type Ask<A> = (shop: TestShop) => Effect.Effect<IdempotentResult<A>, Refusal>

/** Fifty callers with one key, through two pools: one effect, one answer, and one of them is told that it was the first. */
const asksOnce = Effect.fnUntraced(function* <A>(shop: TestShop, ask: Ask<A>) {
  const other = yield* openShop(shop.url)
  const results = yield* atOnce(times(50).map((n) => ask(n % 2 === 0 ? shop : other)))
  assert.deepStrictEqual(tally(results), { done: 50 })
  const given = answers(results)
  const [first] = given
  for (const { value } of given) assert.deepStrictEqual(value, first?.value)
  assert.lengthOf(
    given.filter(({ replayed }) => !replayed),
    1
  )
  const later = yield* ask(other)
  assert.deepStrictEqual(later, { value: first?.value, replayed: true })
})

/** Ten requests each of five kinds under one key: one kind wins, the others are told that the key is taken. */
const oneKindWins = Effect.fnUntraced(function* <A>(shop: TestShop, ask: (kind: number) => Ask<A>) {
  const other = yield* openShop(shop.url)
  const results = yield* atOnce(times(50).map((n) => ask(n % 5)(n % 3 === 0 ? shop : other)))
  assert.deepStrictEqual(tally(results), { done: 10, IdempotencyKeyReused: 40 })
  const given = answers(results)
  for (const { value } of given) assert.deepStrictEqual(value, given[0]?.value)
  assert.lengthOf(
    given.filter(({ replayed }) => !replayed),
    1
  )
  return given[0]?.value ?? assert.fail("nobody has won")
})

const key = { idempotencyKey: "key" }

describe("an idempotency key", () => {
  race("places one order, however many ask for it at once [I1]", (shop) =>
    Effect.gen(function* () {
      const item = yield* product(shop, 100)
      const items = [{ productId: item.id, quantity: 2 }]
      const order = { customerId: newCustomer(), items }
      yield* asksOnce(shop, ({ orders }) => orders.placeOrReplay(order, key))
      assert.strictEqual(yield* unitsOf(shop, item), 98)
      assert.lengthOf((yield* shop.orders.list({ customerId: order.customerId })).items, 1)
    })
  )

  race("places one of several orders that share it [I2]", (shop) =>
    Effect.gen(function* () {
      const item = yield* product(shop, 100)
      const customerId = newCustomer()
      const order = yield* oneKindWins(
        shop,
        (kind) =>
          ({ orders }) =>
            orders.placeOrReplay({ customerId, items: [{ productId: item.id, quantity: kind + 1 }] }, key)
      )
      assert.strictEqual(yield* unitsOf(shop, item), 100 - order.items[0].quantity)
      assert.lengthOf((yield* shop.orders.list({ customerId })).items, 1)
    })
  )

  race("adjusts the stock once, however many ask for it at once", (shop) =>
    Effect.gen(function* () {
      const item = yield* product(shop, 100)
      const adjustment = { productId: item.id, delta: -7 }
      yield* asksOnce(shop, ({ catalog }) =>
        catalog.adjustStockOrReplay(adjustment, { actor: "warehouse", ...key })
      )
      assert.strictEqual(yield* unitsOf(shop, item), 93)
    })
  )

  race("makes one of several adjustments that share it", (shop) =>
    Effect.gen(function* () {
      const item = yield* product(shop, 100)
      const { stock } = yield* oneKindWins(
        shop,
        (kind) =>
          ({ catalog }) =>
            catalog.adjustStockOrReplay({ productId: item.id, delta: kind + 1 }, key)
      )
      assert.strictEqual(yield* unitsOf(shop, item), stock)
    })
  )

  race("creates one product, however many ask for it at once", (shop) =>
    Effect.gen(function* () {
      const { categoryId } = yield* product(shop, 1)
      const sku = newName("SKU")
      const created = { categoryId, name: "new", sku, price: { amount: 1, currency: "EUR" }, stock: 3 }
      yield* asksOnce(shop, ({ catalog }) => catalog.createProductOrReplay(created, key))
      assert.lengthOf((yield* shop.catalog.products({ q: "new" })).items, 1)
    })
  )

  race("of a customer is not that of another, nor that of another operation", (shop) =>
    Effect.gen(function* () {
      const item = yield* product(shop, 100)
      const items = [{ productId: item.id, quantity: 1 }]
      const customers = times(10).map(newCustomer)
      const placed = answers(
        yield* atOnce(
          customers.flatMap((customerId) =>
            times(3).map(() => shop.orders.placeOrReplay({ customerId, items }, key))
          )
        )
      )
      assert.lengthOf([...new Set(placed.map(({ value }) => value.id))], 10)
      const paid = answers(
        yield* atOnce(
          [...new Set(placed.map(({ value }) => value))].map(({ id: orderId, customerId: actor }) =>
            shop.payments.payOrReplay({ orderId, paymentMethod: "sim_approve" }, { actor, ...key })
          )
        )
      )
      assert.lengthOf([...new Set(paid.map(({ value }) => value.id))], 10)
      assert.strictEqual(yield* unitsOf(shop, item), 90)
    })
  )

  race("of a request that was refused can be used again, also while others are asking [I3]", (shop) =>
    Effect.gen(function* () {
      const item = yield* product(shop, 0)
      const order = { customerId: newCustomer(), items: [{ productId: item.id, quantity: 1 }] }
      const place = shop.orders.placeOrReplay(order, key)
      const [asked] = yield* Effect.all(
        [
          atOnce(times(40).map((n) => Effect.delay(place, n))),
          Effect.delay(shop.catalog.adjustStock({ productId: item.id, delta: 5 }), "15 millis")
        ],
        { concurrency: "unbounded" }
      )
      const { done = 0, InsufficientStock = 0 } = tally(asked)
      assert.strictEqual(done + InsufficientStock, 40)
      yield* place
      assert.strictEqual(yield* unitsOf(shop, item), 4)
    })
  )
})
