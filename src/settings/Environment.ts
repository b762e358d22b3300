/** The settings that the commands read from environment variables. */
import { Schema } from "effect"
import { Auth, authSettings } from "./AuthSettings.ts"
import { databaseSettings } from "./DatabaseSettings.ts"
import { Http, httpSettings } from "./HttpSettings.ts"
import { Maintenance, maintenanceSettings } from "./MaintenanceSettings.ts"
import { paymentsSettings } from "./PaymentsSettings.ts"
import { serverSettings } from "./ServerSettings.ts"
import { groupSchema, optional, withDefault } from "./Setting.ts"
import { oneOf } from "./SettingValue.ts"

const { embedded, maxReplicaLag, pool, pooler, replica, schema, url } = databaseSettings

/** Here both databases may be named: the server wins. */
const databaseVariables = {
  url: optional(url.value, { ...url, fallback: "the embedded database" }),
  embedded: withDefault(embedded.value, { ...embedded, default: ".effect-commerce" }),
  replica,
  maxReplicaLag,
  schema,
  pool,
  pooler
}

/** A server has no gateway of a host. */
const paymentVariables = {
  mode: optional(oneOf(["simulated", "recorded"]), {
    description:
      "Who charges. `simulated` moves no money: customers approve their own payments by `sim_approve`. `recorded` takes no payments of customers: the shop records charges that it has made itself.",
    variable: "PAYMENTS",
    fallback: "`simulated` with the embedded database, else `recorded`"
  }),
  ...paymentsSettings
} as const

/** All settings by their groups. Those with a variable can be set by the environment. */
export const environment = {
  database: databaseVariables,
  auth: authSettings,
  http: httpSettings,
  payments: paymentVariables,
  maintenance: maintenanceSettings,
  server: serverSettings
} as const

/** Decodes all settings of a command. */
export const Environment = Schema.Struct({
  database: groupSchema(databaseVariables),
  auth: Auth,
  http: Http,
  payments: groupSchema(paymentVariables),
  maintenance: Maintenance,
  server: groupSchema(serverSettings)
})
/** All settings of a command, with their defaults. */
export interface Environment extends Readonly<typeof Environment.Type> {}
