import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import * as SimulatedPayments from "../../../src/adapters/simulated-payments.ts"
import {
  answers,
  atOnce,
  buy,
  endingOf,
  endings,
  openShop,
  race,
  stock,
  tally,
  times,
  unitsOf
} from "../support.ts"

describe("expiring at once", () => {
  const slowly = SimulatedPayments.layer({ delay: "3 millis" })

  race(
    "an order that is paid and expired at the same instant is paid or expired, and never both: 200 tries [O3]",
    (shop) =>
      Effect.gen(function* () {
        const other = yield* openShop(shop.url, { gateway: slowly })
        const products = yield* stock(shop, ...times(200).map(() => 1))
        const seen = { paid: 0, expired: 0 }
        const attempt = Effect.fnUntraced(function* (item: { readonly id: string }, n: number) {
          const { id: orderId } = yield* buy(shop, item)
          const pay = other.payments.pay({ orderId, paymentMethod: "sim_approve" })
          const expire = Effect.delay(shop.orders.expire(orderId), `${n % 20} millis`)
          const again = Effect.delay(expire, "2 millis")
          const said = yield* atOnce<unknown, { readonly _tag: string }, never>(
            n % 2 === 0 ? [pay, expire, again] : [expire, again, pay]
          )
          const found = yield* endingOf(shop, orderId, item)
          assert.deepStrictEqual(found, found.status === "PAID" ? endings.paid : endings.expired)
          assert.strictEqual(tally(said).done, 1)
          seen[found.status === "PAID" ? "paid" : "expired"] += 1
        })
        yield* Effect.forEach(products, attempt, { concurrency: 4 })
        assert.isAbove(Math.min(seen.paid, seen.expired), 5, JSON.stringify(seen))
      }),
    { gateway: slowly }
  )

  race("sweeps expire unpaid orders, never one with a pending payment, each order once [O3]", (shop) =>
    Effect.gen(function* () {
      const other = yield* openShop(shop.url)
      const [left, ...products] = yield* stock(shop, 150, ...times(60).map(() => 1))
      assert.isDefined(left)
      yield* atOnce(times(150).map(() => buy(shop, left)))
      const orders = yield* Effect.forEach(products, (item) => buy(shop, item))
      const pending = orders.slice(0, 10)
      for (const { id: orderId } of pending) {
        yield* shop.payments.pay({ orderId, paymentMethod: "sim_timeout" })
      }
      yield* Effect.sleep("5 millis")
      const [sweeps, payments] = yield* Effect.all(
        [
          atOnce(times(6).map((n) => (n % 2 === 0 ? shop : other).orders.expireUnpaid("0 millis"))),
          atOnce(
            orders
              .slice(10)
              .map(({ id: orderId }) => other.payments.pay({ orderId, paymentMethod: "sim_approve" }))
          )
        ],
        { concurrency: "unbounded" }
      )
      const { done = 0, OrderNotPayable: late = 0 } = tally(payments)
      assert.strictEqual(done + late, 50)
      assert.strictEqual(
        answers(sweeps).reduce((sum, count) => sum + count, 0),
        150 + late
      )
      assert.strictEqual(yield* unitsOf(shop, left), 150)
      for (const [n, item] of products.entries()) {
        const found = yield* endingOf(shop, (orders[n] ?? assert.fail()).id, item)
        if (n < 10)
          assert.deepStrictEqual([found.status, found.payments, found.stock], ["CREATED", ["PENDING"], 0])
        else assert.deepStrictEqual(found, found.status === "PAID" ? endings.paid : endings.expired)
      }
    })
  )
})
