import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { StoreUnavailable } from "../../../ports/errors.ts"
import { databaseSettings } from "../../../settings/DatabaseSettings.ts"
import { type SessionLimit, unlimited } from "../client/SessionLimits.ts"
import { epochMillis, type Timestamp, toDate } from "../execution/ColumnTypes.ts"
import { read } from "../execution/Transaction.ts"

/** Facts about a database, its settings, and the privileges of the current user. */
export interface DatabaseFacts {
  /** Version as `server_version_num`: 150004 is 15.4. */
  readonly version: number
  readonly clock: Date
  readonly user: string
  readonly database: string
  readonly encoding: string
  /** Whether the server is a standby or the database is read-only by default. */
  readonly readOnly: boolean
  /** Default isolation level of transactions. */
  readonly isolation: string
  readonly fsync: string
  readonly fullPageWrites: string
  readonly synchronousCommit: string
  /** `synchronous_standby_names`: empty if COMMIT waits for no standby. */
  readonly synchronousStandbyNames: string
  /** Connected standbys, and those of them that COMMIT waits for. `undefined` if the user may not see that. */
  readonly standbys: number
  readonly synchronousStandbys: number | undefined
  /** Maximum number of connections for ordinary users of all processes, and how many are open. */
  readonly connections: number
  readonly connected: number
  /** Whether the user may see the transactions of other users. Without it `oldestTransaction` knows only its own. */
  readonly seesTransactions: boolean
  /** Age of the oldest open transaction in seconds. */
  readonly oldestTransaction: number
  /** Number of prepared transactions on the server, and the age of the oldest in seconds. */
  readonly preparedTransactions: number
  readonly oldestPrepared: number
  readonly schemaExists: boolean
  /**
   * Privileges to use the tables of the schema, and to create tables in it. Without the schema, `mayCreate` is the
   * privilege to create it.
   */
  readonly mayUse: boolean
  readonly mayCreate: boolean
  /** Timeouts that the current session does not have. */
  readonly unlimited: ReadonlyArray<SessionLimit>
}

interface Facts extends Omit<DatabaseFacts, "unlimited" | "clock"> {
  readonly clock: Timestamp
}

/** Reads facts about a database without changing it. Fails with `StoreUnavailable`. */
export const diagnose = (
  schema: string = databaseSettings.schema.default
): Effect.Effect<DatabaseFacts, StoreUnavailable, SqlClient.SqlClient> =>
  Effect.gen(function* () {
    const sql = (yield* SqlClient.SqlClient).withoutTransforms()
    const [facts] = yield* read(sql<Facts>`
      SELECT
        current_setting('server_version_num')::int AS version,
        ${sql.literal(epochMillis("clock_timestamp()", "clock"))},
        current_user::text AS user,
        current_database()::text AS database,
        current_setting('server_encoding') AS encoding,
        pg_is_in_recovery() OR current_setting('default_transaction_read_only')::boolean AS "readOnly",
        current_setting('default_transaction_isolation') AS isolation,
        current_setting('fsync') AS fsync,
        current_setting('full_page_writes') AS "fullPageWrites",
        current_setting('synchronous_commit') AS "synchronousCommit",
        current_setting('synchronous_standby_names') AS "synchronousStandbyNames",
        (SELECT count(*)::int FROM pg_stat_replication) AS standbys,
        (SELECT CASE WHEN bool_and(sync_state IS NOT NULL) IS NOT FALSE
          THEN (count(*) FILTER (WHERE sync_state IN ('sync', 'quorum')))::int END
          FROM pg_stat_replication) AS "synchronousStandbys",
        current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
          AS connections,
        -- The type of another user's backend is hidden, too.
        (SELECT count(*)::int FROM pg_stat_activity
          WHERE coalesce(backend_type = 'client backend', datid IS NOT NULL)) AS connected,
        pg_has_role('pg_read_all_stats', 'USAGE') AS "seesTransactions",
        (SELECT coalesce(extract(epoch FROM max(clock_timestamp() - xact_start)), 0)::float8
          FROM pg_stat_activity WHERE pid <> pg_backend_pid()) AS "oldestTransaction",
        (SELECT count(*)::int FROM pg_prepared_xacts) AS "preparedTransactions",
        (SELECT coalesce(extract(epoch FROM max(clock_timestamp() - prepared)), 0)::float8
          FROM pg_prepared_xacts) AS "oldestPrepared",
        n.oid IS NOT NULL AS "schemaExists",
        coalesce(has_schema_privilege(n.oid, 'USAGE'), true) AS "mayUse",
        coalesce(
          has_schema_privilege(n.oid, 'CREATE'),
          has_database_privilege(current_database(), 'CREATE')
        ) AS "mayCreate"
      FROM (SELECT) one LEFT JOIN pg_namespace n ON n.nspname = ${schema}`)
    if (facts === undefined)
      return yield* Effect.die(new Error("The query for database facts returned no row"))
    const synchronousStandbys = facts.synchronousStandbys ?? undefined
    return { ...facts, clock: toDate(facts.clock), synchronousStandbys, unlimited: yield* unlimited }
  })
