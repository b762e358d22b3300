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
  /** How long every answer takes, nothing if absent. */
  readonly delay?: Duration.Input
  /** Whether to take `sim_cancel` and `sim_timeout` too, false if absent. */
  readonly faults?: boolean
}

const make = ({ delay, faults = false }: Options) => {
  const taken = faults ? new Map([...outcomes, ...faultyOutcomes]) : outcomes
  const wait = delay === undefined ? Effect.void : Effect.sleep(delay)
  const timedOut = new Set<PaymentId>()

  const losesAnswer = (id: PaymentId, paymentMethod: string) => {
    if (paymentMethod !== "sim_timeout" || timedOut.has(id)) return false
    timedOut.add(id)
    return true
  }

  return PaymentGateway.of({
    accepts: (paymentMethod) => taken.has(paymentMethod),
    charge: Effect.fnUntraced(function* ({ paymentId, paymentMethod }) {
      const outcome = taken.get(paymentMethod)
      if (outcome === undefined) return yield* Effect.die(new Error("This payment method is not accepted"))
      const lost = losesAnswer(paymentId, paymentMethod)
      yield* wait
      if (lost)
        return yield* new GatewayUnavailable({ cause: new Error("sim_timeout: charged, not answered") })
      return outcome
    })
  })
}

/**
 * A gateway that moves no money. The method alone decides, so that the same payment gets the same answer after a
 * crash too: `sim_approve` is `APPROVED`, `sim_decline` is `DECLINED`. With `faults`, to test what comes of them:
 * `sim_cancel` is `CANCELLED`; `sim_timeout` charges and answers `GatewayUnavailable` when a payment is first asked
 * for (since the layer was built), then `APPROVED`. Charging a method that it does not accept is a defect.
 */
export const layer = (options: Options = {}): Layer.Layer<PaymentGateway> =>
  Layer.sync(PaymentGateway, () => make(options))
