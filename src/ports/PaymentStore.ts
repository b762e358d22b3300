import { Context, type Effect } from "effect"
import type { OrderNotFound, PaymentInProgress } from "../domain/orders/Order.ts"
import type {
  OrderNotPayable,
  Outcome,
  Payment,
  PaymentNotFound,
  PaymentSettled
} from "../domain/payments/Payment.ts"
import type { Attribution } from "../domain/shared/Attribution.ts"
import type {
  IdempotencyClaim,
  IdempotencyKeyReused,
  IdempotentResult
} from "../domain/shared/Idempotency.ts"
import type { OrderId, PaymentId } from "../domain/shared/Ids.ts"
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
     * Applies `settle`: stores the outcome, the transition of the order and the restocked units.
     *
     * Returns the payment in its current state, also for a replay. The outcome that a payment has already changes
     * nothing. Fails with `PaymentNotFound`, `PaymentSettled` or `IdempotencyKeyReused`.
     */
    readonly settle: (
      id: PaymentId,
      outcome: Outcome,
      attribution: Attribution,
      idempotency: IdempotencyClaim | undefined
    ) => Effect.Effect<
      IdempotentResult<Payment>,
      PaymentNotFound | PaymentSettled | IdempotencyKeyReused | StoreUnavailable
    >
    /**
     * Applies `record` and stores a payment together with its outcome.
     *
     * A replay returns the payment in its current state. Fails with `OrderNotFound`, `OrderNotPayable`,
     * `PaymentInProgress` or `IdempotencyKeyReused`.
     */
    readonly record: (
      attempt: Attempt,
      outcome: Outcome,
      idempotency: IdempotencyClaim | undefined
    ) => Effect.Effect<
      IdempotentResult<Payment>,
      OrderNotFound | OrderNotPayable | PaymentInProgress | IdempotencyKeyReused | StoreUnavailable
    >
    /**
     * Leases up to `take` payments that have been pending since before a time, oldest first, and only those with a payment method
     * that `accepts` takes.
     *
     * Until the lease ends, no other caller gets the same payments.
     */
    readonly lease: (
      before: Date,
      lease: { readonly at: Date; readonly until: Date },
      take: number,
      accepts?: (paymentMethod: string) => boolean
    ) => Effect.Effect<ReadonlyArray<LeasedPayment>, StoreUnavailable>
    /** Returns all payments of an order, oldest first. Returns an empty list if the order is unknown. */
    readonly list: (orderId: OrderId) => Effect.Effect<ReadonlyArray<Payment>, StoreUnavailable>
    /** Whether the caller runs in a transaction of this store, which may still roll back. */
    readonly inTransaction: Effect.Effect<boolean>
  }
>()("effect-commerce/ports/PaymentStore") {}
