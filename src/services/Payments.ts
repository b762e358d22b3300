import {
  Cause,
  Context,
  Duration,
  Effect,
  Exit,
  Fiber,
  Layer,
  Metric,
  Option,
  Predicate,
  Schema,
  Scope
} from "effect"
import { OrderNotFound, type PaymentInProgress } from "../domain/orders/Order.ts"
import {
  freePaymentMethod,
  isFree,
  type OrderNotPayable,
  type Payment,
  PaymentNotFound,
  type PaymentSettled
} from "../domain/payments/Payment.ts"
import { systemActor } from "../domain/shared/Attribution.ts"
import {
  claimFor,
  firstTime,
  type IdempotencyKeyReused,
  type IdempotentResult,
  resultOf
} from "../domain/shared/Idempotency.ts"
import { type OrderId, PaymentId } from "../domain/shared/Ids.ts"
import { type InvalidInput, invalidAt } from "../domain/shared/InvalidInput.ts"
import { StoreUnavailable, shuttingDown } from "../ports/errors.ts"
import { OrderStore } from "../ports/OrderStore.ts"
import { PaymentGateway } from "../ports/PaymentGateway.ts"
import { PaymentStore } from "../ports/PaymentStore.ts"
import { Payments as PaymentsSchema, type PaymentsSettings } from "../settings/PaymentsSettings.ts"
import { paymentsAnswered } from "../telemetry/Metrics.ts"
import { traced } from "../telemetry/Traced.ts"
import { chargeWithTimeout } from "./ChargeWithTimeout.ts"
import { TransactionOpen } from "./CommerceError.ts"
import { answerOf } from "./HostAnswer.ts"
import { makeIds, now } from "./Ids.ts"
import type { ChangeOptions } from "./inputs/Options.ts"
import { decodeOrderId } from "./inputs/Orders.ts"
import {
  decodePayOrder,
  decodeRecordOutcome,
  decodeRecordPayment,
  type PayOrderInput,
  type RecordOutcomeInput,
  type RecordPaymentInput
} from "./inputs/Payments.ts"
import { noGateway } from "./NoGateway.ts"

type Refusal = InvalidInput | OrderNotFound | OrderNotPayable | PaymentInProgress | IdempotencyKeyReused

type Pay<A> = (
  input: PayOrderInput,
  options?: ChangeOptions
) => Effect.Effect<A, Refusal | TransactionOpen | StoreUnavailable>

/** Charges orders through the gateway, at most once per payment. */
export class Payments extends Context.Service<
  Payments,
  {
    /**
     * Charges an order, or approves the payment of an order of 0 with the method `none` without a gateway. A declined payment is a
     * result and not an error: the order is then `FAILED` and its units are restocked. `PENDING` means that
     * the gateway has not answered in time. `CANCELLED` means that it did not charge, and the order can be paid again.
     */
    readonly pay: Pay<Payment>
    /** Does the same, and tells whether the result is a replay. A replayed payment has its present status. */
    readonly payOrReplay: Pay<IdempotentResult<Payment>>
    /**
     * Records the outcome of a payment that `pay` has begun, for a gateway that calls back. The same outcome again changes
     * nothing. Joins the transaction of the caller.
     */
    readonly recordOutcome: (
      input: RecordOutcomeInput,
      options?: ChangeOptions
    ) => Effect.Effect<
      Payment,
      InvalidInput | PaymentNotFound | PaymentSettled | IdempotencyKeyReused | StoreUnavailable
    >
    /** Records a charge that the host has made itself, with its outcome. Joins the transaction of the caller. */
    readonly record: (
      input: RecordPaymentInput,
      options?: ChangeOptions
    ) => Effect.Effect<Payment, Refusal | StoreUnavailable>
    /**
     * Asks the gateway again for payments that are pending for longer than its timeout, as a crash leaves them. Leaves payments of
     * methods that it does not accept to processes whose gateway does. Processes may recover concurrently. Returns the payments that
     * are settled now.
     */
    readonly recover: Effect.Effect<ReadonlyArray<Payment>, TransactionOpen | StoreUnavailable>
    /** Returns all payments of an order, oldest first. */
    readonly list: (orderId: string) => Effect.Effect<ReadonlyArray<Payment>, InvalidInput | StoreUnavailable>
  }
>()("effect-commerce/services/Payments") {
  /** Builds the service over a store and a gateway. Wrong settings are a defect. */
  static readonly layer = (settings: PaymentsSettings = {}) => Layer.effect(Payments, make(settings))
}

/** Maximum number of payments to recover concurrently. */
const recoveredAtOnce = 20

const isAccepted = answerOf("PaymentGateway.accepts", "true or false", Predicate.isBoolean)

const noPayments = invalidAt(
  "/paymentMethod",
  "Expected no payment here: this shop has no payment gateway, and records the charges of its host"
)

const decodeSettings = Schema.decodeSync(PaymentsSchema)

