import { assert, describe } from "@effect/vitest"
import { Effect, Exit } from "effect"
import { Statement } from "effect/sql"
import { buy, endingOf, endings, openShop, race, stock, type TestShop, times, unitsOf } from "../support.ts"

/** Takes the locks out of all statements, as a bug would. */
const withoutLocks: Statement.Transformer = (statement, sql) => {
  const [text, parameters] = statement.compile()
  return Effect.succeed(
    sql.unsafe(text.replace(/FOR NO KEY UPDATE( OF \w+)?( SKIP LOCKED)?/, ""), parameters)
  )
}

const unlocked = Effect.provideService(Statement.CurrentTransformer, withoutLocks)

/** Does things at once, whatever comes of it: how many were done. */
const howMany = (works: ReadonlyArray<Effect.Effect<unknown, unknown>>) =>
  Effect.map(
    Effect.forEach(works, Effect.exit, { concurrency: "unbounded" }),
    (exits) => exits.filter(Exit.isSuccess).length
  )

const openThree = (shop: TestShop) =>
  unlocked(Effect.all([openShop(shop.url), openShop(shop.url), openShop(shop.url)]))

describe("without any lock", () => {
  race("no more is sold than there is", (shop) =>
    Effect.gen(function* () {
      const shops = yield* openThree(shop)
      const products = yield* stock(shop, 20, 20, 20, 20, 20)
      for (const item of products) {
        const buyers = times(20).flatMap(() => shops.map((own) => buy(own, item)))
        const sold = yield* unlocked(howMany(buyers))
        assert.isAtMost(sold, 20)
        assert.strictEqual(yield* unitsOf(shop, item), 20 - sold)
      }
    })
  )

  race("no payment is settled twice, and no step of an order is made twice", (shop) =>
    Effect.gen(function* () {
      const shops = yield* openThree(shop)
      const products = yield* stock(shop, ...times(20).map(() => 1))
      for (const item of products) {
        const { id: orderId } = yield* buy(shop, item)
        const { id: paymentId } = yield* shop.payments.pay({ orderId, paymentMethod: "sim_timeout" })
        const outcomes = ["APPROVED", "DECLINED", "DECLINED"] as const
        const settled = yield* unlocked(
          howMany(
            outcomes.map(
              (outcome, n) => shops[n]?.payments.recordOutcome({ paymentId, outcome }) ?? Effect.void
            )
          )
        )
        assert.isAtLeast(settled, 1)
        const ending = yield* endingOf(shop, orderId, item)
        const expected =
          ending.status === "PAID"
            ? endings.paid
            : ending.steps.includes("charged-late")
              ? endings.chargedLate
              : endings.declined
        assert.deepStrictEqual(ending, expected)
        if (ending.status !== "PAID") continue
        assert.strictEqual(yield* unlocked(howMany(shops.map(({ orders }) => orders.ship(orderId)))), 1)
      }
    })
  )

  race("no order is paid twice, and none is given back twice", (shop) =>
    Effect.gen(function* () {
      const shops = yield* openThree(shop)
      const products = yield* stock(shop, ...times(20).map(() => 1))
      for (const [n, item] of products.entries()) {
        const { id: orderId } = yield* buy(shop, item)
        const work = ({ payments, orders }: TestShop) =>
          n % 2 === 0 ? payments.pay({ orderId, paymentMethod: "sim_approve" }) : orders.expire(orderId)
        assert.strictEqual(yield* unlocked(howMany(shops.map(work))), 1)
        assert.deepStrictEqual(
          yield* endingOf(shop, orderId, item),
          n % 2 === 0 ? endings.paid : endings.expired
        )
      }
    })
  )

  race("units that are given back, adjusted and sold at once are all there in the end", (shop) =>
    Effect.gen(function* () {
      const shops = yield* openThree(shop)
      const [item] = yield* stock(shop, 40)
      if (item === undefined) return assert.fail()
      const orders = yield* Effect.forEach(times(20), () => buy(shop, item))
      const given = orders.map(({ id }, n) => shops[n % 3]?.orders.expire(id) ?? Effect.void)
      const sold = times(20).map((n) => buy(shops[n % 3] ?? shop, item))
      const adjusted = times(12).map((n) =>
        (shops[n % 3] ?? shop).catalog.adjustStock({ productId: item.id, delta: n % 2 === 0 ? 3 : -2 })
      )
      yield* unlocked(howMany([...given, ...sold, ...adjusted]))
    })
  )
})
