import { Effect } from "effect"
import { SqlClient, type SqlError } from "effect/sql"
import {
  type DatabaseRefused,
  SchemaOutdated,
  SchemaTooNew,
  type StoreUnavailable
} from "../../../ports/errors.ts"
import { databaseSettings, schemaName } from "../../../settings/DatabaseSettings.ts"
import { Limits } from "../execution/Limits.ts"
import { read, transact } from "../execution/Transaction.ts"
import { feedEpochs } from "./FeedEpoch.ts"
import { initial } from "./migrations/0001_initial.ts"
import { pricing } from "./migrations/0002_pricing.ts"
import { fulfilment } from "./migrations/0003_fulfilment.ts"
import { stages } from "./migrations/0004_stages.ts"
import { money } from "./migrations/0005_money.ts"
import { catalog } from "./migrations/0006_catalog.ts"
import { accounts } from "./migrations/0007_accounts.ts"
import { orRefused, requirePrivileges, requireUtf8 } from "./Refusal.ts"

/** All migrations in order. A released migration never changes; a later migration corrects it. */
const migrations = [
  { id: 1, name: "initial", statements: initial },
  { id: 2, name: "pricing", statements: pricing },
  { id: 3, name: "fulfilment", statements: fulfilment },
  { id: 4, name: "stages", statements: stages },
  { id: 5, name: "money", statements: money },
  { id: 6, name: "catalog", statements: catalog },
  { id: 7, name: "accounts", statements: accounts }
] as const
/** Id of the newest migration. */
export const newest = 7

type OpeningError = SchemaTooNew | DatabaseRefused | StoreUnavailable

/** Names of the migrations that ran, in order. Empty if the schema was up to date. */
export type Migrated = ReadonlyArray<string>

/** What `migrate` does besides. */
export interface MigrateOptions {
  /** Runs in the transaction of the migration, after it. Defaults to nothing. */
  readonly within?:
    | ((sql: SqlClient.SqlClient) => Effect.Effect<unknown, DatabaseRefused | SqlError.SqlError>)
    | undefined
}

/**
 * Migrates a PostgreSQL schema in one transaction, and begins an epoch of the feed if its data come from another server.
 * Concurrent calls wait for the first and then find nothing to do.
 *
 * Fails with `SchemaTooNew`, `DatabaseRefused` or `StoreUnavailable`. Dies on an invalid schema name.
 */
export const migrate = (
  schema: string = databaseSettings.schema.default,
  { within = () => Effect.void }: MigrateOptions = {}
): Effect.Effect<Migrated, OpeningError, SqlClient.SqlClient> =>
  Effect.gen(function* () {
    if (!schemaName.test(schema)) {
      return yield* Effect.die(
        new Error(`"${schema}" is not a valid schema name. It must match ${schemaName}`)
      )
    }
    const sql = (yield* SqlClient.SqlClient).withoutTransforms()
    // While it waits for another migration, a transaction id would hold up the feed.
    const options = { settlesCommit: false, timeout: Number.POSITIVE_INFINITY }
    return yield* transact(sql, yield* Limits, Effect.tap(run(sql, schema), within(sql)), options)
  }).pipe(orRefused)

/** What `markRestored` has done. */
export interface Restored {
  /** The epoch of the feed that has begun. */
  readonly epoch: number
  readonly endedSessions: number
}

/**
 * After restoring a backup, or a failover that has lost transactions: begins an epoch of the feed, ends all sessions, and
 * forgets reset tokens, since tokens that were used in the lost time would be valid again.
 */
export const markRestored = (
  schema: string = databaseSettings.schema.default
): Effect.Effect<Restored, DatabaseRefused | StoreUnavailable, SqlClient.SqlClient> =>
  Effect.gen(function* () {
    const sql = (yield* SqlClient.SqlClient).withoutTransforms()
    const work = Effect.gen(function* () {
      yield* lockMigrations(sql, schema)
      const epoch = yield* feedEpochs(sql, schema).begin
      yield* sql`
        UPDATE ${sql.literal(`"${schema}".accounts`)} SET reset_token_hash = NULL, reset_expires_at = NULL
        WHERE reset_token_hash IS NOT NULL`
      const ended = yield* sql`
        UPDATE ${sql.literal(`"${schema}".sessions`)} SET ended_at = now() WHERE ended_at IS NULL RETURNING id`
      return { epoch, endedSessions: ended.length }
    })
    return yield* transact(sql, yield* Limits, work, { timeout: Number.POSITIVE_INFINITY })
  }).pipe(orRefused)

const table = (schema: string) => `"${schema}".migrations`

/** The same table that Effect's `Migrator` creates. */
const migrationsTable = (schema: string) => `CREATE TABLE ${table(schema)} (
    migration_id integer PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT now(),
    name text NOT NULL
  )`

/**
 * Returns the SQL of `migrate` as a script for `psql`. `from` is the current migration of the schema. Defaults to
 * 0, no migration.
 */
