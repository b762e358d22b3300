import { Cause, Context, Duration, Effect, Exit, Fiber, Layer, Metric, Option, Schema, Scope } from "effect"
import type { OrderNotFound, PaymentInProgress } from "../domain/orders/Order.ts"
import {
  type OrderNotPayable,
  Outcome,
  type Payment,
  PaymentMethod,
  type PaymentNotFound,
  PaymentSettled
} from "../domain/payments/Payment.ts"
import {
  type Answer,
  fresh,
  type IdempotencyKeyReused,
  onceFor,
  valueOf
} from "../domain/shared/Idempotency.ts"
import { OrderId, PaymentId } from "../domain/shared/Ids.ts"
import { fault, type InvalidInput } from "../domain/shared/InvalidInput.ts"
import { closing, StoreUnavailable } from "../ports/errors.ts"
import { PaymentGateway } from "../ports/PaymentGateway.ts"
import { PaymentStore } from "../ports/PaymentStore.ts"
import { paymentsAnswered } from "../telemetry/Metrics.ts"
import { spanned } from "../telemetry/Traced.ts"
import { askGateway } from "./ChargeWithTimeout.ts"
import { newIds, now } from "./Ids.ts"
import { actor, by, once, reader } from "./Input.ts"

const PayOrder = Schema.Struct({ orderId: OrderId, paymentMethod: PaymentMethod, ...once })
const RecordOutcome = Schema.Struct({ paymentId: PaymentId, outcome: Outcome, ...by })
const RecordCharge = Schema.Struct({
  orderId: OrderId,
  paymentMethod: PaymentMethod,
  outcome: Outcome,
  ...once
})

/** A payment may not be made inside the caller's transaction: its rollback would forget a real charge. */
export class TransactionOpen extends Schema.TaggedError<TransactionOpen>()("TransactionOpen", {}) {
  override get message() {
    return "A payment cannot be made inside a transaction: its rollback would forget a real charge"
  }
}

type Refusal = InvalidInput | OrderNotFound | OrderNotPayable | PaymentInProgress | IdempotencyKeyReused

type Pay<A> = (
  input: typeof PayOrder.Encoded
) => Effect.Effect<A, Refusal | TransactionOpen | StoreUnavailable>

/** Charging orders through the gateway, once each, whatever breaks in between. */
export class Payments extends Context.Service<
  Payments,
  {
    /**
     * Charges an order. A decline is an answer, not an error: the order is then `FAILED` and its stock given back.
     * `PENDING`: the gateway has not answered in time; `CANCELLED`: it did not charge, the order is still payable.
     */
    readonly pay: Pay<Payment>
    /** The same, and says whether the answer was given before; a replayed payment is answered as it is now. */
    readonly payOrReplay: Pay<Answer<Payment>>
    /**
     * The outcome of a payment that was begun here, from a gateway that calls back. The same outcome again changes
     * nothing. Joins the caller's transaction.
     */
    readonly recordOutcome: (
      input: typeof RecordOutcome.Encoded
    ) => Effect.Effect<Payment, InvalidInput | PaymentNotFound | PaymentSettled | StoreUnavailable>
    /** A charge that the host has made itself, with its outcome. Joins the caller's transaction. */
    readonly record: (
      input: typeof RecordCharge.Encoded
    ) => Effect.Effect<Payment, Refusal | StoreUnavailable>
    /**
     * Asks the gateway again for payments that have been pending for longer than it may take, as a crash leaves them.
     * Many processes may do so at once. Answers with the payments that are settled now.
     */
    readonly recover: Effect.Effect<ReadonlyArray<Payment>, TransactionOpen | StoreUnavailable>
    /** All payments of an order, oldest first. */
    readonly list: (orderId: string) => Effect.Effect<ReadonlyArray<Payment>, InvalidInput | StoreUnavailable>
  }
>()("effect-commerce/services/Payments") {
  /** `gatewayTimeout`: how long the gateway may take before a payment is left `PENDING`; 10 seconds if absent. */
  static readonly layer = (settings: { readonly gatewayTimeout?: Duration.Input | undefined } = {}) =>
    Layer.effect(Payments, make(Duration.fromInputUnsafe(settings.gatewayTimeout ?? "10 seconds")))
}

const readPayOrder = reader(PayOrder)
const readOutcome = reader(RecordOutcome)
const readCharge = reader(RecordCharge)
const readOrderId = reader(OrderId)

/** Payments for which the gateway is asked at the same time. */
const recoveredAtOnce = 20

