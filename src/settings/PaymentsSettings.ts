import type { Duration } from "effect"
import { durationWithDefault, groupSchema, withDefault } from "./Setting.ts"
import { oneOf } from "./SettingValue.ts"

/** The settings of payments. */
export const paymentsSettings = {
  timeout: durationWithDefault(
    "10 seconds",
    { description: "How long the gateway may take to answer before a payment is left `PENDING`." },
    { atLeast: "1 milli" }
  ),
  capture: withDefault(oneOf(["now", "later"]), {
    description:
      "Whether `pay` charges, or only holds the amount until `capture` charges it. `later` needs a gateway with the function `operate`.",
    variable: "PAYMENTS_CAPTURE",
    default: "now"
  }),
  afterDecline: withDefault(oneOf(["fail", "payable"]), {
    description:
      "What a declined payment does to its order: it fails and its units are restocked, or it can be paid again.",
    variable: "PAYMENTS_AFTER_DECLINE",
    default: "fail"
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
  /**
   * Whether `pay` charges, or only holds the amount until `capture` charges it. `later` needs a gateway with
   * the function `operate`. Defaults to `"now"`.
   */
  readonly capture?: "now" | "later" | undefined
  /**
   * What a declined payment does to its order: it fails and its units are restocked, or it can be paid again.
   * Defaults to `"fail"`.
   */
  readonly afterDecline?: "fail" | "payable" | undefined
}
