import { Context, type Effect } from "effect"
import type { OrderNotFound, PaymentInProgress } from "../domain/orders/Order.ts"
import type { OrderRefused } from "../domain/orders/OrderChange.ts"
import type { VoidFilter } from "../domain/payments/Authorization.ts"
import type {
  AfterDecline,
  GatewayAnswer,
  OrderNotPayable,
  Outcome,
  Payment,
  PaymentNotFound,
  PaymentSettled
} from "../domain/payments/Payment.ts"
import type {
  NothingToRefund,
  OperationNotFound,
  PaymentNotAuthorized,
  PaymentOperation,
  RefundTooLarge,
  Reserved
} from "../domain/payments/PaymentOperation.ts"
import type { Refundable } from "../domain/payments/Refund.ts"
import type { OperationAnswer } from "../domain/payments/SettleOperation.ts"
import type { Attribution } from "../domain/shared/Attribution.ts"
import type {
  IdempotencyClaim,
  IdempotencyKeyReused,
  IdempotentResult
} from "../domain/shared/Idempotency.ts"
import type { OperationId, OrderId, PaymentId } from "../domain/shared/Ids.ts"
import type { InvalidInput } from "../domain/shared/InvalidInput.ts"
import type { Money } from "../domain/shared/Money.ts"
import type { StoreUnavailable } from "./errors.ts"

/** Data of a payment that is about to begin. */
export interface Attempt extends Attribution {
  readonly id: PaymentId
  readonly orderId: OrderId
  readonly paymentMethod: string
}

/** A pending payment with the actor who began it. */
export interface LeasedPayment {
  readonly payment: Payment
  readonly actor: string
}

/** What to do with the money of an order. A refund without an amount is one of what is due. */
export type OperationRequest =
  | { readonly kind: "capture" | "void"; readonly orderId: OrderId }
  | {
      readonly kind: "refund"
      readonly orderId: OrderId
      readonly amount?: Money | undefined
      readonly reason?: string | undefined
    }

/** Money that has moved without this shop: a refund that the host has made itself, or what the bank has taken back. */
export interface RecordedOperation {
  readonly kind: "refund" | "chargeback"
  readonly orderId: OrderId
  readonly amount: Money
  readonly reason?: string | undefined
}

/** The id of an operation that is about to begin, its time and its actor. */
export interface OperationAttribution extends Attribution {
  readonly id: OperationId
}

/** A pending operation that the gateway has to be asked about, with its payment and the actor who began it. */
export interface LeasedOperation extends Reserved {
  readonly actor: string
}

/** What a caller leases. */
export interface LeaseFilter {
  /** When it was created at the earliest. Defaults to any time. */
  readonly since?: Date
  /** Whether the caller charges by a payment method. Defaults to every method. */
  readonly accepts?: (paymentMethod: string) => boolean
}

/** All refusals of an operation that is about to begin. */
export type OperationRefusal =
  | OrderNotFound
  | PaymentNotAuthorized
  | NothingToRefund
  | RefundTooLarge
  | InvalidInput

/**
 * Stores payments, and the transitions of orders that follow from them. A write stores all its effects atomically
 * or none of them.
 */
