/** Captures, voids, refunds and cancellations of one order at once, on two servers. */
import { assert, describe } from "@effect/vitest"
import { Effect, type Scope } from "effect"
import { type Till, till } from "../../outage/Till.ts"
import { atOnce, buy, isRight, openShop, race, stock, type TestShop, tally, times } from "../support.ts"

const euros = (amount: number) => ({ amount, currency: "EUR" })

interface Bought {
  readonly orderId: string
  readonly paymentId: string
  readonly account: () => ReturnType<Till["account"]>
}

/** Plays 60 rounds, each with an order of 10 euros of its own, and two servers that begin in turn. */
const rounds = (
  name: string,
  capture: "now" | "later",
  round: (
    servers: readonly [TestShop, TestShop],
    bought: Bought
  ) => Effect.Effect<unknown, unknown, Scope.Scope>
) =>
  race(name, (shop) =>
    Effect.gen(function* () {
      const bank = till()
      const settings = { gateway: bank.gateway, payments: { capture } }
      const [one, two] = [yield* openShop(shop.url, settings), yield* openShop(shop.url, settings)]
      const products = yield* stock(shop, ...times(60).map(() => 1))
      yield* Effect.forEach(
        products,
        Effect.fnUntraced(function* (item, n) {
          const { id: orderId } = yield* buy(shop, item)
          const { id: paymentId } = yield* one.payments.pay({ orderId, paymentMethod: "a card" })
          const account = () => bank.account(paymentId)
          yield* round(n % 2 === 0 ? [one, two] : [two, one], { orderId, paymentId, account })
          const { captured, refunded, pending } = yield* shop.payments.refundable(orderId)
          assert.deepStrictEqual(
            [captured.amount, refunded.amount, pending.amount],
            [account().captured, account().refunded, 0]
          )
        }),
        { concurrency: 4 }
      )
      yield* isRight(shop)
    })
  )

describe("money that moves at once", () => {
  rounds(
    "of two refunds of more than there is one is refused [P9]",
    "now",
    ([one, two], { orderId, account }) =>
      Effect.gen(function* () {
        const said = yield* atOnce([
          one.payments.refund(orderId, { amount: euros(600) }),
          two.payments.refund(orderId, { amount: euros(600) })
        ])
        assert.deepStrictEqual(tally(said), { done: 1, RefundTooLarge: 1 })
        assert.strictEqual(account().refunded, 600)
      })
  )

  rounds(
    "of ten refunds as many succeed as there is money for [P9]",
    "now",
    ([one, two], { orderId, account }) =>
      Effect.gen(function* () {
        const said = yield* atOnce(
          times(10).map((n) => (n % 2 === 0 ? one : two).payments.refund(orderId, { amount: euros(300) }))
        )
        assert.deepStrictEqual(tally(said), { done: 3, RefundTooLarge: 7 })
        assert.strictEqual(account().refunded, 900)
      })
  )

  rounds("of a capture and a void one is refused [P10]", "later", ([one, two], { orderId, account }) =>
    Effect.gen(function* () {
      const said = yield* atOnce([one.payments.capture(orderId), two.payments.void(orderId)])
      assert.deepStrictEqual(tally(said), { done: 1, PaymentNotAuthorized: 1 })
      const isPaid = (yield* one.orders.get(orderId)).status === "PAID"
      assert.deepStrictEqual(account(), { held: 0, captured: isPaid ? 1000 : 0, refunded: 0 })
    })
  )

  rounds(
    "of two cancellations with a refund and a refund no cent is returned twice [P9]",
    "now",
    ([one, two], { orderId, account }) =>
      Effect.gen(function* () {
        const said = yield* atOnce<unknown, { readonly _tag: string }, never>([
          one.orders.cancel(orderId, { refund: true }),
          two.payments.refund(orderId, { amount: euros(600) }),
          two.orders.cancel(orderId, { refund: true })
        ])
        const { done = 0, ...refusals } = tally(said)
        assert.include([1, 2], done)
        assert.include(["IllegalTransition", "RefundTooLarge", "NothingToRefund"], Object.keys(refusals)[0])
        assert.deepStrictEqual(account(), { held: 0, captured: 1000, refunded: 1000 })
        assert.strictEqual((yield* one.orders.get(orderId)).status, "CANCELLED")
      })
  )

  rounds(
    "a cancellation of an order and its capture never leave goods unpaid or money forgotten [P10]",
    "later",
    ([one, two], { orderId, account }) =>
      Effect.gen(function* () {
        yield* atOnce<unknown, { readonly _tag: string }, never>([
          one.orders.cancel(orderId),
          two.payments.capture(orderId)
        ])
        const { status } = yield* one.orders.get(orderId)
        const { due } = yield* one.payments.refundable(orderId)
        const captured = account().captured
        assert.strictEqual(account().held, 0)
        if (status === "PAID") assert.strictEqual(captured, 1000)
        else {
          assert.strictEqual(status, "CANCELLED")
          assert.strictEqual(due.amount, captured)
        }
      })
  )

  rounds("a webhook and the answer of one refund are one refund", "now", ([one, two], { orderId, account }) =>
    Effect.gen(function* () {
      const { id } = yield* one.payments.refund(orderId, { amount: euros(400) })
      yield* atOnce(
        times(4).map((n) =>
          (n % 2 === 0 ? one : two).payments.recordOutcome({ paymentId: id, outcome: "APPROVED" })
        )
      )
      const events = (yield* one.orders.history(orderId)).map(({ event }) => event)
      assert.deepStrictEqual(events, ["placed", "paid", "refunded"])
      assert.strictEqual(account().refunded, 400)
    })
  )
})
