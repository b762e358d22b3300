import {
  Cause,
  Context,
  Duration,
  Effect,
  Fiber,
  Layer,
  Metric,
  Option,
  Predicate,
  Schema,
  Scope
} from "effect"
import { OrderNotFound, type PaymentInProgress } from "../domain/orders/Order.ts"
import type { OrderRefused } from "../domain/orders/OrderChange.ts"
import {
  freePaymentMethod,
  isFree,
  type OrderNotPayable,
  type Outcome,
  type Payment,
  PaymentNotFound,
  type PaymentSettled
} from "../domain/payments/Payment.ts"
import type {
  NothingToRefund,
  OperationNotFound,
  PaymentNotAuthorized,
  PaymentOperation,
  RefundTooLarge,
  Reserved
} from "../domain/payments/PaymentOperation.ts"
import { chargedPayment, type Refundable } from "../domain/payments/Refund.ts"
import { systemActor } from "../domain/shared/Attribution.ts"
import {
  claimFor,
  firstTime,
  type IdempotencyClaim,
  type IdempotencyKeyReused,
  type IdempotentResult,
  resultOf
} from "../domain/shared/Idempotency.ts"
import { OperationId, type OrderId, PaymentId } from "../domain/shared/Ids.ts"
import { type InvalidInput, invalidAt } from "../domain/shared/InvalidInput.ts"
import { BeforeCommitFailed } from "../ports/BeforeCommit.ts"
import { outcomeUnknown, StoreUnavailable, shuttingDown } from "../ports/errors.ts"
import { OrderStore } from "../ports/OrderStore.ts"
import { PaymentGateway } from "../ports/PaymentGateway.ts"
import { type OperationRequest, PaymentStore } from "../ports/PaymentStore.ts"
import { Payments as PaymentsSchema, type PaymentsSettings } from "../settings/PaymentsSettings.ts"
import { paymentsAnswered } from "../telemetry/Metrics.ts"
import { traced } from "../telemetry/Traced.ts"
import { askGateway } from "./AskGateway.ts"
import { TransactionOpen } from "./CommerceError.ts"
import { answerOf } from "./HostAnswer.ts"
import { Ids, now } from "./Ids.ts"
import type { ChangeOptions } from "./inputs/Options.ts"
import { decodeOrderId } from "./inputs/Orders.ts"
import {
  decodeOperation,
  decodePayOrder,
  decodeRecordOperation,
  decodeRecordOutcome,
  decodeRecordPayment,
  decodeRefund,
  type PayOrderInput,
  type RecordOperationInput,
  type RecordOutcomeInput,
  type RecordPaymentInput,
  type RefundOptions
} from "./inputs/Payments.ts"
import { noGateway } from "./NoGateway.ts"
import { OperationRunner } from "./OperationRunner.ts"
import { makeRecovery } from "./PaymentRecovery.ts"

type Refusal =
  | InvalidInput
  | OrderNotFound
  | OrderNotPayable
  | PaymentInProgress
  | OrderRefused
  | IdempotencyKeyReused

type Pay<A> = (
  input: PayOrderInput,
  options?: ChangeOptions
) => Effect.Effect<A, Refusal | TransactionOpen | StoreUnavailable>

type Operate<A, E, Options = ChangeOptions> = (
  orderId: string,
  options?: Options
) => Effect.Effect<A, E | InvalidInput | OrderNotFound | IdempotencyKeyReused | StoreUnavailable>

type EndAuthorization<A> = Operate<A, PaymentNotAuthorized>
type Refund<A> = Operate<A, NothingToRefund | RefundTooLarge, RefundOptions>

type Record<A> = (
  input: RecordPaymentInput,
  options?: ChangeOptions
) => Effect.Effect<A, Refusal | StoreUnavailable>

type RecordOutcome<A> = (
  input: RecordOutcomeInput,
  options?: ChangeOptions
) => Effect.Effect<
  A,
  InvalidInput | PaymentNotFound | PaymentSettled | OrderRefused | IdempotencyKeyReused | StoreUnavailable
