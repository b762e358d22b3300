import type { Duration } from "effect"
import { durationWithDefault, groupSchema } from "./Setting.ts"

/** The settings of payments. */
export const paymentsSettings = {
  timeout: durationWithDefault(
    "10 seconds",
    { description: "How long the gateway may take to answer before a payment is left `PENDING`." },
    { atLeast: "1 milli" }
  )
} as const

/** Decodes the settings of payments. */
export const Payments = groupSchema(paymentsSettings)
/** The decoded settings of payments. */
export interface Payments extends Readonly<typeof Payments.Type> {}

/** Payments. */
export interface PaymentsSettings {
  /**
   * How long the gateway may take to answer before a payment is left `PENDING`. Defaults to `"10 seconds"`.
   */
  readonly timeout?: Duration.Input | undefined
}
