import { Effect, Layer } from "effect"
import type { GatewayAnswer, Outcome } from "../domain/payments/Payment.ts"
import type { OperationAnswer } from "../domain/payments/SettleOperation.ts"
import { GatewayUnavailable } from "../ports/errors.ts"
import { type Charge, type GatewayOperation, PaymentGateway } from "../ports/PaymentGateway.ts"

/** A payment gateway of the host. It is called outside of transactions, and may be slow or fail. */
export interface HostGateway {
  /** Returns whether the gateway supports a payment method. It is called before the payment is stored. */
  readonly accepts: (paymentMethod: string) => boolean
  /**
   * Charges at most once per `paymentId`. `APPROVED` and `DECLINED` are final; `CANCELLED` means not charged. `AUTHORIZED` means held.
   * `PENDING` comes with what the customer has to do first.
   *
   * A rejection, or no result before the signal aborts, leaves the outcome unknown: the payment stays `PENDING`,
   * and the same charge is repeated later.
   */
  readonly charge: (charge: Charge, signal: AbortSignal) => Promise<Outcome | GatewayAnswer>
  /**
   * Captures, voids or refunds at most once per `operationId`. `APPROVED` and `DECLINED` are final; `CANCELLED` means not done. Without
   * this method the shop can neither capture later, nor void, nor refund.
   *
   * A rejection, or no result before the signal aborts, leaves the outcome unknown: the operation stays `PENDING`, and is repeated later.
   */
  readonly operate?: (operation: GatewayOperation, signal: AbortSignal) => Promise<Outcome | OperationAnswer>
}

const asked = <A>(ask: (signal: AbortSignal) => Promise<A>) =>
  Effect.tryPromise({
    try: async (signal) => ask(signal),
    catch: (cause) => new GatewayUnavailable({ cause })
  })

/** Provides the port from a gateway with promises. */
export const layerGateway = (gateway: HostGateway): Layer.Layer<PaymentGateway> => {
  const operate = gateway.operate?.bind(gateway)
  return Layer.succeed(
    PaymentGateway,
    PaymentGateway.of({
      accepts: (paymentMethod) => gateway.accepts(paymentMethod),
      charge: (charge) => asked((signal) => gateway.charge(charge, signal)),
      ...(operate !== undefined && {
        operate: (operation) => asked((signal) => operate(operation, signal))
      })
    })
  )
}