>

type RecordOperation<A> = (
  input: RecordOperationInput,
  options?: ChangeOptions
) => Effect.Effect<
  A,
  | InvalidInput
  | OrderNotFound
  | NothingToRefund
  | RefundTooLarge
  | OrderRefused
  | IdempotencyKeyReused
  | StoreUnavailable
>

/** Charges orders through the gateway, at most once per payment, and moves money after that, at most once per operation. */
export class Payments extends Context.Service<
  Payments,
  {
    /**
     * Charges an order, or approves the payment of an order of 0 with the method `none` without a gateway. A declined payment is a
     * result and not an error: the order is then `FAILED` and its units are restocked. `PENDING` means that
     * the gateway has not answered in time, or that the host has refused what it answered, or with `nextAction` that the customer has to
     * act first. `CANCELLED` means that it did not
     * charge, and the order can be paid again. `AUTHORIZED` means that it holds the amount until `capture` charges it.
     */
    readonly pay: Pay<Payment>
    /** Does the same, and tells whether the result is a replay. A replayed payment has its present status. */
    readonly payOrReplay: Pay<IdempotentResult<Payment>>
    /**
     * Records what a gateway that calls back says about a payment, or about an operation of a payment. Returns the payment. The same
     * outcome again changes nothing. An approval of an order that has failed, expired or been cancelled meanwhile is recorded, and is due
     * back. An approved refund that failed later is taken back by `DECLINED`. Joins the transaction of the caller.
     */
    readonly recordOutcome: RecordOutcome<Payment>
    /** Does the same, and tells whether the result is a replay. A replayed payment has its present status. */
    readonly recordOutcomeOrReplay: RecordOutcome<IdempotentResult<Payment>>
    /** Records a charge that the host has made itself, with its outcome. Joins the transaction of the caller. */
    readonly record: Record<Payment>
    /** Does the same, and tells whether the result is a replay. A replayed payment has its present status. */
    readonly recordOrReplay: Record<IdempotentResult<Payment>>
    /**
     * Charges what was authorized, or what is left of it after cancellations, and makes the order `PAID`. The gateway releases the rest.
     * `PENDING` means that the gateway has not answered in time. In a transaction of the caller the gateway is asked by the maintenance.
     */
    readonly capture: EndAuthorization<PaymentOperation>
    /** Does the same, and tells whether the result is a replay. A replayed operation has its present status. */
    readonly captureOrReplay: EndAuthorization<IdempotentResult<PaymentOperation>>
    /** Releases what was authorized. The order can be paid again. Pending as for `capture`. */
    readonly void: EndAuthorization<PaymentOperation>
    /** Does the same, and tells whether the result is a replay. */
    readonly voidOrReplay: EndAuthorization<IdempotentResult<PaymentOperation>>
    /** Returns money to the customer: what is due, or any amount that was charged and not returned yet. Pending as for `capture`. */
    readonly refund: Refund<PaymentOperation>
    /** Does the same, and tells whether the result is a replay. */
    readonly refundOrReplay: Refund<IdempotentResult<PaymentOperation>>
    /** Records money that has moved without this shop: a refund of the host's own, or a chargeback. Joins the transaction of the caller. */
    readonly recordOperation: RecordOperation<PaymentOperation>
    /** Does the same, and tells whether the result is a replay. */
    readonly recordOperationOrReplay: RecordOperation<IdempotentResult<PaymentOperation>>
    /** Returns what was charged and returned of an order, what is due, and what can be refunded. */
    readonly refundable: (
      orderId: string
    ) => Effect.Effect<Refundable, InvalidInput | OrderNotFound | StoreUnavailable>
    /** Returns all payment operations of an order, oldest first. */
    readonly operations: (
      orderId: string
    ) => Effect.Effect<ReadonlyArray<PaymentOperation>, InvalidInput | StoreUnavailable>
    /**
     * Asks the gateway again for payments that are pending for longer than its timeout, as a crash leaves them, and for pending
     * operations. Those of more than 20 hours ago are left to `recordOutcome`, because gateways forget keys; `verify` lists them. Voids
     * the authorizations of cancelled orders again whose void was not carried out. Processes may do so concurrently. Returns the payments
     * that are settled now.
     */
    readonly recover: Effect.Effect<ReadonlyArray<Payment>, TransactionOpen | StoreUnavailable>
    /**
     * Asks the gateway to release the authorizations that are older than `age`, in bounded sweeps. Returns how many were asked for. Fails
     * with `TransactionOpen`.
     */
    readonly voidAuthorizations: (
      age: Duration.Input
    ) => Effect.Effect<number, TransactionOpen | StoreUnavailable>
    /** Returns all payments of an order, oldest first. */
    readonly list: (orderId: string) => Effect.Effect<ReadonlyArray<Payment>, InvalidInput | StoreUnavailable>
  }
