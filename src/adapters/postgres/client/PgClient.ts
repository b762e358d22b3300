import { PgClient } from "@effect/sql-pg"
import { type Duration, Effect, type Layer, type Redacted } from "effect"
import type { SqlClient } from "effect/sql"
import type { StoreUnavailable } from "../../../ports/errors.ts"
import { databaseSettings, type ServerDatabaseSettings } from "../../../settings/DatabaseSettings.ts"
import { type ExecutionLimits, Limits } from "../execution/Limits.ts"
import { classify } from "../execution/SqlErrors.ts"
import { withBoundedTransactions } from "./BoundedTransactions.ts"
import { sessionSettings } from "./SessionLimits.ts"

/** Settings of `layerClient`. */
export interface ClientSettings extends Pick<ServerDatabaseSettings, "pool" | "pooler"> {
  /** URL of the server. */
  readonly url: Redacted.Redacted
  /** How long connecting may take. Defaults to 5 seconds. */
  readonly connectTimeout?: Duration.Input | undefined
}

/** Settings of every session of this client. */
const startupParameters = (limits: ExecutionLimits) => ({
  ...sessionSettings(limits),
  default_transaction_isolation: "read committed",
  // The default of 4 is the cost of a random page on a disk. It keeps the planner from index-only scans for sums.
  random_page_cost: "1.1"
})

/** A client with a pool of its own. Its statements and lock waits are bounded, and it replaces a connection that falls silent. */
export const layerClient = (
  settings: ClientSettings
): Layer.Layer<PgClient.PgClient | SqlClient.SqlClient, StoreUnavailable> =>
  Effect.flatMap(Limits, (limits) =>
    Effect.map(
      PgClient.make({
        url: settings.url,
        maxConnections: settings.pool ?? databaseSettings.pool.default,
        connectTimeout: settings.connectTimeout ?? "5 seconds",
        applicationName: "effect-commerce",
        ...(settings.pooler === "transaction"
          ? { prepare: false }
          : { startupParameters: startupParameters(limits) })
      }),
      (client) => withBoundedTransactions(client, limits)
    )
  ).pipe((made) => classify(made, () => "notApplied"), PgClient.layerFrom)
