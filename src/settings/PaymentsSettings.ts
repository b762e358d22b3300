import type { Duration } from "effect"
import { groupSchema, withDefault } from "./Setting.ts"
import { duration } from "./SettingValue.ts"

/** The settings of payments. */
export const paymentsSettings = {
  timeout: withDefault(duration("10 seconds", { atLeast: "1 milli" }), {
    description: "How long the gateway may take to answer before a payment is left `PENDING`.",
    default: "10 seconds"
  })
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
