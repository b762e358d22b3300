import { assert, describe } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import {
  answers,
  atOnce,
  buy,
  newCustomer,
  openShop,
  product,
  race,
  stock,
  tally,
  times,
  unitsOf
} from "../support.ts"

describe("buying at once", () => {
  race("of 400 buyers of 100 units, 100 get one and 300 are refused because none is left [S1]", (shop) =>
    Effect.gen(function* () {
      const other = yield* openShop(shop.url)
      const hot = yield* product(shop, 100)
      const bought = yield* atOnce(times(400).map((n) => buy(n % 2 === 0 ? shop : other, hot)))
      assert.deepStrictEqual(tally(bought), { done: 100, InsufficientStock: 300 })
      assert.strictEqual(yield* unitsOf(shop, hot), 0)
    })
  )

  race(
    "orders of the same products in opposite order never meet in a deadlock, and none is lost [S3]",
    (shop) =>
      Effect.gen(function* () {
        const other = yield* openShop(shop.url)
        const products = yield* stock(shop, 600, 600, 600, 600)
        const opposite = products.toReversed()
        for (const _ of times(20)) {
          const bought = yield* atOnce(
            times(30).map((n) => buy(n % 4 < 2 ? shop : other, ...(n % 2 === 0 ? products : opposite)))
          )
          assert.deepStrictEqual(tally(bought), { done: 30 })
        }
        assert.deepStrictEqual(yield* Effect.forEach(products, (one) => unitsOf(shop, one)), [0, 0, 0, 0])
      })
  )

  race(
    "an order placed while its price changes has one of the two prices, in its item and in its total [S4]",
    (shop) =>
      Effect.gen(function* () {
        const { orders } = shop
        const { catalog } = yield* openShop(shop.url)
        const dear = yield* product(shop, 10_000)
        const items = [{ productId: dear.id, quantity: 3 }]
        const price = { known: 1000, coming: 1000 }
        const met = new Set<number>()
        let contested = 0

        const reprice = Effect.gen(function* () {
          price.coming += 1
          yield* catalog.changeProduct({
            productId: dear.id,
            price: { amount: price.coming, currency: "EUR" }
          })
          price.known = price.coming
        })
        const order = Effect.gen(function* () {
          const least = price.known
          const { items: bought, total } = yield* orders.place({ customerId: newCustomer(), items })
          const { unitPrice, total: charged } = bought[0]
          assert.isAtLeast(unitPrice.amount, least)
          assert.isAtMost(unitPrice.amount, price.coming)
          assert.deepStrictEqual([charged.amount, total.amount], [3 * unitPrice.amount, 3 * unitPrice.amount])
          met.add(unitPrice.amount)
          if (least < price.coming) contested += 1
        })

        const repricing = yield* Effect.forkChild(Effect.forever(reprice))
        const enough = () => met.size > 5 && contested > 20
        const orderOn = Effect.repeat(order, { times: 400, until: enough })
        yield* Effect.forEach(times(8), () => orderOn, { concurrency: "unbounded" })
        yield* Fiber.interrupt(repricing)
        assert.isAbove(met.size, 5)
        assert.isAbove(contested, 20)
      })
  )

  race("an expected total is the total, or the order is not placed [S4]", (shop) =>
    Effect.gen(function* () {
      const { orders, catalog } = shop
      const dear = yield* product(shop, 1000)
      const order = (amount: number) =>
        orders.place({
          customerId: newCustomer(),
          items: [{ productId: dear.id, quantity: 1 }],
          expectedTotal: { amount, currency: "EUR" }
        })
      const reprice = catalog.changeProduct({ productId: dear.id, price: { amount: 2000, currency: "EUR" } })
      const [placed] = yield* Effect.all([atOnce(times(40).map(() => order(1000))), reprice], {
        concurrency: "unbounded"
      })
      for (const { total } of answers(placed)) assert.strictEqual(total.amount, 1000)
      const { done = 0, PriceChanged = 0 } = tally(placed)
      assert.strictEqual(done + PriceChanged, 40)
    })
  )

  race("stock that is taken away while it is sold is sold or taken away, and never both [S6]", (shop) =>
    Effect.gen(function* () {
      const other = yield* openShop(shop.url)
      const wanted = yield* product(shop, 60)
      const adjust = (delta: number) => other.catalog.adjustStock({ productId: wanted.id, delta })
      const [bought, taken, added] = yield* Effect.all(
        [
          atOnce(times(80).map(() => buy(shop, wanted))),
          atOnce(times(20).map(() => adjust(-2))),
          atOnce(times(10).map(() => adjust(1)))
        ],
        { concurrency: "unbounded" }
      )
      const { done: sold = 0, InsufficientStock: unsold = 0, ...strange } = tally([...bought])
      const { done: less = 0, InsufficientStock: kept = 0, ...stranger } = tally([...taken])
      assert.deepStrictEqual([strange, stranger, tally(added)], [{}, {}, { done: 10 }])
      assert.deepStrictEqual([sold + unsold, less + kept], [80, 20])
      assert.strictEqual(yield* unitsOf(shop, wanted), 60 + 10 - sold - 2 * less)
    })
  )

  race("of a product that is taken off the shelf while it is sold, nothing is sold afterwards [S5]", (shop) =>
    Effect.gen(function* () {
      const other = yield* openShop(shop.url)
      const leaving = yield* product(shop, 1000)
      const takeOff = Effect.gen(function* () {
        const { updatedAt } = yield* other.catalog.changeProduct({ productId: leaving.id, active: false })
        return { updatedAt, late: yield* atOnce(times(10).map(() => buy(shop, leaving))) }
      })
      const [bought, { late }] = yield* Effect.all(
        [atOnce(times(60).map(() => buy(shop, leaving))), takeOff],
        { concurrency: "unbounded" }
      )
      const { done = 0, ProductUnavailable = 0 } = tally(bought)
      assert.strictEqual(done + ProductUnavailable, 60)
      assert.deepStrictEqual(tally(late), { ProductUnavailable: 10 })
      assert.strictEqual(yield* unitsOf(shop, leaving), 1000 - done)
    })
  )
})
