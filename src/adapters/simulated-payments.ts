import { type Duration, Effect, Layer } from "effect"
import type { Outcome } from "../domain/payments/Payment.ts"
import type { PaymentId } from "../domain/shared/Ids.ts"
import { GatewayUnavailable } from "../ports/errors.ts"
import { PaymentGateway } from "../ports/PaymentGateway.ts"

const outcomes = new Map<string, Outcome>([
  ["sim_approve", "APPROVED"],
  ["sim_decline", "DECLINED"]
])

const faultyOutcomes = new Map<string, Outcome>([
  ["sim_cancel", "CANCELLED"],
  ["sim_timeout", "APPROVED"]
])

interface Options {
  /** Delay of every charge. Defaults to none. */
  readonly delay?: Duration.Input
  /** Whether `sim_cancel` and `sim_timeout` are accepted too. Defaults to false. */
  readonly faults?: boolean
}

const make = ({ delay, faults = false }: Options) => {
  const supported = faults ? new Map([...outcomes, ...faultyOutcomes]) : outcomes
  const wait = delay === undefined ? Effect.void : Effect.sleep(delay)
  const timedOut = new Set<PaymentId>()

  const dropsResponse = (id: PaymentId, paymentMethod: string) => {
    if (paymentMethod !== "sim_timeout" || timedOut.has(id)) return false
    timedOut.add(id)
    return true
  }

  return PaymentGateway.of({
    accepts: (paymentMethod) => supported.has(paymentMethod),
    charge: Effect.fnUntraced(function* ({ paymentId, paymentMethod }) {
      const outcome = supported.get(paymentMethod)
      if (outcome === undefined) return yield* Effect.die(new Error("The payment method is not supported"))
      const dropped = dropsResponse(paymentId, paymentMethod)
      yield* wait
      if (dropped)
        return yield* new GatewayUnavailable({
          cause: new Error("sim_timeout: the charge succeeded, but its response was dropped")
        })
      return outcome
    })
  })
}

/**
 * Provides a payment gateway that moves no money. The payment method decides the outcome, so that a repeated
 * charge has the same outcome after a crash.
 *
 * - `sim_approve`: `APPROVED`.
 * - `sim_decline`: `DECLINED`.
 * - `sim_cancel`, with `faults`: `CANCELLED`.
 * - `sim_timeout`, with `faults`: the first charge of a payment fails with `GatewayUnavailable`, later ones return
 *   `APPROVED`.
 *
 * Charging an unsupported payment method is a defect.
 */
export const layer = (options: Options = {}): Layer.Layer<PaymentGateway> =>
  Layer.sync(PaymentGateway, () => make(options))
