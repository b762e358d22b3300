/** PostgreSQL 15 and newer as the store, on the host's own client or on one of our own. */
import { Effect, Layer } from "effect"
import type { SqlClient } from "effect/sql"
import { StoreUnavailable } from "../../ports/errors.ts"
import { StoreHealth, type Stores } from "../../ports/Stores.ts"
import { PgAccountStore } from "./accounts/AccountStore.ts"
import { PgSessionStore } from "./accounts/SessionStore.ts"
import { PgAnalyticsStore } from "./analytics/AnalyticsStore.ts"
import { PgCatalogStore } from "./catalog/CatalogStore.ts"
import { Database } from "./execution/Database.ts"
import { HeldRows } from "./execution/LockWaits.ts"
import { PgIdempotencyKeyStore } from "./idempotency/IdempotencyKeyStore.ts"
import { PgIntegrityChecker } from "./operations/IntegrityChecker.ts"
import { PgOrderStore } from "./orders/OrderStore.ts"
import { PgPaymentStore } from "./payments/PaymentStore.ts"

export { SchemaOutdated, SchemaTooNew } from "../../ports/errors.ts"
export { type ClientSettings, layerClient } from "./client/PgClient.ts"
export { type SessionLimit, sessionLimits, unlimited } from "./client/SessionLimits.ts"
export { schemaName } from "./execution/Database.ts"
export { type Executor, HostConnection, layerHost, lend, within } from "./host-transaction/HostConnection.ts"
export {
  fromPg,
  fromPostgresJs,
  type PgTransaction,
  type PostgresJsTransaction
} from "./host-transaction/HostDrivers.ts"
export type { HostParameter } from "./host-transaction/HostValues.ts"
export { type DatabaseFacts, diagnose } from "./operations/Diagnostics.ts"
export { updateGauges } from "./operations/UpdateGauges.ts"
export { type Migrated, migrate, planned, requireMigrated } from "./schema/Migrations.ts"

/** Where in the database our tables are. */
export interface SchemaSettings {
  /** The PostgreSQL schema of all tables; `commerce` if absent. */
  readonly schema?: string | undefined
}

const tooSlow = () =>
  Effect.fail(
    new StoreUnavailable({ outcome: "notApplied", cause: new Error("The database takes too long to answer") })
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
    PgIdempotencyKeyStore,
    PgIntegrityChecker,
    health
  ).pipe(Layer.provide(HeldRows.layer), Layer.provide(Database.layer(settings.schema ?? "commerce")))
