import { type Duration, Effect, Layer } from "effect"
import type { GatewayAnswer, Outcome } from "../domain/payments/Payment.ts"
import { GatewayUnavailable } from "../ports/errors.ts"
import { type Charge, type GatewayOperation, PaymentGateway } from "../ports/PaymentGateway.ts"

const outcomes = new Map<string, Outcome>([
  ["sim_approve", "APPROVED"],
  ["sim_decline", "DECLINED"]
])

const faultyOutcomes = new Map<string, Outcome>([
  ["sim_cancel", "CANCELLED"],
  ["sim_timeout", "APPROVED"],
  ["sim_action", "APPROVED"],
  ["sim_operation_timeout", "APPROVED"],
  ["sim_capture_decline", "APPROVED"],
  ["sim_capture_cancel", "APPROVED"],
  ["sim_void_decline", "APPROVED"],
  ["sim_void_cancel", "APPROVED"],
  ["sim_refund_decline", "APPROVED"],
  ["sim_refund_cancel", "APPROVED"]
])

/** Answers to operations that are not `APPROVED`, by payment method and kind. */
const failingOperations = new Map<string, Outcome>(
  (["capture", "void", "refund"] as const).flatMap((kind) => [
    [`sim_${kind}_decline ${kind}`, "DECLINED"],
    [`sim_${kind}_cancel ${kind}`, "CANCELLED"]
  ])
)

interface Options {
  /** Delay of every answer. Defaults to none. */
  readonly delay?: Duration.Input
  /** Whether the payment methods for tests of faults are accepted too. Defaults to false. */
  readonly faults?: boolean
}

const make = ({ delay, faults = false }: Options) => {
  const supported = faults ? new Map([...outcomes, ...faultyOutcomes]) : outcomes
  const wait = delay === undefined ? Effect.void : Effect.sleep(delay)
  const timedOut = new Set<string>()

  /** Whether the response to a first call is lost. */
  const dropsResponse = (id: string, isDropping: boolean) => {
    if (!isDropping || timedOut.has(id)) return false
    timedOut.add(id)
    return true
  }

  const supportedOutcome = (paymentMethod: string) => {
    const outcome = supported.get(paymentMethod)
    return outcome === undefined
      ? Effect.die(new Error("The payment method is not supported"))
      : Effect.succeed(outcome)
  }

  const charged = (
    { paymentId, paymentMethod, capture }: Charge,
    outcome: Outcome
  ): Outcome | GatewayAnswer => {
    const reference = `sim_${paymentId}`
    if (paymentMethod === "sim_action") {
      const url = `https://payments.invalid/${paymentId}`
      return { outcome: "PENDING", nextAction: { kind: "redirect", url }, reference }
    }
    return capture === "later" && outcome === "APPROVED" ? { outcome: "AUTHORIZED", reference } : outcome
  }

  return PaymentGateway.of({
    accepts: (paymentMethod) => supported.has(paymentMethod),
    charge: Effect.fnUntraced(function* (charge) {
      const outcome = yield* supportedOutcome(charge.paymentMethod)
      const dropped = dropsResponse(charge.paymentId, charge.paymentMethod === "sim_timeout")
      yield* wait
      if (dropped)
        return yield* new GatewayUnavailable({
          cause: new Error("sim_timeout: the charge succeeded, but its response was dropped")
        })
      return charged(charge, outcome)
    }),
    operate: Effect.fnUntraced(function* ({ operationId, kind, paymentMethod }: GatewayOperation) {
      yield* supportedOutcome(paymentMethod)
      const dropped = dropsResponse(operationId, paymentMethod === "sim_operation_timeout")
      yield* wait
      if (dropped)
        return yield* new GatewayUnavailable({
          cause: new Error("sim_operation_timeout: the operation succeeded, but its response was dropped")
        })
      const outcome = failingOperations.get(`${paymentMethod} ${kind}`) ?? "APPROVED"
      return { outcome, reference: `sim_${operationId}` }
    })
  })
}

/**
 * Provides a payment gateway that moves no money. The payment method decides the outcome, so that a repeated
 * charge or operation has the same outcome after a crash. Captures, voids and refunds are `APPROVED`.
 *
 * - `sim_approve`: `APPROVED`, or `AUTHORIZED` if the shop captures later.
 * - `sim_decline`: `DECLINED`.
 *
 * With `faults` also:
 *
 * - `sim_cancel`: `CANCELLED`.
 * - `sim_timeout`: the first charge of a payment fails with `GatewayUnavailable`, later ones are approved.
 * - `sim_action`: the customer has to open a URL first, and the payment stays `PENDING`.
 * - `sim_operation_timeout`: the first call of an operation fails with `GatewayUnavailable`, later ones are approved.
 * - `sim_capture_decline`, `sim_capture_cancel`, `sim_void_decline`, `sim_void_cancel`, `sim_refund_decline`, `sim_refund_cancel`: approved,
 *   and then the operation is `DECLINED` or `CANCELLED`.
 *
 * An unsupported payment method is a defect.
 */
export const layer = (options: Options = {}): Layer.Layer<PaymentGateway> =>
  Layer.sync(PaymentGateway, () => make(options))