>()("effect-commerce/services/Payments") {
  /** Builds the service over a store and a gateway. Wrong settings are a defect. */
  static readonly layer = (settings: PaymentsSettings = {}) =>
    Layer.provide(Layer.effectContext(make(settings)), Ids.layer)
}

const isAccepted = answerOf("PaymentGateway.accepts", "true or false", Predicate.isBoolean)

const noPayments = invalidAt(
  "/paymentMethod",
  "Expected no payment here: this shop has no payment gateway, and records the charges of its host"
)

const decodeSettings = Schema.decodeSync(PaymentsSchema)

const make = Effect.fnUntraced(function* (settings: PaymentsSettings) {
  const { timeout, capture: captures, afterDecline } = decodeSettings(settings)
  const store = yield* PaymentStore
  const orders = yield* OrderStore
  const gateway = yield* PaymentGateway
  const newId = yield* Ids
  const scope = yield* Scope.Scope
  const ask = yield* askGateway(timeout)
  const operate = ask.operate
  if (captures === "later" && operate === undefined) {
    return yield* Effect.die(
      new Error("The setting capture is later, and the gateway has no function operate")
    )
  }

  const outsideTransaction = Effect.flatMap(store.inTransaction, (inside) =>
    inside ? new TransactionOpen() : Effect.void
  )

  /** Returns a payment in its current state. */
  const current = ({ id, orderId }: Pick<Payment, "id" | "orderId">) =>
    Effect.flatMap(store.list(orderId), (payments) => {
      const found = payments.find((payment) => payment.id === id)
      return found === undefined ? new PaymentNotFound({ paymentId: id }) : Effect.succeed(found)
    })

  /**
   * The gateway has moved the money, which neither a refusal nor a fault of the host can undo: the result is `pending`, and the gateway
   * is asked again.
   */
  const keptPending = <A>(
    outcome: Payment["status"],
    about: { readonly paymentId: PaymentId } | { readonly operationId: OperationId },
    pending: A
  ) => {
    const kept = (why: object) =>
      Effect.logError(`The function beforeCommit keeps what the gateway has answered: ${outcome}`).pipe(
        Effect.annotateLogs({ ...about, ...why }),
        Effect.as(pending)
      )
    return {
      refused: ({ orderId, reason }: OrderRefused) => kept({ orderId, reason }),
      failed: (defect: unknown) => (defect instanceof BeforeCommitFailed ? kept({}) : Effect.die(defect))
    }
  }

  /** Asks the gateway and records its outcome. Without an outcome, or if the host refuses it, the payment stays pending. */
  const charge = Effect.fnUntraced(function* (payment: Payment, actor: string) {
    const answer = yield* ask.charge(payment, captures)
    const outcome = Option.match(answer, {
      onNone: () => "PENDING" as const,
      onSome: ({ outcome }) => outcome
    })
    yield* Metric.update(paymentsAnswered(outcome), 1)
    if (Option.isNone(answer)) return payment
    const attribution = { at: yield* now, actor }
    const kept = keptPending(answer.value.outcome, { paymentId: payment.id }, payment)
    return yield* store.settle(payment.id, answer.value, attribution, undefined, afterDecline).pipe(
      Effect.map(resultOf),
      Effect.catchTag("PaymentSettled", ({ paymentId, status }) =>
        Effect.logError(`The gateway answered ${outcome} for a payment that is ${status}`).pipe(
          Effect.annotateLogs({ paymentId }),
          Effect.andThen(current(payment))
        )
      ),
      Effect.catchTag("IdempotencyKeyReused", Effect.die),
      Effect.catchTag("OrderRefused", kept.refused),
      Effect.catchDefect(kept.failed),
      // It was stored before the gateway was asked: an asynchronous failover has lost it, or the old server still answers.
      Effect.tapErrorTag("PaymentNotFound", ({ paymentId }) =>
        Effect.logError(`The gateway answered ${outcome} for a payment that the store does not have`).pipe(
          Effect.annotateLogs({ paymentId })
        )
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

  /** An operation keeps its first outcome. Another one may be money that has moved, so the log has it. */
  const logContradiction = ({ id: operationId, status }: PaymentOperation, outcome: Outcome) =>
    status === outcome
      ? Effect.void
      : Effect.annotateLogs(
          Effect.logError(`The gateway answered ${outcome} for an operation that is ${status}`),
          { operationId }
        )

  /** Records the outcome of an operation, and returns its payment. */
  const recordOperationOutcome = Effect.fnUntraced(function* (
    operationId: OperationId,
    { outcome, reference }: Pick<RecordOutcomeInput, "outcome" | "reference">,
    actor: string,
    claim: IdempotencyClaim | undefined
  ) {
    if (outcome === "AUTHORIZED") {
      return yield* invalidAt("/outcome", "Expected APPROVED, DECLINED or CANCELLED for an operation")
    }
    const answer = { outcome, reference }
    const { value, replayed } = yield* store
      .settleOperation(operationId, answer, { at: yield* now, actor }, claim)
      .pipe(
        Effect.catchTag("OperationNotFound", () =>
          Effect.fail(new PaymentNotFound({ paymentId: operationId }))
        )
      )
    if (!replayed) yield* logContradiction(value, outcome)
    return { value: yield* current({ id: value.paymentId, orderId: value.orderId }), replayed }
  })

  const recordOutcomeOrReplay = Effect.fnUntraced(function* (
    input: RecordOutcomeInput,
    options?: ChangeOptions
  ) {
    const [request, { actor = systemActor, idempotencyKey }] = yield* decodeRecordOutcome(input, options)
    const { paymentId, outcome, reference } = request
    const claim = claimFor("record outcome", actor, idempotencyKey, request)
    const answer = { outcome, reference }
    // A key belongs to what it has changed, so an operation has an operation name of its own.
    const operationClaim = claimFor("record operation outcome", actor, idempotencyKey, request)
    return yield* store
      .settle(paymentId, answer, { at: yield* now, actor }, claim, afterDecline)
      .pipe(
        Effect.catchTag("PaymentNotFound", () =>
          recordOperationOutcome(OperationId.make(paymentId), answer, actor, operationClaim)
        )
      )
  })

  const recordOrReplay = Effect.fnUntraced(function* (input: RecordPaymentInput, options?: ChangeOptions) {
    const [charge, { actor = systemActor, idempotencyKey }] = yield* decodeRecordPayment(input, options)
    const { outcome, ...request } = charge
    return yield* store.record(
      { ...request, id: yield* newId(PaymentId), at: yield* now, actor },
      outcome,
      claimFor("pay order", actor, idempotencyKey, charge),
      afterDecline
    )
  })

  /** The answer of a gateway that fails or is written without types counts as no. */
  const accepts = (paymentMethod: string): boolean => {
    try {
      return gateway.accepts(paymentMethod) === true
    } catch {
      return false
    }
  }

  /**
   * Asks the gateway about a pending operation, and records its outcome. Without an outcome, or if the host refuses it, the operation
   * stays pending.
   */
  const carryOut = Effect.fnUntraced(function* ({ operation, payment }: Reserved, actor: string) {
    const { kind, id: operationId, paymentId, orderId, amount } = operation
    if (operate === undefined || kind === "chargeback") return operation
    const { paymentMethod, reference } = payment
    // The host has recorded this charge, and records its refund.
    if (!(yield* isAccepted(gateway.accepts(paymentMethod)))) return operation
    const answer = yield* operate({
      kind,
      operationId,
      paymentId,
      orderId,
      amount,
      paymentMethod,
      ...(reference !== undefined && { reference })
    })
    if (Option.isNone(answer)) return operation
    const attribution = { at: yield* now, actor }
    const kept = keptPending(answer.value.outcome, { operationId }, undefined)
    const settled = yield* store.settleOperation(operationId, answer.value, attribution, undefined).pipe(
      Effect.map(({ value }) => value),
      Effect.catchTag("IdempotencyKeyReused", Effect.die),
      Effect.catchTag("OrderRefused", kept.refused),
      Effect.catchDefect(kept.failed),
      // The gateway may have moved money, even if the store applied nothing.
      Effect.mapError((error: OperationNotFound | StoreUnavailable) =>
        error instanceof StoreUnavailable
          ? outcomeUnknown(error)
          : new StoreUnavailable({ outcome: "unknown", cause: error })
      )
    )
    if (settled === undefined) return operation
    yield* logContradiction(settled, answer.value.outcome)
    return settled
  })

  /** No other process asks while the gateway may still answer. */
  const leaseUntil = (at: Date) => new Date(at.getTime() + 2 * Duration.toMillis(timeout) + 1)

  const cannotOperate = invalidAt("", "The payment gateway can neither capture, nor void, nor refund")

  /** A pending operation is carried out in the scope of the service, even if the caller is interrupted. */
  const move = Effect.fnUntraced(function* (
    request: OperationRequest,
    actor: string,
    claim: IdempotencyClaim | undefined
  ) {
    if (operate === undefined) return yield* cannotOperate
    const inside = yield* store.inTransaction
    const at = yield* now
    const attribution = { id: yield* newId(OperationId), at, actor }
    const leasedUntil = inside ? undefined : leaseUntil(at)
    return yield* Effect.uninterruptibleMask((restore) =>
      Effect.gen(function* () {
        const made = yield* store.reserve(request, attribution, leasedUntil, claim)
        const { operation } = made.value
        if (inside || made.replayed || operation.status !== "PENDING") {
          return { value: operation, replayed: made.replayed }
        }
        const moving = yield* Effect.forkIn(carryOut(made.value, actor), scope)
        const settled = Effect.catchCauseIf(Fiber.join(moving), Cause.hasInterruptsOnly, () =>
          Effect.fail(shuttingDown("unknown"))
        )
        return firstTime(yield* restore(settled))
      })
    )
  })

  /** Ends the authorization of an order. Refusals of refunds are impossible. */
  const end =
    (
      kind: "capture" | "void",
      operation: "capture payment" | "void payment"
    ): EndAuthorization<IdempotentResult<PaymentOperation>> =>
    (input, options) =>
      Effect.gen(function* () {
        const [request, { actor = systemActor, idempotencyKey }] = yield* decodeOperation(
          { orderId: input },
          options
        )
        const claim = claimFor(operation, actor, idempotencyKey, request)
        return yield* move({ ...request, kind }, actor, claim).pipe(
          Effect.catchTags({ NothingToRefund: Effect.die, RefundTooLarge: Effect.die })
        )
      })

  const refundOrReplay: Refund<IdempotentResult<PaymentOperation>> = (input, options) =>
    Effect.gen(function* () {
      const [{ orderId }, { actor = systemActor, idempotencyKey, amount, reason }] = yield* decodeRefund(
        { orderId: input },
        options
      )
      const charged = chargedPayment(yield* store.list(orderId))
      // The gateway did not make this charge: the host has recorded it, or it was free.
      if (charged !== undefined && !(yield* isAccepted(gateway.accepts(charged.paymentMethod)))) {
        return yield* invalidAt("", "Expected a charge that the gateway has made: record its refund instead")
      }
      const request = { orderId, amount, reason }
      const claim = claimFor("refund payment", actor, idempotencyKey, request)
      return yield* move({ ...request, kind: "refund" }, actor, claim).pipe(
        Effect.catchTag("PaymentNotAuthorized", Effect.die)
      )
    })

  const recordOperationOrReplay: RecordOperation<IdempotentResult<PaymentOperation>> = Effect.fnUntraced(
    function* (input, options) {
      const [request, { actor = systemActor, idempotencyKey }] = yield* decodeRecordOperation(input, options)
      const claim = claimFor("record operation", actor, idempotencyKey, request)
      const attribution = { id: yield* newId(OperationId), at: yield* now, actor }
      return yield* store
        .recordOperation(request, attribution, claim)
        .pipe(Effect.catchTag("PaymentNotAuthorized", Effect.die))
    }
  )

  const { recover, voidOlderThan } = makeRecovery({
    store,
    timeout,
    leaseUntil,
    accepts,
    charge,
    operations: operate && {
      carryOut,
      voidAuthorization: (orderId) => move({ kind: "void", orderId }, systemActor, undefined)
    }
  })

  const runner = OperationRunner.of({
    canOperate: operate !== undefined,
    mayVoid: captures === "later",
    leaseUntil: (at) =>
      Effect.map(store.inTransaction, (inside) =>
        operate === undefined || inside ? undefined : leaseUntil(at)
      ),
    run: ({ id, orderId, actor }) =>
      Effect.uninterruptible(
        Effect.gen(function* () {
          const operation = (yield* store.operations(orderId)).find((known) => known.id === id)
          if (operation?.status !== "PENDING") return
          const payment = yield* current({ id: operation.paymentId, orderId })
          const running = yield* Effect.forkIn(carryOut({ operation, payment }, actor), scope)
          yield* Effect.interruptible(Fiber.join(running))
        })
      ).pipe(
        Effect.catchCause((cause) =>
          // A caller may go away, and the service may shut down.
          Cause.hasInterruptsOnly(cause)
            ? Effect.void
            : Effect.logWarning("A payment operation stays pending", cause)
        ),
        Effect.annotateLogs({ operationId: id })
      )
  })

  const captureOrReplay = end("capture", "capture payment")
  const voidOrReplay = end("void", "void payment")

  const list = (input: string) => Effect.flatMap(decodeOrderId(input), store.list)

  const service = Payments.of(
    traced("Payments", {
      pay: (input, options) => Effect.map(payOrReplay(input, options), resultOf),
      payOrReplay,
      recordOutcome: (input, options) => Effect.map(recordOutcomeOrReplay(input, options), resultOf),
      recordOutcomeOrReplay,
      record: (input, options) => Effect.map(recordOrReplay(input, options), resultOf),
      recordOrReplay,
      capture: (id, options) => Effect.map(captureOrReplay(id, options), resultOf),
      captureOrReplay,
      void: (id, options) => Effect.map(voidOrReplay(id, options), resultOf),
      voidOrReplay,
      refund: (id, options) => Effect.map(refundOrReplay(id, options), resultOf),
      refundOrReplay,
      recordOperation: (input, options) => Effect.map(recordOperationOrReplay(input, options), resultOf),
      recordOperationOrReplay,
      refundable: (id) => Effect.flatMap(decodeOrderId(id), store.refundable),
      operations: (id) => Effect.flatMap(decodeOrderId(id), store.operations),
      recover: Effect.andThen(outsideTransaction, gateway === noGateway ? Effect.succeed([]) : recover),
      voidAuthorizations: (age) => Effect.andThen(outsideTransaction, voidOlderThan(age)),
      list
    })
  )
  return Context.make(Payments, service).pipe(Context.add(OperationRunner, runner))
})
