import { assert, describe } from "@effect/vitest"
import { type Duration, Effect } from "effect"
import { GatewayUnavailable } from "../../../src/ports/errors.ts"
import { buy, openShop, product, race, type TestShop } from "../../race/support.ts"
import { till } from "../Till.ts"

const kinds = ["capture", "void", "refund", "cancel"] as const
type Kind = (typeof kinds)[number]

/** An order of 10 euros, its bank, and what is to be done with its money. */
const given = Effect.fnUntraced(function* (shop: TestShop, kind: Kind, gatewayTimeout: Duration.Input) {
  const bank = till()
  const settings = {
    gateway: bank.gateway,
    gatewayTimeout,
    payments: { capture: kind === "capture" || kind === "void" ? "later" : "now" }
  } as const
  const { payments, orders } = yield* openShop(shop.url, settings)
  const { id: orderId } = yield* buy(shop, yield* product(shop, 5))
  const { id: paymentId } = yield* payments.pay({ orderId, paymentMethod: "a card" })
  const call = Effect.suspend((): Effect.Effect<unknown, unknown> => {
    switch (kind) {
      case "capture":
        return payments.capture(orderId)
      case "void":
        return payments.void(orderId)
      case "refund":
        return payments.refund(orderId)
      case "cancel":
        return orders.cancel(orderId, { refund: true })
    }
  })
  const back = kind === "refund" || kind === "cancel"
  // Nothing is due of an order that is paid: a refund of it names its amount.
  const refund = payments.refund(orderId, { amount: { amount: 1000, currency: "EUR" } })
  const moves = { held: 0, captured: kind === "void" ? 0 : 1000, refunded: back ? 1000 : 0 }
  return {
    bank,
    payments,
    orderId,
    paymentId,
    call: kind === "refund" ? Effect.asVoid(refund) : Effect.asVoid(call),
    statuses: Effect.map(payments.operations(orderId), (all) => all.map(({ status }) => status)),
    recover: Effect.andThen(Effect.sleep("150 millis"), payments.recover),
    movedOnce: Effect.sync(() => {
      assert.deepStrictEqual(bank.account(paymentId), moves)
      assert.lengthOf(bank.moved(), 1)
    })
  }
})

for (const kind of kinds) {
  describe(`the gateway of a ${kind}`, () => {
    const lost = new GatewayUnavailable({ cause: new Error("lost") })
    const failures = {
      "that is down": () => lost,
      "that moves the money and loses its answer": (answer: Effect.Effect<unknown>) =>
        Effect.andThen(answer, lost),
      "that hangs": () => Effect.never,
      "that moves the money and hangs": (answer: Effect.Effect<unknown>) =>
        Effect.andThen(answer, Effect.never),
      "that cannot even be interrupted": () => Effect.uninterruptible(Effect.never),
      "that has a bug": () => Effect.die(new Error("a bug")),
      "that moves the money and has a bug": (answer: Effect.Effect<unknown>) =>
        Effect.andThen(answer, Effect.die(new Error("a bug")))
    }
    for (const [name, failure] of Object.entries(failures)) {
      race(`${name} moves the money once, by the next recovery [P12]`, (shop) =>
        Effect.gen(function* () {
          const { bank, call, statuses, recover, movedOnce } = yield* given(shop, kind, "50 millis")
          bank.does((answer) => failure(Effect.orDie(answer)))
          yield* call
          assert.deepStrictEqual(yield* statuses, ["PENDING"])
          yield* recover
          assert.deepStrictEqual(yield* statuses, ["PENDING"])
          bank.does((answer) => answer)
          yield* recover
          assert.deepStrictEqual(yield* statuses, ["APPROVED"])
          yield* movedOnce
        })
      )
    }

    race("that calls back before it answers, and again, moves the money once [P12]", (shop) =>
      Effect.gen(function* () {
        const { bank, payments, orderId, call, statuses, recover, movedOnce } = yield* given(
          shop,
          kind,
          "10 seconds"
        )
        bank.does((answer, { operationId }) =>
          Effect.tap(answer, (outcome) =>
            Effect.orDie(payments.recordOutcome({ paymentId: operationId, outcome }))
          )
        )
        yield* call
        const [operation] = yield* payments.operations(orderId)
        const before = yield* shop.orders.history(orderId)
        yield* payments.recordOutcome({ paymentId: operation?.id ?? "", outcome: "APPROVED" })
        yield* recover
        assert.deepStrictEqual(yield* statuses, ["APPROVED"])
        assert.deepStrictEqual(yield* shop.orders.history(orderId), before)
        yield* movedOnce
      })
    )

    race(
      "that contradicts itself is taken at its first word, but for a refund that has failed later",
      (shop) =>
        Effect.gen(function* () {
          const { bank, payments, orderId, paymentId, call, statuses } = yield* given(
            shop,
            kind,
            "10 seconds"
          )
          yield* call
          const [operation] = yield* payments.operations(orderId)
          const said = { paymentId: operation?.id ?? "" }
          yield* payments.recordOutcome({ ...said, outcome: "CANCELLED" })
          assert.deepStrictEqual(yield* statuses, ["APPROVED"])
          for (const _ of [1, 2]) yield* payments.recordOutcome({ ...said, outcome: "DECLINED" })
          const comesBack = kind === "refund" || kind === "cancel"
          assert.deepStrictEqual(yield* statuses, [comesBack ? "DECLINED" : "APPROVED"])
          yield* payments.recordOutcome({ ...said, outcome: "APPROVED" })
          const { captured, refunded } = yield* payments.refundable(orderId)
          assert.deepStrictEqual([captured.amount, refunded.amount], [bank.account(paymentId).captured, 0])
          const events = (yield* shop.orders.history(orderId)).map(({ event }) => event)
          assert.lengthOf(
            events.filter((event) => event === "refund-failed"),
            comesBack ? 1 : 0
          )
        })
    )
  })
}
