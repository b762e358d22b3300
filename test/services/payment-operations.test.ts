/** Captures, voids and refunds with a gateway that fails at each step: the money moves once, and the books agree. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Logger, References } from "effect"
import { TestClock } from "effect/testing"
import { layer as memory } from "../../src/adapters/memory/index.ts"
import * as SimulatedPayments from "../../src/adapters/simulated-payments.ts"
import type { Outcome } from "../../src/domain/payments/Payment.ts"
import {
  NothingToRefund,
  PaymentNotAuthorized,
  type PaymentOperation,
  RefundTooLarge
} from "../../src/domain/payments/PaymentOperation.ts"
import { IdempotencyKeyReused } from "../../src/domain/shared/Idempotency.ts"
import { InvalidInput } from "../../src/domain/shared/InvalidInput.ts"
import { GatewayUnavailable, StoreUnavailable } from "../../src/ports/errors.ts"
import { type GatewayOperation, PaymentGateway } from "../../src/ports/PaymentGateway.ts"
import { PaymentStore } from "../../src/ports/PaymentStore.ts"
import { Catalog } from "../../src/services/Catalog.ts"
import type { CommerceError } from "../../src/services/CommerceError.ts"
import { Orders } from "../../src/services/Orders.ts"
import { Payments } from "../../src/services/Payments.ts"
import { Verification } from "../../src/services/Verification.ts"
import type { PaymentsSettings } from "../../src/settings/PaymentsSettings.ts"
import { newProduct, orderOf } from "../support/host.ts"

/** How the first call of an operation goes wrong. */
type Failure = "nothing" | "before" | "after" | "hangs" | "bug"

/** A gateway that moves money at most once per operation, and whose first call fails. */
const bankThat = (failure: Failure, first: Outcome = "APPROVED") => {
  let outcome = first
  const moved = new Map<string, GatewayOperation>()
  const asked: Array<string> = []
  const gateway = Layer.succeed(
    PaymentGateway,
    PaymentGateway.of({
      accepts: (method) => method === "a card",
      charge: ({ paymentId, capture }) =>
        Effect.succeed({
          outcome: capture === "later" ? ("AUTHORIZED" as const) : ("APPROVED" as const),
          reference: `pi_${paymentId}`
        }),
      operate: (operation) =>
        Effect.suspend(() => {
          const isFirst = !asked.includes(operation.operationId)
          asked.push(operation.operationId)
          const unavailable = new GatewayUnavailable({ cause: new Error(failure) })
          if (isFirst && failure === "before") return unavailable
          if (isFirst && failure === "bug") return Effect.die(new Error("A bug"))
          moved.set(operation.operationId, operation)
          if (isFirst && failure === "after") return unavailable
          return isFirst && failure === "hangs"
            ? Effect.never
            : Effect.succeed({ outcome, reference: "re_1" })
        })
    })
  )
  const says = (next: Outcome) => {
    outcome = next
  }
  return { gateway, moved, asked, says }
}

/** A store that is lost when the first outcome of an operation is to be stored, as a killed process loses it. */
const lossy = Layer.effect(
  PaymentStore,
  Effect.map(PaymentStore, (store) => {
    let isLost = false
    return {
      ...store,
      settleOperation: (...call: Parameters<typeof store.settleOperation>) =>
        Effect.suspend(() => {
          if (isLost) return store.settleOperation(...call)
          isLost = true
          return new StoreUnavailable({ outcome: "notApplied", cause: new Error("killed") })
        })
    }
  })
)

const shopWith = (
  gateway: Layer.Layer<PaymentGateway>,
  settings: PaymentsSettings = {},
  store: Layer.Layer<PaymentStore, never, PaymentStore> = Layer.effect(PaymentStore, PaymentStore)
) =>
  Layer.mergeAll(
    Catalog.layer,
    Layer.provideMerge(Orders.layer, Payments.layer(settings)),
    Verification.layer
  ).pipe(Layer.provide([gateway, store]), Layer.provide(memory))

