import { Effect, Layer } from "effect"
import { PaymentGateway } from "../ports/PaymentGateway.ts"

/** Accepts no payment method. */
export const noGateway = PaymentGateway.of({
  accepts: () => false,
  charge: () => Effect.die(new Error("No payment gateway is configured"))
})

/**
 * Provides no payment gateway. `Payments.pay` is refused, and `Payments.recover` leaves pending payments to processes that have
 * one. `Payments.record` stores charges of the host.
 */
export const layerNoGateway: Layer.Layer<PaymentGateway> = Layer.succeed(PaymentGateway, noGateway)