export const script = (schema: string, from = 0, { schemaExists = false, to = newest } = {}): string => {
  const missing = migrations.filter(({ id }) => id > from && id <= to)
  if (missing.length === 0) return ""
  const statements = [
    "BEGIN",
    ...(schemaExists ? [] : [`CREATE SCHEMA "${schema}"`]),
    ...(from === 0 ? [migrationsTable(schema)] : []),
    ...missing.flatMap(({ id, name, statements }) => [
      ...statements(`"${schema}"`),
      `INSERT INTO ${table(schema)} (migration_id, name) VALUES (${id}, '${name}')`
    ]),
    "COMMIT"
  ]
  return statements.map((statement) => `${statement.replace(/^ {2}/gm, "")};\n`).join("\n")
}

/**
 * Returns the SQL that `migrate` would run now, without running it. Returns an empty string if the schema is up to
 * date.
 */
export const planned = (
  schema: string = databaseSettings.schema.default
): Effect.Effect<string, OpeningError, SqlClient.SqlClient> =>
  Effect.gen(function* () {
    const sql = (yield* SqlClient.SqlClient).withoutTransforms()
    yield* read(requireUtf8(sql))
    const [found] = yield* read(sql<{ schemaExists: boolean; migrated: boolean }>`
      SELECT to_regnamespace(${`"${schema}"`}) IS NOT NULL AS "schemaExists",
        to_regclass(${table(schema)}) IS NOT NULL AS migrated`)
    const from = found?.migrated === true ? yield* read(latest(sql, schema)) : 0
    if (from > newest) return yield* new SchemaTooNew({ schema, found: from, known: newest })
    return script(schema, from, { schemaExists: found?.schemaExists === true })
  }).pipe(orRefused)

/** How a schema that must be migrated is used. */
export interface Use {
  /** Whether the user only reads, and needs no more than `SELECT`. Defaults to false. */
  readonly readOnly?: boolean | undefined
}

/**
 * Checks that the schema has exactly the migrations that this version knows, that its data do not come from another
 * server, and that the user may use the tables. Fails with `SchemaOutdated`, `SchemaTooNew` or `DatabaseRefused`.
 */
export const requireMigrated = (
  schema: string = databaseSettings.schema.default,
  { readOnly = false }: Use = {}
): Effect.Effect<void, SchemaOutdated | OpeningError, SqlClient.SqlClient> =>
  Effect.gen(function* () {
    const sql = (yield* SqlClient.SqlClient).withoutTransforms()
    yield* read(requireUtf8(sql))
    const [tables] = yield* read(sql`SELECT to_regclass(${table(schema)}) IS NOT NULL AS exist`)
    if (tables?.exist !== true) return yield* new SchemaOutdated({ schema })
    const found = yield* read(latest(sql, schema))
    if (found > newest) return yield* new SchemaTooNew({ schema, found, known: newest })
    if (found < newest || (yield* read(feedEpochs(sql, schema).isRestored))) {
      return yield* new SchemaOutdated({ schema })
    }
    yield* read(requirePrivileges(sql, schema, readOnly ? "reading" : "writing"))
  }).pipe(orRefused)

const latest = (sql: SqlClient.SqlClient, schema: string) =>
  Effect.map(
    sql<{ found: number | null }>`SELECT max(migration_id)::int AS found FROM ${sql.literal(table(schema))}`,
    ([row]) => row?.found ?? 0
  )

const run = Effect.fnUntraced(function* (
  sql: SqlClient.SqlClient,
  schema: string
): Effect.fn.Return<Migrated, SchemaTooNew | DatabaseRefused | SqlError.SqlError> {
  yield* requireUtf8(sql)
  yield* lockMigrations(sql, schema)
  const execute = (statement: string) => sql.unsafe(statement).unprepared
  const [own] = yield* sql`
    SELECT to_regnamespace(${`"${schema}"`}) IS NOT NULL AS exists, to_regclass(${table(schema)}) IS NOT NULL AS migrated`
  // IF NOT EXISTS requires the privilege to create schemas even if the schema exists. The user of a given schema
  // may lack it.
  if (own?.exists !== true) yield* execute(`CREATE SCHEMA "${schema}"`)
  if (own?.migrated !== true) yield* execute(migrationsTable(schema))
  const found = yield* latest(sql, schema)
  if (found > newest) return yield* new SchemaTooNew({ schema, found, known: newest })
  const missing = migrations.filter(({ id }) => id > found)
  for (const { id, name, statements } of missing) {
    yield* Effect.forEach(statements(`"${schema}"`), execute, { discard: true })
    yield* sql`INSERT INTO ${sql.literal(table(schema))} (migration_id, name) VALUES (${id}, ${name})`
  }
  yield* feedEpochs(sql, schema).adopt
  yield* requirePrivileges(sql, schema, "writing")
  return missing.map(({ id, name }) => `${String(id).padStart(4, "0")}_${name}`)
})

/** Waits for concurrent migrations without a lock timeout, since they may take longer than any other lock. */
const lockMigrations = Effect.fnUntraced(function* (sql: SqlClient.SqlClient, schema: string) {
  const [session] = yield* sql<{ lock_timeout: string }>`SHOW lock_timeout`
  yield* sql`SELECT set_config('lock_timeout', '0', true)`
  yield* sql`SELECT pg_advisory_xact_lock(hashtext('effect-commerce'), hashtext(${schema}))`
  yield* sql`SELECT set_config('lock_timeout', ${session?.lock_timeout ?? "0"}, true)`
})