const make = Effect.fnUntraced(function* (settings: PaymentsSettings) {
  const { timeout } = decodeSettings(settings)
  const store = yield* PaymentStore
  const orders = yield* OrderStore
  const gateway = yield* PaymentGateway
  const newId = yield* makeIds
  const scope = yield* Scope.Scope
  const ask = yield* chargeWithTimeout(timeout)

  const outsideTransaction = Effect.flatMap(store.inTransaction, (inside) =>
    inside ? new TransactionOpen() : Effect.void
  )

  /** Returns a payment in its current state. */
  const current = ({ id, orderId }: Payment) =>
    Effect.flatMap(store.list(orderId), (payments) => {
      const found = payments.find((payment) => payment.id === id)
      return found === undefined ? new PaymentNotFound({ paymentId: id }) : Effect.succeed(found)
    })

  /** Asks the gateway and records its outcome. Without an outcome the payment stays pending. */
  const charge = Effect.fnUntraced(function* (payment: Payment, actor: string) {
    const outcome = yield* ask(payment)
    yield* Metric.update(paymentsAnswered(Option.getOrElse(outcome, () => "PENDING")), 1)
    if (Option.isNone(outcome)) return payment
    return yield* store.settle(payment.id, outcome.value, { at: yield* now, actor }, undefined).pipe(
      Effect.map(resultOf),
      Effect.catchTag("PaymentSettled", ({ paymentId, status }) =>
        Effect.logError(`The gateway answered ${outcome.value} for a payment that is ${status}`).pipe(
          Effect.annotateLogs({ paymentId }),
          Effect.andThen(current(payment))
        )
      ),
      Effect.catchTag("IdempotencyKeyReused", Effect.die),
      // It was stored before the gateway was asked: an asynchronous failover has lost it, or the old server still answers.
      Effect.tapErrorTag("PaymentNotFound", ({ paymentId }) =>
        Effect.logError(
          `The gateway answered ${outcome.value} for a payment that the store does not have`
        ).pipe(Effect.annotateLogs({ paymentId }))
      ),
      // The gateway may have charged, even if the store applied nothing.
      Effect.mapError(
        (error) =>
          new StoreUnavailable({
            outcome: "unknown",
            cause: error instanceof StoreUnavailable ? error.cause : error
          })
      )
    )
  })

  /** What is owed for an order only falls, so an order that is free stays free until the payment begins. */
  const comesToNothing = Effect.fnUntraced(function* (orderId: OrderId) {
    const order = yield* orders.get(orderId)
    return Option.isSome(order) ? isFree(order.value) : yield* new OrderNotFound({ orderId })
  })

  const begin = Effect.fnUntraced(function* (input: PayOrderInput, options?: ChangeOptions) {
    const [request, { actor = systemActor, idempotencyKey }] = yield* decodePayOrder(input, options)
    const claim = claimFor("pay order", actor, idempotencyKey, request)
    if (request.paymentMethod === freePaymentMethod && (yield* comesToNothing(request.orderId))) {
      const attempt = { ...request, id: yield* newId(PaymentId), at: yield* now, actor }
      return { begun: yield* store.record(attempt, "APPROVED", claim), actor }
    }
    if (gateway === noGateway) return yield* noPayments
    if (!(yield* isAccepted(gateway.accepts(request.paymentMethod)))) {
      return yield* invalidAt("/paymentMethod", "Expected a payment method that the gateway takes")
    }
    yield* outsideTransaction
    const id = yield* newId(PaymentId)
    const begun = yield* store.begin({ ...request, id, at: yield* now, actor }, claim)
    return { begun, actor }
  })

  /** A payment that is pending is charged to its end in the scope of the service, even if the caller is interrupted. */
  const payOrReplay: Pay<IdempotentResult<Payment>> = (input, options) =>
    Effect.uninterruptibleMask((restore) =>
      Effect.gen(function* () {
        const { begun, actor } = yield* begin(input, options)
        if (begun.replayed || begun.value.status !== "PENDING") return begun
        const charging = yield* Effect.forkIn(charge(begun.value, actor), scope)
        const settled = Effect.catchCauseIf(Fiber.join(charging), Cause.hasInterruptsOnly, () =>
          Effect.fail(shuttingDown("unknown"))
        )
        return firstTime(yield* restore(settled))
      })
    )

  const recordOutcome = Effect.fnUntraced(function* (input: RecordOutcomeInput, options?: ChangeOptions) {
    const [request, { actor = systemActor, idempotencyKey }] = yield* decodeRecordOutcome(input, options)
    const { paymentId, outcome } = request
    const claim = claimFor("record outcome", actor, idempotencyKey, request)
    return resultOf(yield* store.settle(paymentId, outcome, { at: yield* now, actor }, claim))
  })

  const record = Effect.fnUntraced(function* (input: RecordPaymentInput, options?: ChangeOptions) {
    const [charge, { actor = systemActor, idempotencyKey }] = yield* decodeRecordPayment(input, options)
    const { outcome, ...request } = charge
    const answer = yield* store.record(
      { ...request, id: yield* newId(PaymentId), at: yield* now, actor },
      outcome,
      claimFor("pay order", actor, idempotencyKey, charge)
    )
    return answer.value
  })

  /** The answer of a gateway that fails or is written without types counts as no. */
  const accepts = (paymentMethod: string): boolean => {
    try {
      return gateway.accepts(paymentMethod) === true
    } catch {
      return false
    }
  }

  const recover = Effect.gen(function* () {
    yield* outsideTransaction
    if (gateway === noGateway) return []
    const at = yield* now
    const millis = Duration.toMillis(timeout)
    const settled: Array<Payment> = []
    let outage: StoreUnavailable | undefined
    for (;;) {
      // No other process asks while the gateway may still answer, and no payment is asked for twice in one run.
      const lease = { at, until: new Date((yield* now).getTime() + 2 * millis + 1) }
      const pending = yield* store.lease(new Date(at.getTime() - millis), lease, recoveredAtOnce, accepts)
      const charged = pending.map(({ payment, actor }) => Effect.exit(charge(payment, actor)))
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

  const list = (input: string) => Effect.flatMap(decodeOrderId(input), store.list)

  return Payments.of(
    traced("Payments", {
      pay: (input, options) => Effect.map(payOrReplay(input, options), resultOf),
      payOrReplay,
      recordOutcome,
      record,
      recover,
      list
    })
  )
})
