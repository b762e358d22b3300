import { Effect, Layer } from "effect"
import type { Outcome } from "../domain/payments/Payment.ts"
import { GatewayUnavailable } from "../ports/errors.ts"
import { type Charge, PaymentGateway } from "../ports/PaymentGateway.ts"

/** A payment gateway of the host's. It is called outside any transaction, and may be slow or fail. */
export interface HostGateway {
  /** Whether it takes such a payment method at all; asked before anything is recorded. */
  readonly accepts: (paymentMethod: string) => boolean
  /**
   * Charges at most once per `paymentId`, however often it is asked: `APPROVED` and `DECLINED` are final, `CANCELLED` is
   * a definite "not charged". A rejection, or no answer before the signal is given, says nothing of whether it charged:
   * the payment stays `PENDING`, and the same charge is asked for again.
   */
  readonly charge: (charge: Charge, signal: AbortSignal) => Promise<Outcome>
}

/** The port, with a gateway of promises behind it. */
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
