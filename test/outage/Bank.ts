/** A payment gateway of the tests': it charges at most once per payment, and does whatever else a test wants. */
import { Effect, type Layer } from "effect"
import type { Outcome } from "../../src/domain/payments/Payment.ts"
import type { GatewayUnavailable } from "../../src/ports/errors.ts"
import type { Charge, PaymentGateway } from "../../src/ports/PaymentGateway.ts"
import { gatewayThat } from "../race/support.ts"

type Answer = Effect.Effect<Outcome, GatewayUnavailable>

export interface Bank {
  readonly gateway: Layer.Layer<PaymentGateway>
  /** What it makes of its answer from now on; it has charged as soon as that is run. */
  readonly does: (make: (answer: Answer, charge: Charge) => Answer) => void
  /** What it says of payments that it has not seen. */
  readonly says: (outcome: Outcome) => void
  /** Payments that it has approved. */
  readonly charged: () => number
  /** How often it was asked, by payment. */
  readonly asked: ReadonlyMap<string, number>
}

export const bank = (outcome: Outcome = "APPROVED"): Bank => {
  const ledger = new Map<string, Outcome>()
  const asked = new Map<string, number>()
  let says = outcome
  let does: (answer: Answer, charge: Charge) => Answer = (answer) => answer
  const answerTo = ({ paymentId }: Charge): Answer =>
    Effect.sync(() => {
      const said = ledger.get(paymentId) ?? says
      ledger.set(paymentId, said)
      return said
    })
  return {
    gateway: gatewayThat((charge) =>
      Effect.suspend(() => {
        asked.set(charge.paymentId, (asked.get(charge.paymentId) ?? 0) + 1)
        return does(answerTo(charge), charge)
      })
    ),
    does: (make) => {
      does = make
    },
    says: (outcome) => {
      says = outcome
    },
    charged: () => [...ledger.values()].filter((outcome) => outcome === "APPROVED").length,
    asked
  }
}