export class PaymentStore extends Context.Service<
  PaymentStore,
  {
    /**
     * Applies `begin` and stores the pending payment. An order has at most one pending payment.
     *
     * A replay returns the payment in its current state. Fails with `OrderNotFound`, `OrderNotPayable`,
     * `PaymentInProgress` or `IdempotencyKeyReused`.
     */
    readonly begin: (
      attempt: Attempt,
      idempotency: IdempotencyClaim | undefined
    ) => Effect.Effect<
      IdempotentResult<Payment>,
      OrderNotFound | OrderNotPayable | PaymentInProgress | IdempotencyKeyReused | StoreUnavailable
    >
    /**
     * Applies `settle`: stores the answer, the transition of the order, the restocked units, and the capture or void that ends with it.
     * `afterDecline` defaults to `fail`.
     *
     * Returns the payment in its current state, also for a replay. The outcome that a payment has already changes
     * nothing. Fails with `PaymentNotFound`, `PaymentSettled`, `OrderRefused` or `IdempotencyKeyReused`.
     */
    readonly settle: (
      id: PaymentId,
      answer: Outcome | GatewayAnswer,
      attribution: Attribution,
      idempotency: IdempotencyClaim | undefined,
      afterDecline?: AfterDecline
    ) => Effect.Effect<
      IdempotentResult<Payment>,
      PaymentNotFound | PaymentSettled | OrderRefused | IdempotencyKeyReused | StoreUnavailable
    >
    /**
     * Applies `record` and stores a payment together with its outcome.
     *
     * A replay returns the payment in its current state. Fails with `OrderNotFound`, `OrderNotPayable`,
     * `PaymentInProgress`, `OrderRefused` or `IdempotencyKeyReused`.
     */
    readonly record: (
      attempt: Attempt,
      outcome: Outcome,
      idempotency: IdempotencyClaim | undefined,
      afterDecline?: AfterDecline
    ) => Effect.Effect<
      IdempotentResult<Payment>,
      | OrderNotFound
      | OrderNotPayable
      | PaymentInProgress
      | OrderRefused
      | IdempotencyKeyReused
      | StoreUnavailable
    >
    /**
     * Leases up to `take` payments that have been pending since before a time and that the filter selects, oldest first.
     *
     * Until the lease ends, no other caller gets the same payments.
     */
    readonly lease: (
      before: Date,
      lease: { readonly at: Date; readonly until: Date },
      take: number,
      filter?: LeaseFilter
    ) => Effect.Effect<ReadonlyArray<LeasedPayment>, StoreUnavailable>
    /** Returns all payments of an order, oldest first. Returns an empty list if the order is unknown. */
    readonly list: (orderId: OrderId) => Effect.Effect<ReadonlyArray<Payment>, StoreUnavailable>
    /**
     * Applies `capture`, `voidAuthorization` or `refund`, and stores the pending operation with what it reserves. An order has at most one
     * capture or void that counts. No other caller leases the operation until `leasedUntil`, if there is one.
     *
     * A replay returns the operation and its payment in their current state. Fails with an `OperationRefusal` or `IdempotencyKeyReused`.
     */
    readonly reserve: (
      request: OperationRequest,
      attribution: OperationAttribution,
      leasedUntil: Date | undefined,
      idempotency: IdempotencyClaim | undefined
    ) => Effect.Effect<IdempotentResult<Reserved>, OperationRefusal | IdempotencyKeyReused | StoreUnavailable>
    /**
     * Applies `settleOperation`: stores the outcome, what becomes of the payment, and the event of the order.
     *
     * Returns the operation in its current state, also for a replay. Fails with `OperationNotFound`, `OrderRefused` or
     * `IdempotencyKeyReused`.
     */
    readonly settleOperation: (
      id: OperationId,
      answer: Outcome | OperationAnswer,
      attribution: Attribution,
      idempotency: IdempotencyClaim | undefined
    ) => Effect.Effect<
      IdempotentResult<PaymentOperation>,
      OperationNotFound | OrderRefused | IdempotencyKeyReused | StoreUnavailable
    >
    /**
     * Applies `refund` or `chargeback`, and `settleOperation` with `APPROVED`, in one step.
     *
     * A replay returns the operation in its current state. Fails with an `OperationRefusal`, `OrderRefused` or `IdempotencyKeyReused`.
     */
    readonly recordOperation: (
      request: RecordedOperation,
      attribution: OperationAttribution,
      idempotency: IdempotencyClaim | undefined
    ) => Effect.Effect<
      IdempotentResult<PaymentOperation>,
      OperationRefusal | OrderRefused | IdempotencyKeyReused | StoreUnavailable
    >
    /**
     * Leases up to `take` pending operations that the filter selects, oldest first.
     *
     * Until the lease ends, no other caller gets the same operations.
     */
    readonly leaseOperations: (
      lease: { readonly at: Date; readonly until: Date },
      take: number,
      filter?: LeaseFilter
    ) => Effect.Effect<ReadonlyArray<LeasedOperation>, StoreUnavailable>
    /** Returns up to `take` orders whose authorization `isToVoid` selects, longest held first. `at` is the present time. */
    readonly authorizationsToVoid: (
      filter: VoidFilter,
      at: Date,
      take: number
    ) => Effect.Effect<ReadonlyArray<OrderId>, StoreUnavailable>
    /** Returns all operations of an order, oldest first. Returns an empty list if the order is unknown. */
    readonly operations: (
      orderId: OrderId
    ) => Effect.Effect<ReadonlyArray<PaymentOperation>, StoreUnavailable>
    /** Applies `refundableOf` to an order. Reads it in one state, and locks nothing. Fails with `OrderNotFound`. */
    readonly refundable: (orderId: OrderId) => Effect.Effect<Refundable, OrderNotFound | StoreUnavailable>
    /** Whether the caller runs in a transaction of this store, which may still roll back. */
    readonly inTransaction: Effect.Effect<boolean>
  }
>()("effect-commerce/ports/PaymentStore") {}