const quiet = Effect.provideService(References.MinimumLogLevel, "None")

/** A payment with a card, of an order of two units. */
const bought = Effect.gen(function* () {
  const product = yield* newProduct(10)
  const order = yield* (yield* Orders).place(orderOf(product.id, 2))
  const payment = yield* (yield* Payments).pay({ orderId: order.id, paymentMethod: "a card" })
  return { orderId: order.id, payment, total: order.total }
})

const isSound = Effect.gen(function* () {
  const { violations } = yield* (yield* Verification).verify()
  assert.deepStrictEqual(violations, [])
})

const kinds = ["capture", "void", "refund"] as const
const orderStatus = { capture: "PAID", void: "CREATED", refund: "PAID" } as const

describe("an operation whose gateway", () => {
  const failures = ["nothing", "before", "after", "hangs", "bug"] as const
  const cases = kinds.flatMap((kind) => failures.map((failure) => ({ kind, failure })))

  it.effect.each(cases)("fails ($failure) at a $kind moves the money once [P12]", ({ kind, failure }) => {
    const bank = bankThat(failure)
    const settings: PaymentsSettings = { capture: kind === "refund" ? "now" : "later" }
    return Effect.gen(function* () {
      const payments = yield* Payments
      const { orderId, payment, total } = yield* bought
      const call: Effect.Effect<PaymentOperation, CommerceError> =
        kind === "refund"
          ? payments.refund(orderId, { amount: { amount: 1000, currency: "EUR" } })
          : payments[kind](orderId)
      const asking = yield* Effect.forkChild(call)
      yield* TestClock.adjust("11 seconds")
      const operation = yield* Fiber.join(asking)
      assert.strictEqual(operation.status, failure === "nothing" ? "APPROVED" : "PENDING")
      yield* isSound
      yield* payments.recover
      assert.lengthOf(bank.asked, 1, "nobody else asks while the first call may still be answered")
      yield* TestClock.adjust("10 seconds")
      yield* payments.recover
      yield* payments.recover
      assert.lengthOf(bank.asked, failure === "nothing" ? 1 : 2)
      const expected = kind === "refund" ? 1000 : total.amount
      assert.deepStrictEqual(
        [...bank.moved.values()].map(({ kind, amount, reference }) => ({
          kind,
          amount: amount.amount,
          reference
        })),
        [{ kind, amount: expected, reference: payment.reference }]
      )
      const [settled] = yield* payments.operations(orderId)
      assert.deepStrictEqual([settled?.status, settled?.reference], ["APPROVED", "re_1"])
      assert.strictEqual((yield* (yield* Orders).get(orderId)).status, orderStatus[kind])
      const { captured, refunded, pending } = yield* payments.refundable(orderId)
      assert.deepStrictEqual(
        [captured.amount, refunded.amount, pending.amount],
        [kind === "void" ? 0 : total.amount, kind === "refund" ? 1000 : 0, 0]
      )
      yield* isSound
    }).pipe(Effect.provide(shopWith(bank.gateway, settings)), quiet)
  })

  it.effect.each(kinds)("has moved the money when the process is killed: %s [P12]", (kind) => {
    const bank = bankThat("nothing")
    const settings: PaymentsSettings = { capture: kind === "refund" ? "now" : "later" }
    return Effect.gen(function* () {
      const payments = yield* Payments
      const { orderId } = yield* bought
      const amount = { amount: 1000, currency: "EUR" }
      const call: Effect.Effect<PaymentOperation, CommerceError> =
        kind === "refund" ? payments.refund(orderId, { amount }) : payments[kind](orderId)
      const killed = yield* Effect.flip(call)
      assert.deepInclude(killed, { _tag: "StoreUnavailable", outcome: "unknown" })
      yield* TestClock.adjust("21 seconds")
      yield* payments.recover
      assert.strictEqual(bank.moved.size, 1)
      assert.lengthOf(bank.asked, 2)
      assert.strictEqual((yield* payments.operations(orderId))[0]?.status, "APPROVED")
      yield* isSound
    }).pipe(Effect.provide(shopWith(bank.gateway, settings, lossy)), quiet)
  })

  it.effect("has not answered for 20 hours is not asked again, until someone says what became of it", () => {
    const bank = bankThat("before")
    return Effect.gen(function* () {
      const payments = yield* Payments
      const { orderId } = yield* bought
      const { id } = yield* payments.refund(orderId, { amount: { amount: 1, currency: "EUR" } })
      const { verify } = yield* Verification
      yield* TestClock.adjust("20 hours")
      assert.deepStrictEqual((yield* verify()).violations, [])
      yield* TestClock.adjust("1 hour")
      yield* payments.recover
      assert.lengthOf(bank.asked, 1)
      assert.strictEqual((yield* payments.refundable(orderId)).pending.amount, 1)
      assert.deepStrictEqual(
        (yield* verify()).violations.map(({ invariant, id }) => [invariant, id]),
        [["outcome", id]]
      )
      const payment = yield* payments.recordOutcome({ paymentId: id, outcome: "APPROVED", reference: "re_9" })
      assert.strictEqual(payment.refunded?.amount, 1)
      assert.deepInclude((yield* payments.operations(orderId))[0], { status: "APPROVED", reference: "re_9" })
      yield* payments.recordOutcome({ paymentId: id, outcome: "DECLINED" })
      yield* payments.recordOutcome({ paymentId: id, outcome: "DECLINED" })
      assert.strictEqual((yield* payments.refundable(orderId)).refunded.amount, 0)
      assert.instanceOf(
        yield* Effect.flip(payments.recordOutcome({ paymentId: id, outcome: "AUTHORIZED" })),
        InvalidInput
      )
      yield* isSound
    }).pipe(Effect.provide(shopWith(bank.gateway)), quiet)
  })
})

