/** PostgreSQL 15 and newer as the store, on the host's own client or on one of our own. */
import { PgClient } from "@effect/sql-pg"
import { type Duration, Effect, Layer, type Redacted } from "effect"
import type { SqlClient } from "effect/sql"
import { StoreUnavailable } from "../../ports/errors.ts"
import { StoreHealth, type Stores } from "../../ports/Stores.ts"
import { PgAccountStore } from "./accounts/AccountStore.ts"
import { PgSessionStore } from "./accounts/SessionStore.ts"
import { PgAnalyticsStore } from "./analytics/AnalyticsStore.ts"
import { PgCatalogStore } from "./catalog/CatalogStore.ts"
import { endingInTime } from "./client/BoundedTransactions.ts"
import { Database } from "./execution/Database.ts"
import { HeldRows } from "./execution/LockWaits.ts"
import { classify } from "./execution/SqlErrors.ts"
import { PgKeyStore } from "./idempotency/IdempotencyKeyStore.ts"
import { sessionLimits } from "./operations/Diagnostics.ts"
import { PgAuditor } from "./operations/IntegrityChecker.ts"
import { PgOrderStore } from "./orders/OrderStore.ts"
import { PgPaymentStore } from "./payments/PaymentStore.ts"

export { schemaName } from "./execution/Database.ts"
export { type Executor, HostConnection, layerHost, lend, within } from "./host-transaction/HostConnection.ts"
export {
  fromPg,
  fromPostgresJs,
  type PgTransaction,
  type PostgresJsTransaction
} from "./host-transaction/HostDrivers.ts"
export type { HostParameter } from "./host-transaction/HostValues.ts"
export {
  type DatabaseFacts,
  inspect,
  type SessionLimit,
  sessionLimits,
  unlimited
} from "./operations/Diagnostics.ts"
export { measure } from "./operations/UpdateGauges.ts"
export {
  DatabaseNewer,
  type Migrated,
  migrate,
  NotMigrated,
  planned,
  requireMigrated
} from "./schema/Migrations.ts"

/** Where in the database our tables are. */
export interface SchemaSettings {
  /** The PostgreSQL schema of all tables; `commerce` if absent. */
  readonly schema?: string | undefined
}

const tooSlow = () =>
  Effect.fail(
    new StoreUnavailable({ undone: true, cause: new Error("The database takes too long to answer") })
  )

/** Whoever asks for health wants to know soon. */
const health = Layer.effect(
  StoreHealth,
  Effect.map(Database, ({ sql, query }) =>
    StoreHealth.of({
      check: query(sql`SELECT 1`).pipe(
        Effect.timeoutOrElse({ duration: "5 seconds", orElse: tooSlow }),
        Effect.asVoid
      )
    })
  )
)

/**
 * All stores on the host's own `SqlClient`, so that every call joins a transaction that the host holds open. If the network
 * falls silent, whether the client gives its connection up is the client's affair: `layerClient` does.
 */
export const layer = (settings: SchemaSettings = {}): Layer.Layer<Stores, never, SqlClient.SqlClient> =>
  Layer.mergeAll(
    PgAccountStore,
    PgSessionStore,
    PgCatalogStore,
    PgOrderStore,
    PgPaymentStore,
    PgAnalyticsStore,
    PgKeyStore,
    PgAuditor,
    health
  ).pipe(Layer.provide(HeldRows.layer), Layer.provide(Database.layer(settings.schema ?? "commerce")))

/** How our own client connects. */
export interface ClientSettings {
  readonly url: Redacted.Redacted
  /**
   * A pooler that lends a connection for one transaction, such as PgBouncer in transaction mode, stands before the
   * server. Nothing that belongs to a session is used then, so the limits of `sessionLimits` have to be set for the role.
   */
  readonly pooler?: "transaction" | undefined
  /** Connections of this process; 10 if absent. */
  readonly pool?: number | undefined
  /** How long to wait for a connection to be made; 5 seconds if absent. */
  readonly connectTimeout?: Duration.Input | undefined
}

/** What our own client asks of each of its sessions. */
const session = {
  ...sessionLimits,
  default_transaction_isolation: "read committed",
  // What a page costs on an SSD: the default is a disk's, and keeps sums from being read off an index alone.
  random_page_cost: "1.1"
}

/**
 * Our own client: nothing that it sends waits for a lock, or runs, without end, and a connection that falls silent is
 * replaced.
 */
export const layerClient = (
  settings: ClientSettings
): Layer.Layer<PgClient.PgClient | SqlClient.SqlClient, StoreUnavailable> =>
  PgClient.make({
    url: settings.url,
    maxConnections: settings.pool ?? 10,
    connectTimeout: settings.connectTimeout ?? "5 seconds",
    applicationName: "effect-commerce",
    ...(settings.pooler === undefined ? { startupParameters: session } : { prepare: false })
  }).pipe(Effect.map(endingInTime), (made) => classify(made, () => true), PgClient.layerFrom)
