import { PgClient } from "@effect/sql-pg"
import { type Duration, Effect, type Layer, type Redacted } from "effect"
import type { SqlClient } from "effect/sql"
import type { StoreUnavailable } from "../../../ports/errors.ts"
import { databaseSettings, type ServerDatabaseSettings } from "../../../settings/DatabaseSettings.ts"
import { type ExecutionLimits, Limits } from "../execution/Limits.ts"

import { classify } from "../execution/SqlErrors.ts"
import { withBoundedTransactions } from "./BoundedTransactions.ts"
import { sessionSettings } from "./SessionLimits.ts"

/** How our own client connects. */
export interface ClientSettings extends Pick<ServerDatabaseSettings, "pool" | "pooler"> {
  /** URL of the server. */
  readonly url: Redacted.Redacted
  /** How long to wait for a connection to be made; 5 seconds if absent. */
  readonly connectTimeout?: Duration.Input | undefined
}

/** What our own client asks of each of its sessions. */
const startupParameters = (limits: ExecutionLimits) => ({
  ...sessionSettings(limits),
  default_transaction_isolation: "read committed",
  // What a page costs on an SSD: the default is a disk's, and keeps sums from being read off an index alone.
  random_page_cost: "1.1"
})

/**
 * Our own client: nothing that it sends waits for a lock, or runs, without end, and a connection that falls silent is
 * replaced.
 */
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