describe("a charge whose gateway has not answered for 20 hours", () => {
  it.effect("is not asked for again, and is listed, until someone says what became of it", () => {
    let asked = 0
    const gateway = Layer.succeed(
      PaymentGateway,
      PaymentGateway.of({
        accepts: () => true,
        charge: () =>
          Effect.suspend(() => {
            asked += 1
            return new GatewayUnavailable({ cause: new Error("down") })
          })
      })
    )
    return Effect.gen(function* () {
      const payments = yield* Payments
      const { payment } = yield* bought
      yield* TestClock.adjust("20 hours")
      yield* payments.recover
      assert.strictEqual(asked, 2)
      yield* isSound
      yield* TestClock.adjust("1 second")
      yield* payments.recover
      assert.strictEqual(asked, 2)
      const { violations } = yield* (yield* Verification).verify()
      assert.deepStrictEqual(
        violations.map(({ invariant, id }) => [invariant, id]),
        [["outcome", payment.id]]
      )
      yield* payments.recordOutcome({ paymentId: payment.id, outcome: "CANCELLED" })
      yield* isSound
    }).pipe(Effect.provide(shopWith(gateway)), quiet)
  })
})

describe("an order that is cancelled", () => {
  it.effect.each(["nothing", "before", "after", "hangs", "bug"] as const)(
    "with a refund is refunded at once, or later if the gateway fails: %s",
    (failure) => {
      const bank = bankThat(failure)
      return Effect.gen(function* () {
        const payments = yield* Payments
        const { orderId, total } = yield* bought
        const cancelling = yield* Effect.forkChild((yield* Orders).cancel(orderId, { refund: true }))
        yield* TestClock.adjust("11 seconds")
        assert.strictEqual((yield* Fiber.join(cancelling)).status, "CANCELLED")
        const money = failure === "nothing" ? { refunded: total } : { pending: total }
        assert.deepInclude(yield* payments.refundable(orderId), { ...money, due: { ...total, amount: 0 } })
        yield* payments.recover
        assert.lengthOf(bank.asked, 1, "nobody else asks while the first call may still be answered")
        yield* TestClock.adjust("10 seconds")
        yield* payments.recover
        assert.deepInclude(yield* payments.refundable(orderId), { refunded: total })
        assert.strictEqual(bank.moved.size, 1)
        yield* isSound
      }).pipe(Effect.provide(shopWith(bank.gateway)), quiet)
    }
  )

  it.effect("with a refund asks the gateway once per key, and not at all if nothing is due", () => {
    const bank = bankThat("nothing")
    return Effect.gen(function* () {
      const orders = yield* Orders
      const { orderId } = yield* bought
      const once = { refund: true, idempotencyKey: "once" }
      yield* orders.cancel(orderId, once)
      yield* orders.cancel(orderId, once)
      assert.lengthOf(bank.asked, 1)
      const product = yield* newProduct(10)
      const { id } = yield* orders.place(orderOf(product.id, 1))
      yield* orders.cancel(id, { refund: true })
      assert.lengthOf(bank.asked, 1)
    }).pipe(Effect.provide(shopWith(bank.gateway)), quiet)
  })

  it.effect("is asked for by the maintenance if its caller goes away, and is not cancelled twice", () => {
    const bank = bankThat("hangs")
    return Effect.gen(function* () {
      const [orders, payments] = [yield* Orders, yield* Payments]
      const { orderId, total } = yield* bought
      const cancelling = yield* Effect.forkChild(orders.cancel(orderId, { refund: true }))
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(cancelling)
      assert.deepInclude(yield* payments.refundable(orderId), { pending: total })
      yield* TestClock.adjust("21 seconds")
      yield* payments.recover
      assert.deepInclude(yield* payments.refundable(orderId), { refunded: total })
      assert.strictEqual(bank.moved.size, 1)
    }).pipe(Effect.provide(shopWith(bank.gateway)), quiet)
  })

  it.effect(
    "voids its authorization again if the gateway did not, with a pause, until it is refused for good",
    () => {
      const bank = bankThat("nothing", "CANCELLED")
      return Effect.gen(function* () {
        const payments = yield* Payments
        const { orderId } = yield* bought
        yield* (yield* Orders).cancel(orderId)
        assert.lengthOf(bank.asked, 1)
        yield* TestClock.adjust("10 minutes")
        yield* payments.recover
        assert.lengthOf(bank.asked, 1)
        yield* TestClock.adjust("1 second")
        yield* payments.recover
        yield* payments.recover
        assert.lengthOf(bank.asked, 2)
        assert.deepStrictEqual(
          (yield* payments.operations(orderId)).map(({ kind, status }) => [kind, status]),
          [
            ["void", "CANCELLED"],
            ["void", "CANCELLED"]
          ]
        )
        bank.says("DECLINED")
        yield* TestClock.adjust("11 minutes")
        yield* payments.recover
        yield* TestClock.adjust("11 minutes")
        yield* payments.recover
        assert.lengthOf(bank.asked, 3)
        const { violations } = yield* (yield* Verification).verify()
        assert.deepStrictEqual(
          violations.map(({ invariant, id }) => [invariant, id]),
          [["payment", orderId]]
        )
      }).pipe(Effect.provide(shopWith(bank.gateway, { capture: "later" })), quiet)
    }
  )

  it.effect("while its amount is held releases it, and it cannot be captured any more", () => {
    const bank = bankThat("nothing")
    return Effect.gen(function* () {
      const payments = yield* Payments
      const { orderId, payment } = yield* bought
      assert.strictEqual(payment.status, "AUTHORIZED")
      yield* (yield* Orders).cancel(orderId)
      assert.deepStrictEqual(
        yield* Effect.flip(payments.capture(orderId)),
        new PaymentNotAuthorized({ orderId })
      )
      assert.deepStrictEqual(
        [...bank.moved.values()].map(({ kind }) => kind),
        ["void"]
      )
      assert.deepStrictEqual(
        (yield* payments.list(orderId)).map(({ status }) => status),
        ["CANCELLED"]
      )
      yield* isSound
    }).pipe(Effect.provide(shopWith(bank.gateway, { capture: "later" })), quiet)
  })
})

