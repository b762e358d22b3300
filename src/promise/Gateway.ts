import { Effect, Layer } from "effect"
import type { Outcome } from "../domain/payments/Payment.ts"
import { GatewayUnavailable } from "../ports/errors.ts"
import { type Charge, PaymentGateway } from "../ports/PaymentGateway.ts"

/** A payment gateway of the host. It is called outside of transactions, and may be slow or fail. */
export interface HostGateway {
  /** Returns whether the gateway supports a payment method. It is called before the payment is stored. */
  readonly accepts: (paymentMethod: string) => boolean
  /**
   * Charges at most once per `paymentId`. `APPROVED` and `DECLINED` are final; `CANCELLED` means not charged.
   *
   * A rejection, or no result before the signal aborts, leaves the outcome unknown: the payment stays `PENDING`,
   * and the same charge is repeated later.
   */
  readonly charge: (charge: Charge, signal: AbortSignal) => Promise<Outcome>
}

/** Provides the port from a gateway with promises. */
export const layerGateway = (gateway: HostGateway): Layer.Layer<PaymentGateway> =>
  Layer.succeed(
    PaymentGateway,
    PaymentGateway.of({
      accepts: (paymentMethod) => gateway.accepts(paymentMethod),
      charge: (charge) =>
        Effect.tryPromise({
          try: async (signal) => gateway.charge(charge, signal),
          catch: (cause) => new GatewayUnavailable({ cause })
        })
    })
  )
