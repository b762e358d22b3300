import { Context, type Effect } from "effect"
import type { Outcome } from "../domain/payments/Payment.ts"
import type { OrderId, PaymentId } from "../domain/shared/Ids.ts"
import type { Money } from "../domain/shared/Money.ts"
import type { GatewayUnavailable } from "./errors.ts"

/** What a gateway is asked to charge, once. */
export interface Charge {
  /** Also the idempotency key: a gateway asked twice with one id charges at most once and answers the same. */
  readonly paymentId: PaymentId
  readonly orderId: OrderId
  readonly amount: Money
  readonly paymentMethod: string
}

/** Moves the money. It is called outside any transaction, and may be slow, fail, or die after it has charged. */
export class PaymentGateway extends Context.Service<
  PaymentGateway,
  {
    /** Whether this gateway takes such a payment method at all; asked before anything is recorded. */
    readonly accepts: (paymentMethod: string) => boolean
    /**
     * `APPROVED` and `DECLINED` are final; `CANCELLED` is a definite "not charged", the order can be paid again.
     * `GatewayUnavailable` says nothing of whether it was charged: the same charge will be asked for again.
     */
    readonly charge: (charge: Charge) => Effect.Effect<Outcome, GatewayUnavailable>
  }
>()("effect-commerce/ports/PaymentGateway") {}