describe("an authorization that is not captured", () => {
  it.effect("is voided once it is old enough, and its order can be paid again", () => {
    const bank = bankThat("nothing")
    return Effect.gen(function* () {
      const payments = yield* Payments
      const { orderId } = yield* bought
      yield* TestClock.adjust("5 days")
      const later = yield* bought
      assert.strictEqual(yield* payments.voidAuthorizations("6 days"), 0)
      yield* TestClock.adjust("2 days")
      assert.strictEqual(yield* payments.voidAuthorizations("6 days"), 1)
      assert.strictEqual(yield* payments.voidAuthorizations("6 days"), 0)
      assert.lengthOf(bank.asked, 1)
      const statusOf = (id: string) => Effect.map(payments.list(id), ([payment]) => payment?.status)
      assert.deepStrictEqual(
        [yield* statusOf(orderId), yield* statusOf(later.orderId)],
        ["CANCELLED", "AUTHORIZED"]
      )
      const again = yield* payments.pay({ orderId, paymentMethod: "a card" })
      assert.strictEqual(again.status, "AUTHORIZED")
      yield* isSound
    }).pipe(Effect.provide(shopWith(bank.gateway, { capture: "later" })), quiet)
  })

  it.effect("is not voided once its capture was asked for", () => {
    const bank = bankThat("hangs")
    return Effect.gen(function* () {
      const payments = yield* Payments
      const { orderId } = yield* bought
      const capturing = yield* Effect.forkChild(payments.capture(orderId))
      yield* TestClock.adjust("11 seconds")
      yield* Fiber.join(capturing)
      assert.strictEqual(yield* payments.voidAuthorizations("1 second"), 0)
    }).pipe(Effect.provide(shopWith(bank.gateway, { capture: "later" })), quiet)
  })
})

