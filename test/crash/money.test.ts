/** A process that is killed at each step of a capture, a void, a refund and a cancellation with a refund. */
import { assert, describe } from "@effect/vitest"
import { Deferred, Effect } from "effect"
import { served, till } from "../outage/Till.ts"
import { runFixture } from "../race/Processes.ts"
import { buy, hold, isRight, openShop, product, race, type TestShop, untilWaiting } from "../race/support.ts"

const kinds = ["capture", "void", "refund", "cancel"] as const
type Kind = (typeof kinds)[number]

/** What the bank has in the end, and the status of the order. */
const ends = {
  capture: { account: { held: 0, captured: 1000, refunded: 0 }, status: "PAID" },
  void: { account: { held: 0, captured: 0, refunded: 0 }, status: "CREATED" },
  refund: { account: { held: 0, captured: 1000, refunded: 600 }, status: "PAID" },
  cancel: { account: { held: 0, captured: 1000, refunded: 1000 }, status: "CANCELLED" }
} as const satisfies Record<Kind, unknown>

/** Steps at which the process stops by itself, and whether the operation is stored by then. */
const steps = [
  { step: "before the row", isStored: false },
  { step: "after the row", isStored: true },
  { step: "before the gateway", isStored: true },
  { step: "after the gateway", isStored: true },
  { step: "before the outcome", isStored: true },
  { step: "after the outcome", isStored: true }
] as const

const given = Effect.fnUntraced(function* (shop: TestShop, kind: Kind) {
  const own = till()
  const settings = {
    gateway: own.gateway,
    gatewayTimeout: "1 second",
    payments: { capture: kind === "capture" || kind === "void" ? "later" : "now" }
  } as const
  const customer = yield* openShop(shop.url, settings)
  const { id: orderId } = yield* buy(shop, yield* product(shop, 5))
  const { id: paymentId } = yield* customer.payments.pay({ orderId, paymentMethod: "a card" })
  const start = (stopsAt: string) =>
    Effect.flatMap(served(own), (bank) => runFixture("move-money.ts", shop.url, kind, orderId, bank, stopsAt))
  const again = { amount: { amount: 600, currency: "EUR" } }
  const call = Effect.suspend((): Effect.Effect<unknown, unknown> => {
    switch (kind) {
      case "capture":
        return customer.payments.capture(orderId)
      case "void":
        return customer.payments.void(orderId)
      case "refund":
        return customer.payments.refund(orderId, again)
      case "cancel":
        return customer.orders.cancel(orderId, { refund: true })
    }
  })

  /** Two servers recover at once, after the lease of the killed process has ended. Then the money has moved once, or can be moved. */
  const recovers = Effect.fnUntraced(function* (isStored: boolean) {
    yield* shop.sql`UPDATE commerce.payment_operations SET leased_until = now() WHERE leased_until IS NOT NULL`
    const servers = [yield* openShop(shop.url, settings), yield* openShop(shop.url, settings)]
    yield* Effect.forEach(servers, ({ payments }) => payments.recover, { concurrency: "unbounded" })
    if (!isStored) {
      assert.deepStrictEqual(own.moved(), [])
      assert.deepStrictEqual(yield* customer.payments.operations(orderId), [])
      yield* call
    }
    const operations = yield* customer.payments.operations(orderId)
    assert.deepStrictEqual(
      operations.map(({ id, kind, status, amount: { amount } }) => ({
        operationId: id,
        kind,
        status,
        amount
      })),
      own.moved().map((moved) => ({ ...moved, status: "APPROVED" as const }))
    )
    assert.lengthOf(operations, 1)
    assert.deepStrictEqual(own.account(paymentId), ends[kind].account)
    const { captured, refunded, pending } = yield* customer.payments.refundable(orderId)
    const { account, status } = ends[kind]
    assert.deepStrictEqual(
      [captured.amount, refunded.amount, pending.amount],
      [account.captured, account.refunded, 0]
    )
    assert.strictEqual((yield* customer.orders.get(orderId)).status, status)
    yield* isRight(shop)
  })
  return { own, orderId, start, recovers }
})

for (const kind of kinds) {
  describe(`a ${kind} whose process is killed`, () => {
    for (const { step, isStored } of steps) {
      race(`${step} moves the money once [P12]`, (shop) =>
        Effect.gen(function* () {
          const { start, recovers } = yield* given(shop, kind)
          const dying = yield* start(step)
          assert.strictEqual(yield* dying.nextLine, step)
          yield* dying.signal("SIGKILL")
          assert.strictEqual(yield* dying.end, "SIGKILL")
          yield* recovers(isStored)
        })
      )
    }

    race("while the bank has moved the money and not answered moves it once [P12]", (shop) =>
      Effect.gen(function* () {
        const { own, start, recovers } = yield* given(shop, kind)
        const moved = yield* Deferred.make<void>()
        own.does((answer) =>
          Effect.andThen(answer, Effect.andThen(Deferred.succeed(moved, undefined), Effect.never))
        )
        const dying = yield* start("")
        yield* Deferred.await(moved)
        yield* dying.signal("SIGKILL")
        yield* dying.end
        own.does((answer) => answer)
        yield* recovers(true)
        assert.strictEqual(own.asked(), 2)
      })
    )

    for (const step of ["row", "outcome"] as const) {
      race(`in the transaction of the ${step} moves the money once [P12]`, (shop) =>
        Effect.gen(function* () {
          const { own, orderId, start, recovers } = yield* given(shop, kind)
          const holding = hold(shop, "orders", { id: orderId })
          const asked = yield* Deferred.make<void>()
          const answered = yield* Deferred.make<void>()
          own.does((answer) =>
            Effect.andThen(
              Deferred.succeed(asked, undefined),
              Effect.andThen(Deferred.await(answered), answer)
            )
          )
          const isRow = step === "row"
          const early = isRow ? yield* holding : undefined
          const dying = yield* start("")
          if (!isRow) yield* Deferred.await(asked)
          const giveUp = early ?? (yield* holding)
          yield* Deferred.succeed(answered, undefined)
          yield* untilWaiting(shop)
          yield* dying.signal("SIGKILL")
          yield* dying.end
          yield* giveUp
          yield* recovers(!isRow)
        })
      )
    }
  })
}
