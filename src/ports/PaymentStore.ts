import { Context, type Effect } from "effect"
import type { OrderId, PaymentId } from "../domain/Id.ts"
import type { Answer, IdempotencyKeyReused, Once } from "../domain/Idempotency.ts"
import type { OrderNotFound } from "../domain/Order.ts"
import type { OrderNotPayable, Outcome, Payment, PaymentInProgress } from "../domain/Payment.ts"
import type { StoreUnavailable } from "./Unavailable.ts"

export interface Attempt {
  readonly id: PaymentId
  readonly orderId: OrderId
  readonly paymentMethod: string
  readonly at: Date
  readonly by: string
}

export class PaymentStore extends Context.Service<
  PaymentStore,
  {
    /** The domain's `begin`, saved: at most one pending payment per order. A replay answers with its present state. */
    readonly begin: (
      attempt: Attempt,
      once: Once | undefined
    ) => Effect.Effect<
      Answer<Payment>,
      OrderNotFound | OrderNotPayable | PaymentInProgress | IdempotencyKeyReused | StoreUnavailable
    >
    /** The domain's `settle`, saved: the outcome, the order's step and the stock it gives back, in one go. */
    readonly settle: (
      id: PaymentId,
      outcome: Outcome,
      stamp: { readonly at: Date; readonly by: string }
    ) => Effect.Effect<Payment, StoreUnavailable>
    /** All payments of an order, oldest first. */
    readonly list: (orderId: OrderId) => Effect.Effect<ReadonlyArray<Payment>, StoreUnavailable>
    /** Whether the caller holds a transaction of the store open, which a rollback could end. */
    readonly inTransaction: Effect.Effect<boolean>
  }
>()("effect-commerce/ports/PaymentStore") {}