describe("a gateway that can only charge", () => {
  const gateway = Layer.succeed(
    PaymentGateway,
    PaymentGateway.of({ accepts: () => true, charge: () => Effect.succeed("APPROVED" as const) })
  )

  it.effect("refuses operations before anything is stored", () =>
    Effect.gen(function* () {
      const payments = yield* Payments
      const { orderId, total } = yield* bought
      const calls: ReadonlyArray<Effect.Effect<PaymentOperation, CommerceError>> = [
        payments.capture(orderId),
        payments.void(orderId),
        payments.refund(orderId)
      ]
      for (const call of calls) assert.instanceOf(yield* Effect.flip(call), InvalidInput)
      assert.instanceOf(yield* Effect.flip((yield* Orders).cancel(orderId, { refund: true })), InvalidInput)
      assert.strictEqual((yield* (yield* Orders).get(orderId)).status, "PAID")
      assert.deepStrictEqual(yield* payments.operations(orderId), [])
      const refund = { orderId, kind: "refund", amount: total } as const
      assert.strictEqual((yield* payments.recordOperation(refund)).status, "APPROVED")
      assert.deepStrictEqual(
        yield* Effect.flip(payments.recordOperation(refund)),
        new NothingToRefund({ orderId })
      )
    }).pipe(Effect.provide(shopWith(gateway)), quiet)
  )

  it.effect("cannot serve a shop that captures later", () =>
    Effect.gen(function* () {
      const built = yield* Effect.exit(Effect.provide(Effect.void, shopWith(gateway, { capture: "later" })))
      assert.strictEqual(built._tag, "Failure")
    })
  )
})

