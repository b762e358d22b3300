import type { Duration } from "effect"
import { durationWithDefault, groupSchema, withDefault } from "./Setting.ts"
import { duration, orOff } from "./SettingValue.ts"

/** The settings of the work that a shop does by itself. */
export const maintenanceSettings = {
  every: durationWithDefault(
    "30 seconds",
    {
      description:
        "Time between two runs of the maintenance, which recovers payments, expires unpaid orders and deletes old keys and sessions."
    },
    { atLeast: "1 milli" }
  ),
  unpaidOrderTtl: withDefault(orOff(duration("30 minutes", { atLeast: "1 milli" })), {
    description: "Age at which the maintenance fails unpaid orders and restocks them.",
    variable: "UNPAID_ORDER_TTL",
    default: "off"
  }),
  voidAuthorizationsAfter: withDefault(orOff(duration("6 days", { atLeast: "1 milli" })), {
    description:
      "Age at which the maintenance asks the gateway to release authorizations that were not captured. Their orders can be paid again.",
    variable: "VOID_AUTHORIZATIONS_AFTER",
    default: "off"
  }),
  idempotencyKeyTtl: durationWithDefault(
    "7 days",
    {
      description: "How long an idempotency key is kept, at least 24 hours.",
      variable: "IDEMPOTENCY_KEY_TTL"
    },
    { atLeast: "24 hours", says: "of at least 24 hours, " }
  )
} as const

/** Decodes the settings of the maintenance. */
export const Maintenance = groupSchema(maintenanceSettings)
/** The decoded settings of the maintenance. */
export interface Maintenance extends Readonly<typeof Maintenance.Type> {}

/** The work that a shop does by itself. */
export interface MaintenanceSettings {
  /**
   * Time between two runs of the maintenance, which recovers payments, expires unpaid orders and deletes old
   * keys and sessions. Defaults to `"30 seconds"`.
   */
  readonly every?: Duration.Input | undefined
  /** Age at which the maintenance fails unpaid orders and restocks them. Defaults to `"off"`. */
  readonly unpaidOrderTtl?: Duration.Input | "off" | undefined
  /**
   * Age at which the maintenance asks the gateway to release authorizations that were not captured. Their
   * orders can be paid again. Defaults to `"off"`.
   */
  readonly voidAuthorizationsAfter?: Duration.Input | "off" | undefined
  /** How long an idempotency key is kept, at least 24 hours. Defaults to `"7 days"`. */
  readonly idempotencyKeyTtl?: Duration.Input | undefined
}
