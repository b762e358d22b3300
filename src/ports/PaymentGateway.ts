import { Context, type Effect } from "effect"
import type { Outcome } from "../domain/payments/Payment.ts"
import type { OrderId, PaymentId } from "../domain/shared/Ids.ts"
import type { Money } from "../domain/shared/Money.ts"
import type { GatewayUnavailable } from "./errors.ts"

/** A charge that a gateway must execute at most once. */
export interface Charge {
  /**
   * Id of the payment and idempotency key of the charge. A repeated call with the same id charges at most once and
   * returns the same outcome.
   */
  readonly paymentId: PaymentId
  readonly orderId: OrderId
  readonly amount: Money
  readonly paymentMethod: string
}

/**
 * Charges payment methods. It is called outside of transactions. A call may be slow, may fail, and may fail after
 * the gateway has charged.
 */
export class PaymentGateway extends Context.Service<
  PaymentGateway,
  {
    /** Returns whether the gateway supports a payment method. It is called before the payment is stored. */
    readonly accepts: (paymentMethod: string) => boolean
    /**
     * Charges a payment method and returns the outcome. `APPROVED` and `DECLINED` are final. `CANCELLED` means not
     * charged; the order can be paid again.
     *
     * Fails with `GatewayUnavailable` if the outcome is unknown. The same charge is then repeated later.
     */
    readonly charge: (charge: Charge) => Effect.Effect<Outcome, GatewayUnavailable>
  }
>()("effect-commerce/ports/PaymentGateway") {}