describe("a gateway", () => {
  it.effect("is not asked to refund what the host has charged by other means, not even later", () => {
    const bank = bankThat("nothing")
    return Effect.gen(function* () {
      const payments = yield* Payments
      const product = yield* newProduct(10)
      const { id: orderId } = yield* (yield* Orders).place(orderOf(product.id, 2))
      yield* payments.record({ orderId, paymentMethod: "bank transfer", outcome: "APPROVED" })
      yield* (yield* Orders).cancel(orderId, { refund: true })
      yield* TestClock.adjust("1 hour")
      yield* payments.recover
      assert.deepStrictEqual(bank.asked, [])
      const [refund] = yield* payments.operations(orderId)
      assert.deepStrictEqual([refund?.kind, refund?.status], ["refund", "PENDING"])
      yield* payments.recordOutcome({ paymentId: refund?.id ?? "", outcome: "APPROVED" })
      assert.strictEqual((yield* payments.refundable(orderId)).due.amount, 0)
      yield* isSound
    }).pipe(Effect.provide(shopWith(bank.gateway)), quiet)
  })

  it.effect(
    "that contradicts itself about an operation changes nothing, and the log says so, once per report",
    () => {
      const logged: Array<unknown> = []
      const log = Logger.make(({ message }) => void logged.push(...[message].flat()))
      const bank = bankThat("nothing", "CANCELLED")
      return Effect.gen(function* () {
        const payments = yield* Payments
        const { orderId } = yield* bought
        const { id, status } = yield* payments.refund(orderId, { amount: { amount: 100, currency: "EUR" } })
        assert.strictEqual(status, "CANCELLED")
        const contradiction = { paymentId: id, outcome: "APPROVED" } as const
        yield* payments.recordOutcome(contradiction, { idempotencyKey: "webhook-1" })
        yield* payments.recordOutcome(contradiction, { idempotencyKey: "webhook-1" })
        assert.deepStrictEqual(logged, ["The gateway answered APPROVED for an operation that is CANCELLED"])
        assert.strictEqual((yield* payments.operations(orderId))[0]?.status, "CANCELLED")
        yield* isSound
      }).pipe(Effect.provide([shopWith(bank.gateway), Logger.layer([log])]))
    }
  )
})

