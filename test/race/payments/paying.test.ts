import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import {
  answers,
  atOnce,
  buy,
  endingOf,
  endings,
  gatewayThat,
  openShop,
  product,
  race,
  stock,
  tally,
  times
} from "../support.ts"

const refusedPayment = ["PaymentInProgress", "OrderNotPayable"]

describe("paying at once", () => {
  race("of an approval and a decline of the same order at once, one wins: 200 tries [P2]", (shop) =>
    Effect.gen(function* () {
      const other = yield* openShop(shop.url)
      const products = yield* stock(shop, ...times(200).map(() => 1))
      const attempt = Effect.fnUntraced(function* (item: { readonly id: string }, n: number) {
        const { id: orderId } = yield* buy(shop, item)
        const [first, second] = n % 2 === 0 ? [shop, other] : [other, shop]
        const said = yield* atOnce([
          first.payments.pay({ orderId, paymentMethod: "sim_approve" }),
          second.payments.pay({ orderId, paymentMethod: "sim_decline" })
        ])
        const [winner, ...others] = answers(said)
        assert.lengthOf(others, 0)
        assert.include(
          refusedPayment,
          Object.keys(tally(said)).find((what) => what !== "done")
        )
        const found = yield* endingOf(shop, orderId, item)
        assert.deepStrictEqual(found, winner?.status === "APPROVED" ? endings.paid : endings.declined)
      })
      yield* Effect.forEach(products, attempt, { concurrency: 4 })
    })
  )

  race(
    "of an approval and a decline of the same payment at once, the order follows the first, and a late charge is due back: 200 tries [P2]",
    (shop) =>
      Effect.gen(function* () {
        const other = yield* openShop(shop.url)
        const products = yield* stock(shop, ...times(200).map(() => 1))
        const attempt = Effect.fnUntraced(function* (item: { readonly id: string }, n: number) {
          const { id: orderId } = yield* buy(shop, item)
          const { id: paymentId, status } = yield* shop.payments.pay({
            orderId,
            paymentMethod: "sim_timeout"
          })
          assert.strictEqual(status, "PENDING")
          const [first, second] = n % 2 === 0 ? [shop, other] : [other, shop]
          const said = yield* atOnce([
            first.payments.recordOutcome({ paymentId, outcome: "APPROVED" }),
            second.payments.recordOutcome({ paymentId, outcome: "DECLINED" })
          ])
          const found = yield* endingOf(shop, orderId, item)
          const { due, captured } = yield* shop.payments.refundable(orderId)
          // Whoever comes first: the money was taken, and the books have it.
          assert.strictEqual(captured.amount, 1000)
          if (found.status === "PAID") {
            assert.deepStrictEqual(tally(said), { done: 1, PaymentSettled: 1 })
            assert.deepStrictEqual(found, endings.paid)
            assert.strictEqual(due.amount, 0)
          } else {
            assert.deepStrictEqual(tally(said), { done: 2 })
            assert.deepStrictEqual(found, endings.chargedLate)
            assert.strictEqual(due.amount, 1000)
          }
        })
        yield* Effect.forEach(products, attempt, { concurrency: 4 })
      })
  )

  race("an order that is paid twice at once is charged once [P1]", (shop) => {
    let charges = 0
    const gateway = gatewayThat(() =>
      Effect.delay(
        Effect.sync(() => {
          charges += 1
          return "APPROVED"
        }),
        "20 millis"
      )
    )
    return Effect.gen(function* () {
      const shops = [yield* openShop(shop.url, { gateway }), yield* openShop(shop.url, { gateway })] as const
      const item = yield* product(shop, 1)
      const { id: orderId } = yield* buy(shop, item)
      const said = yield* atOnce(
        times(20).flatMap(() => shops.map(({ payments }) => payments.pay({ orderId, paymentMethod: "card" })))
      )
      const { done, PaymentInProgress = 0, OrderNotPayable = 0 } = tally(said)
      assert.deepStrictEqual([done, PaymentInProgress + OrderNotPayable], [1, 39])
      assert.strictEqual(charges, 1)
      assert.deepStrictEqual(yield* endingOf(shop, orderId, item), endings.paid)
    })
  })

  race(
    "an order that is paid twice at once with one key is charged once, and both get the same payment",
    (shop) => {
      const charged: Array<string> = []
      const gateway = gatewayThat(({ paymentId }) =>
        Effect.delay(
          Effect.sync(() => {
            charged.push(paymentId)
            return "APPROVED"
          }),
          "20 millis"
        )
      )
      return Effect.gen(function* () {
        const shops = [
          yield* openShop(shop.url, { gateway }),
          yield* openShop(shop.url, { gateway })
        ] as const
        const item = yield* product(shop, 1)
        const { id: orderId } = yield* buy(shop, item)
        const pay = { orderId, paymentMethod: "card" }
        const once = { idempotencyKey: "once" }
        const said = answers(
          yield* atOnce(times(20).flatMap(() => shops.map(({ payments }) => payments.payOrReplay(pay, once))))
        )
        assert.lengthOf(said, 40)
        assert.lengthOf(charged, 1)
        assert.deepStrictEqual(
          [...new Set(said.map(({ value }) => value.id))],
          charged.map((id) => id)
        )
        assert.lengthOf(
          said.filter(({ replayed }) => !replayed),
          1
        )
        assert.deepStrictEqual(yield* endingOf(shop, orderId, item), endings.paid)
        const { replayed, value } = yield* shops[0].payments.payOrReplay(pay, once)
        assert.deepStrictEqual([replayed, value.status, value.orderStatus], [true, "APPROVED", "PAID"])
      })
    }
  )

  race("an order that is shipped ten times at once is shipped once [O1]", (shop) =>
    Effect.gen(function* () {
      const other = yield* openShop(shop.url)
      const products = yield* stock(shop, ...times(30).map(() => 1))
      const attempt = Effect.fnUntraced(function* (item: { readonly id: string }) {
        const { id } = yield* buy(shop, item)
        yield* shop.payments.pay({ orderId: id, paymentMethod: "sim_approve" })
        const shipped = yield* atOnce(times(10).map((n) => (n % 2 === 0 ? shop : other).orders.ship(id)))
        assert.deepStrictEqual(tally(shipped), { done: 1, IllegalTransition: 9 })
        const completed = yield* atOnce(times(4).map((n) => (n % 2 === 0 ? shop : other).orders.complete(id)))
        assert.deepStrictEqual(tally(completed), { done: 1, IllegalTransition: 3 })
        assert.deepStrictEqual(yield* endingOf(shop, id, item), {
          status: "COMPLETED",
          payments: ["APPROVED"],
          steps: ["placed", "paid", "shipped", "completed"],
          stock: 0
        })
      })
      yield* Effect.forEach(products, attempt, { concurrency: 2 })
    })
  )

  race("an approval that comes late does not count beside another payment of the order", (shop) =>
    Effect.gen(function* () {
      const [item = assert.fail()] = yield* stock(shop, 1)
      const { id: orderId } = yield* buy(shop, item)
      const { id: paymentId } = yield* shop.payments.pay({ orderId, paymentMethod: "sim_cancel" })
      yield* shop.payments.pay({ orderId, paymentMethod: "sim_approve" })
      const late = yield* Effect.flip(shop.payments.recordOutcome({ paymentId, outcome: "APPROVED" }))
      assert.strictEqual(late._tag, "PaymentSettled")
      assert.strictEqual((yield* shop.payments.refundable(orderId)).due.amount, 0)
    })
  )
})