const make = Effect.fnUntraced(function* (gatewayTimeout: Duration.Duration) {
  const store = yield* PaymentStore
  const gateway = yield* PaymentGateway
  const newId = yield* newIds
  const scope = yield* Scope.Scope
  const ask = yield* askGateway(gatewayTimeout)

  const outsideTransaction = Effect.flatMap(store.inTransaction, (inside) =>
    inside ? new TransactionOpen() : Effect.void
  )

  /** Asks the gateway and records what it says. Without an answer the payment stays as it is. */
  const charge = Effect.fnUntraced(function* (payment: Payment, by: string) {
    const outcome = yield* ask(payment)
    yield* Metric.update(paymentsAnswered(Option.getOrElse(outcome, () => "PENDING")), 1)
    if (Option.isNone(outcome)) return payment
    const settled = yield* store.settle(payment.id, outcome.value, { at: yield* now, by }).pipe(
      Effect.catchTag("PaymentNotFound", Effect.die),
      // Whatever the store says of its own part, the gateway may have charged.
      Effect.mapError(({ cause }) => new StoreUnavailable({ undone: false, cause }))
    )
    if (settled.status !== outcome.value) {
      const { id: paymentId, status } = settled
      yield* Effect.logError(`The gateway answered ${outcome.value} for a payment that is ${status}`).pipe(
        Effect.annotateLogs({ paymentId })
      )
    }
    return settled
  })

  const begin = Effect.fnUntraced(function* (input: typeof PayOrder.Encoded) {
    const { by, idempotencyKey: key, ...request } = yield* readPayOrder(input)
    if (!gateway.accepts(request.paymentMethod)) {
      return yield* fault("/paymentMethod", "Expected a payment method that the gateway takes")
    }
    yield* outsideTransaction
    const scope = actor({ by })
    const id = yield* newId(PaymentId)
    const begun = yield* store.begin(
      { ...request, id, at: yield* now, by: scope },
      onceFor("pay order", scope, key, request)
    )
    // A replay of this very attempt: it was begun, and the store had to ask again whether it was.
    const ours = !begun.replayed || begun.value.id === id
    return { begun, ours, by: scope }
  })

  /** From the pending payment on, the work runs to its end in the service's scope, whatever the caller does. */
  const payOrReplay: Pay<Answer<Payment>> = (input) =>
    Effect.uninterruptibleMask((restore) =>
      Effect.gen(function* () {
        const { begun, ours, by } = yield* begin(input)
        if (!ours) return begun
        const charging = yield* Effect.forkIn(charge(begun.value, by), scope)
        const settled = Effect.catchCauseIf(Fiber.join(charging), Cause.hasInterruptsOnly, () =>
          Effect.fail(closing(false))
        )
        return fresh(yield* restore(settled))
      })
    )

  const recordOutcome = Effect.fnUntraced(function* (input: typeof RecordOutcome.Encoded) {
    const { paymentId, outcome, by } = yield* readOutcome(input)
    const payment = yield* store.settle(paymentId, outcome, { at: yield* now, by: actor({ by }) })
    return payment.status === outcome
      ? payment
      : yield* new PaymentSettled({ paymentId, status: payment.status })
  })

  const record = Effect.fnUntraced(function* (input: typeof RecordCharge.Encoded) {
    const { by, idempotencyKey: key, outcome, ...request } = yield* readCharge(input)
    const scope = actor({ by })
    const answer = yield* store.record(
      { ...request, id: yield* newId(PaymentId), at: yield* now, by: scope },
      outcome,
      onceFor("pay order", scope, key, { ...request, outcome })
    )
    return answer.value
  })

  const recover = Effect.gen(function* () {
    yield* outsideTransaction
    const at = yield* now
    const millis = Duration.toMillis(gatewayTimeout)
    const settled: Array<Payment> = []
    let outage: StoreUnavailable | undefined
    for (;;) {
      // Nobody else asks while the gateway may still answer; and nobody is asked for twice in one go.
      const lease = { at, until: new Date((yield* now).getTime() + 2 * millis + 1) }
      const pending = yield* store.lease(new Date(at.getTime() - millis), lease, recoveredAtOnce)
      const charged = pending.map(({ payment, by }) => Effect.exit(charge(payment, by)))
      for (const exit of yield* Effect.all(charged, { concurrency: "unbounded" })) {
        if (Exit.isSuccess(exit)) {
          if (exit.value.status !== "PENDING") settled.push(exit.value)
          continue
        }
        outage ??= Option.getOrUndefined(Cause.findErrorOption(exit.cause))
        if (Cause.hasDies(exit.cause))
          yield* Effect.logError("A payment cannot be recovered because of a bug", exit.cause)
      }
      if (pending.length < recoveredAtOnce) return outage === undefined ? settled : yield* outage
    }
  })

  const list = (input: string) => Effect.flatMap(readOrderId(input), store.list)

  return Payments.of(
    spanned("Payments", {
      pay: (input) => Effect.map(payOrReplay(input), valueOf),
      payOrReplay,
      recordOutcome,
      record,
      recover,
      list
    })
  )
})
