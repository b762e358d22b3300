import { Context, type Effect } from "effect"
import type { GatewayAnswer, Outcome } from "../domain/payments/Payment.ts"
import type { OperationAnswer } from "../domain/payments/SettleOperation.ts"
import type { OperationId, OrderId, PaymentId } from "../domain/shared/Ids.ts"
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
  /** `later` asks to hold the amount, and not to charge it. It is absent unless the shop captures later. */
  readonly capture?: "later"
}

/** What a gateway has to do with a payment, at most once. */
export interface GatewayOperation {
  /** `capture` charges what is held, and releases the rest. `void` releases all of it. `refund` returns charged money. */
  readonly kind: "capture" | "void" | "refund"
  /** Id of the operation and its idempotency key. A repeated call with the same id moves money at most once and returns the same outcome. */
  readonly operationId: OperationId
  readonly paymentId: PaymentId
  readonly orderId: OrderId
  readonly amount: Money
  readonly paymentMethod: string
  /** The gateway's name for the payment, as it answered the charge. It is absent if it gave none. */
  readonly reference?: string
}

/**
 * Charges payment methods, and moves money after that. It is called outside of transactions. A call may be slow, may fail, and may
 * fail after the gateway has moved money.
 */
export class PaymentGateway extends Context.Service<
  PaymentGateway,
  {
    /** Returns whether the gateway supports a payment method. It is called before the payment is stored. */
    readonly accepts: (paymentMethod: string) => boolean
    /**
     * Charges a payment method and returns the outcome. `APPROVED` and `DECLINED` are final. `CANCELLED` means not
     * charged; the order can be paid again. `AUTHORIZED` means held. `PENDING` comes with what the customer has to do first.
     *
     * Fails with `GatewayUnavailable` if the outcome is unknown. The same charge is then repeated later.
     */
    readonly charge: (charge: Charge) => Effect.Effect<Outcome | GatewayAnswer, GatewayUnavailable>
    /**
     * Captures, voids or refunds a payment. `APPROVED` and `DECLINED` are final. `CANCELLED` means not done; it can be tried again.
     * Without this method the shop can neither capture later, nor void, nor refund.
     *
     * Fails with `GatewayUnavailable` if the outcome is unknown. The same operation is then repeated later.
     */
    readonly operate?: (
      operation: GatewayOperation
    ) => Effect.Effect<Outcome | OperationAnswer, GatewayUnavailable>
  }
>()("effect-commerce/ports/PaymentGateway") {}
