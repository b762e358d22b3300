import { Context, type Effect } from "effect"
import type { OrderNotFound, PaymentInProgress } from "../domain/orders/Order.ts"
import type { OrderNotPayable, Outcome, Payment, PaymentNotFound } from "../domain/payments/Payment.ts"
import type {
  IdempotencyClaim,
  IdempotencyKeyReused,
  IdempotentResult
} from "../domain/shared/Idempotency.ts"
import type { OrderId, PaymentId } from "../domain/shared/Ids.ts"
import type { StoreUnavailable } from "./errors.ts"
import type { Attribution } from "./OrderStore.ts"

/** A payment that somebody wants to begin. */
export interface Attempt extends Attribution {
  readonly id: PaymentId
  readonly orderId: OrderId
  readonly paymentMethod: string
}

/** A pending payment, and who began it. */
export interface LeasedPayment {
  readonly payment: Payment
  readonly actor: string
}

/** Keeps payments, and moves their orders with them. */
export class PaymentStore extends Context.Service<
  PaymentStore,
  {
    /** The domain's `begin`, saved: at most one pending payment per order. A replay answers with its present state. */
    readonly begin: (
      attempt: Attempt,
      idempotency: IdempotencyClaim | undefined
    ) => Effect.Effect<
      IdempotentResult<Payment>,
      OrderNotFound | OrderNotPayable | PaymentInProgress | IdempotencyKeyReused | StoreUnavailable
    >
    /**
     * The domain's `settle`, saved: the outcome, the order's step and the stock it gives back, in one go. Answers with
     * the payment as it is then, which has another outcome if it was settled before.
     */
    readonly settle: (
      id: PaymentId,
      outcome: Outcome,
      attribution: Attribution
    ) => Effect.Effect<Payment, PaymentNotFound | StoreUnavailable>
    /** The domain's `record`, saved: a payment that comes with its outcome. A replay answers with its present state. */
    readonly record: (
      attempt: Attempt,
      outcome: Outcome,
      idempotency: IdempotencyClaim | undefined
    ) => Effect.Effect<
      IdempotentResult<Payment>,
      OrderNotFound | OrderNotPayable | PaymentInProgress | IdempotencyKeyReused | StoreUnavailable
    >
    /**
     * Up to `take` payments that are pending since before a moment, the oldest first, for this caller alone until the
     * lease ends.
     */
    readonly lease: (
      before: Date,
      lease: { readonly at: Date; readonly until: Date },
      take: number
    ) => Effect.Effect<ReadonlyArray<LeasedPayment>, StoreUnavailable>
    /** All payments of an order, oldest first. */
    readonly list: (orderId: OrderId) => Effect.Effect<ReadonlyArray<Payment>, StoreUnavailable>
    /** Whether the caller holds a transaction of the store open, which a rollback could end. */
    readonly inTransaction: Effect.Effect<boolean>
  }
>()("effect-commerce/ports/PaymentStore") {}
