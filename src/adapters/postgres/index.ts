/** All stores on PostgreSQL 15 and newer. They use the host's own `SqlClient` or the client of `layerClient`. */
import { Layer } from "effect"
import type { SqlClient } from "effect/sql"
import type { ShopDirectory } from "../../ports/ShopDirectory.ts"
import type { Stores } from "../../ports/Stores.ts"
import { databaseSettings, type ServerDatabaseSettings } from "../../settings/DatabaseSettings.ts"
import { PgAccountStore } from "./accounts/AccountStore.ts"
import { PgServiceTokenStore } from "./accounts/ServiceTokenStore.ts"
import { PgSessionStore } from "./accounts/SessionStore.ts"
import { PgAnalyticsStore } from "./analytics/AnalyticsStore.ts"
import { PgCatalogStore } from "./catalog/CatalogStore.ts"
import { Database } from "./execution/Database.ts"
import { LockWaits } from "./execution/LockWaits.ts"
import { PlatformScheduler } from "./execution/PlatformScheduler.ts"
import { PgIdempotencyKeyStore } from "./idempotency/IdempotencyKeyStore.ts"
import { PgStoreHealth } from "./operations/Health.ts"
import { PgIntegrityChecker } from "./operations/IntegrityChecker.ts"
import { PgOrderStore } from "./orders/OrderStore.ts"
import { PgPaymentStore } from "./payments/PaymentStore.ts"
import { PgVoucherStore } from "./pricing/VoucherStore.ts"
import * as Replica from "./replica/Replica.ts"
import { PgReplication } from "./replica/Replication.ts"
import { type ShopServersSettings, type ShopsSettings, shopDirectories } from "./shops/ShopDirectory.ts"

export { DatabaseRefused, SchemaOutdated, SchemaTooNew } from "../../ports/errors.ts"
export type {
  PgPool,
  PgPoolClient,
  PgStatement,
  PostgresJsClient,
  PostgresJsRows,
  PostgresJsScope,
  PostgresJsSession,
  SharedPool
} from "../../settings/SharedPool.ts"
export { type ClientSettings, layerClient } from "./client/PgClient.ts"
export { type SessionLimit, sessionLimits, unlimited } from "./client/SessionLimits.ts"
export { layerPool } from "./client/SharedClient.ts"
export { TimeSource } from "./execution/Database.ts"
export { type ExecutionLimits, Limits } from "./execution/Limits.ts"
export { type BunSqlTransaction, fromBunSql } from "./host-transaction/drivers/BunSql.ts"
export {
  type DrizzleTag,
  type DrizzleTransaction,
  fromDrizzle
} from "./host-transaction/drivers/Drizzle.ts"
export { fromKnex, type KnexTransaction } from "./host-transaction/drivers/Knex.ts"
export {
  fromKysely,
  type KyselyCompiledQuery,
  type KyselyTransaction
} from "./host-transaction/drivers/Kysely.ts"
export { fromMikroOrm, type MikroOrmManager } from "./host-transaction/drivers/MikroOrm.ts"
export { fromPg, type PgTransaction } from "./host-transaction/drivers/NodePostgres.ts"
export { fromPostgresJs, type PostgresJsTransaction } from "./host-transaction/drivers/PostgresJs.ts"
export { fromPrisma, type PrismaTransaction } from "./host-transaction/drivers/Prisma.ts"
export {
  fromTypeOrm,
  type TypeOrmManager,
  type TypeOrmQueryRunner
} from "./host-transaction/drivers/TypeOrm.ts"
export { type Executor, HostConnection, layerHost, lend, within } from "./host-transaction/HostConnection.ts"
export type { HostParameter } from "./host-transaction/HostValues.ts"
export { type DatabaseFacts, diagnose } from "./operations/Diagnostics.ts"
export { updateGauges } from "./operations/UpdateGauges.ts"
export { diagnoseReplica, type ReplicaDiagnosis } from "./replica/DiagnoseReplica.ts"
export { layerReplica, type ReplicaSettings } from "./replica/ReplicaClient.ts"
export {
  type Migrated,
  markRestored,
  migrate,
  planned,
  type Restored,
  requireMigrated,
  type Use
} from "./schema/Migrations.ts"

export type { ShopServersSettings, ShopsSettings } from "./shops/ShopDirectory.ts"
export { listShops, migrateShop, schemaOf, shopExists } from "./shops/ShopSchemas.ts"

/** Location of the tables in the database. */
export interface SchemaSettings extends Pick<ServerDatabaseSettings, "schema"> {}

/** Settings of the stores. */
export interface StoresSettings extends SchemaSettings {
  /** Whether a server that accepts no writes, such as a standby, is healthy. Defaults to false. */
  readonly readOnly?: boolean | undefined
}

/**
 * Provides all stores on the host's `SqlClient`, so that every call joins an open transaction of the host.
 *
 * The client decides whether a silent connection is given up. The client of `layerClient` does so. A replica of `layerReplica` answers
 * reads where `ReadPreference` allows that.
 */
export const layer = ({
  readOnly = false,
  schema = databaseSettings.schema.default
}: StoresSettings = {}): Layer.Layer<Stores, never, SqlClient.SqlClient> =>
  Layer.mergeAll(
    PgAccountStore,
    PgSessionStore,
    PgServiceTokenStore,
    PgCatalogStore,
    PgOrderStore,
    PgPaymentStore,
    PgVoucherStore,
    PgAnalyticsStore,
    PgIdempotencyKeyStore,
    PgIntegrityChecker,
    PgStoreHealth({ readOnly, schema }),
    PgReplication
  ).pipe(
    Layer.provide([LockWaits.layer, Replica.layer(schema)]),
    Layer.provide(Database.layer(schema)),
    Layer.provide(PlatformScheduler)
  )

const directories = shopDirectories(layer)

/**
 * Provides the shops of an installation on the host's `SqlClient`: a schema for each, such as `commerce_acme`, and the pool of that client
 * for all of them. A shop uses half of the pool at most.
 */
export const layerShops: (
  settings?: ShopsSettings
) => Layer.Layer<ShopDirectory, never, SqlClient.SqlClient> = (settings = {}) =>
  directories.ofServer(settings)

/** Provides the shops of an installation on several servers, by a map of shop to server. A server that fails touches no shop of another. */
export const layerShopServers: <E>(settings: ShopServersSettings<E>) => Layer.Layer<ShopDirectory, E> =
  directories.ofServers