describe("the simulated gateway", () => {
  const shop = (settings: PaymentsSettings = {}) =>
    shopWith(SimulatedPayments.layer({ faults: true }), settings)
  const pay = Effect.fnUntraced(function* (paymentMethod: string) {
    const product = yield* newProduct(10)
    const order = yield* (yield* Orders).place(orderOf(product.id, 2))
    const payment = yield* (yield* Payments).pay({ orderId: order.id, paymentMethod })
    return { orderId: order.id, payment, total: order.total.amount }
  })

  it.effect("lets the customer act first, and its webhook ends it", () =>
    Effect.gen(function* () {
      const payments = yield* Payments
      const { orderId, payment } = yield* pay("sim_action")
      assert.strictEqual(payment.status, "PENDING")
      assert.deepStrictEqual(payment.nextAction, {
        kind: "redirect",
        url: `https://payments.invalid/${payment.id}`
      })
      assert.deepStrictEqual((yield* payments.list(orderId))[0]?.nextAction, payment.nextAction)
      const paid = yield* payments.recordOutcome({ paymentId: payment.id, outcome: "APPROVED" })
      assert.deepStrictEqual([paid.status, paid.nextAction], ["APPROVED", undefined])
      yield* isSound
    }).pipe(Effect.provide(shop()), quiet)
  )

  it.effect.each([
    { method: "sim_capture_decline", kind: "capture", status: "DECLINED", payment: "CANCELLED" },
    { method: "sim_capture_cancel", kind: "capture", status: "CANCELLED", payment: "AUTHORIZED" },
    { method: "sim_void_decline", kind: "void", status: "DECLINED", payment: "AUTHORIZED" },
    { method: "sim_void_cancel", kind: "void", status: "CANCELLED", payment: "AUTHORIZED" },
    { method: "sim_approve", kind: "void", status: "APPROVED", payment: "CANCELLED" },
    { method: "sim_approve", kind: "capture", status: "APPROVED", payment: "APPROVED" }
  ] as const)("answers $status to a $kind of $method", ({ method, kind, status, payment }) =>
    Effect.gen(function* () {
      const payments = yield* Payments
      const { orderId } = yield* pay(method)
      assert.strictEqual((yield* payments[kind](orderId)).status, status)
      assert.strictEqual((yield* payments.list(orderId))[0]?.status, payment)
      yield* isSound
    }).pipe(Effect.provide(shop({ capture: "later" })), quiet)
  )

  it.effect("declines and cancels refunds, and more than is left is refused", () =>
    Effect.gen(function* () {
      const payments = yield* Payments
      for (const [method, status] of [
        ["sim_refund_decline", "DECLINED"],
        ["sim_refund_cancel", "CANCELLED"]
      ] as const) {
        const { orderId, total } = yield* pay(method)
        const amount = { amount: total, currency: "EUR" }
        assert.strictEqual((yield* payments.refund(orderId, { amount })).status, status)
        assert.strictEqual((yield* payments.refundable(orderId)).refundable.amount, total)
        const more = { amount: total + 1, currency: "EUR" }
        assert.deepStrictEqual(
          yield* Effect.flip(payments.refund(orderId, { amount: more })),
          new RefundTooLarge({ orderId, refundable: amount })
        )
        assert.deepStrictEqual(yield* Effect.flip(payments.refund(orderId)), new NothingToRefund({ orderId }))
      }
      yield* isSound
    }).pipe(Effect.provide(shop()), quiet)
  )

  it.effect("leaves an order payable after a decline, if the shop wants it", () =>
    Effect.gen(function* () {
      const payments = yield* Payments
      const { orderId, payment } = yield* pay("sim_decline")
      assert.deepStrictEqual([payment.status, payment.orderStatus], ["DECLINED", "CREATED"])
      assert.strictEqual((yield* payments.pay({ orderId, paymentMethod: "sim_approve" })).status, "APPROVED")
      yield* isSound
    }).pipe(Effect.provide(shop({ afterDecline: "payable" })), quiet)
  )

  it.effect("repeats an operation with its key, and returns it in its present state", () =>
    Effect.gen(function* () {
      const payments = yield* Payments
      const { orderId } = yield* pay("sim_approve")
      const amount = { amount: 5, currency: "EUR" }
      const first = yield* payments.refundOrReplay(orderId, { amount, idempotencyKey: "a-key" })
      const again = yield* payments.refundOrReplay(orderId, { amount, idempotencyKey: "a-key" })
      assert.deepStrictEqual([first.replayed, again.replayed], [false, true])
      assert.deepStrictEqual(again.value, first.value)
      assert.strictEqual((yield* payments.refundable(orderId)).refunded.amount, 5)
    }).pipe(Effect.provide(shop()), quiet)
  )

  it.effect("records an outcome of an operation once per key, and returns its payment", () =>
    Effect.gen(function* () {
      const payments = yield* Payments
      const { orderId, payment } = yield* pay("sim_approve")
      const { id } = yield* payments.refund(orderId, { amount: { amount: 5, currency: "EUR" } })
      const failed = { paymentId: id, outcome: "DECLINED" } as const
      const options = { idempotencyKey: "a-key" }
      const first = yield* payments.recordOutcome(failed, options)
      assert.strictEqual(first.id, payment.id)
      assert.deepStrictEqual(yield* payments.recordOutcome(failed, options), first)
      const other = yield* Effect.flip(payments.recordOutcome({ ...failed, outcome: "APPROVED" }, options))
      assert.deepStrictEqual(other, new IdempotencyKeyReused({ key: "a-key" }))
      yield* isSound
    }).pipe(Effect.provide(shop()), quiet)
  )
})
