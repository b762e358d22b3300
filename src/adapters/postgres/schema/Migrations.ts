import { Effect } from "effect"
import { Migrator, SqlClient, SqlError } from "effect/sql"
import { SchemaOutdated, SchemaTooNew, type StoreUnavailable } from "../../../ports/errors.ts"
import { schemaName } from "../execution/Database.ts"
import { LongestWork, read, transact } from "../execution/Transaction.ts"
import { initial } from "./migrations/0001_initial.ts"

/** Forward only: a released migration never changes, what it lacks comes in the next one. */
const migrations = [{ id: 1, name: "initial", statements: initial }] as const
/** The id of the last one. */
export const newest = 1

/** Names of the migrations that were run now, in order; empty if the schema was up to date. */
export type Migrated = ReadonlyArray<string>

/**
 * Brings a PostgreSQL schema up to date, in one transaction. Many processes may call it at once: one works, the
 * others wait for it and find nothing left to do.
 */
export const migrate = (
  schema = "commerce"
): Effect.Effect<Migrated, SchemaTooNew | StoreUnavailable, SqlClient.SqlClient> =>
  Effect.gen(function* () {
    if (!schemaName.test(schema)) {
      return yield* Effect.die(new Error(`"${schema}" is not a name for a schema: ${schemaName}`))
    }
    const sql = (yield* SqlClient.SqlClient).withoutTransforms()
    return yield* transact(sql, run(sql, schema)).pipe(
      Effect.provideService(SqlClient.SqlClient, sql),
      Effect.provideService(LongestWork, Number.POSITIVE_INFINITY)
    )
  })

const table = (schema: string) => `"${schema}".migrations`

/** As `Migrator` makes it. */
const migrationsTable = (schema: string) => `CREATE TABLE ${table(schema)} (
    migration_id integer PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT now(),
    name text NOT NULL
  )`

/** The SQL that `migrate` runs in a schema that is at a migration (0: there is none), as a script for `psql`. */
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

/** The SQL that `migrate` would run now; empty if the schema is up to date. Changes nothing. */
export const planned = (
  schema = "commerce"
): Effect.Effect<string, SchemaTooNew | StoreUnavailable, SqlClient.SqlClient> =>
  Effect.gen(function* () {
    const sql = (yield* SqlClient.SqlClient).withoutTransforms()
    const [found] = yield* read(sql<{ schemaExists: boolean; migrated: boolean }>`
      SELECT to_regnamespace(${`"${schema}"`}) IS NOT NULL AS "schemaExists",
        to_regclass(${table(schema)}) IS NOT NULL AS migrated`)
    const from = found?.migrated === true ? yield* read(latest(sql, schema)) : 0
    if (from > newest) return yield* new SchemaTooNew({ schema, found: from, known: newest })
    return script(schema, from, { schemaExists: found?.schemaExists === true })
  })

/** Fails unless the schema is just what this version knows. */
export const requireMigrated = (
  schema = "commerce"
): Effect.Effect<void, SchemaOutdated | SchemaTooNew | StoreUnavailable, SqlClient.SqlClient> =>
  Effect.gen(function* () {
    const sql = (yield* SqlClient.SqlClient).withoutTransforms()
    const [tables] = yield* read(sql`SELECT to_regclass(${`"${schema}".migrations`}) IS NOT NULL AS exist`)
    if (tables?.exist !== true) return yield* new SchemaOutdated({ schema })
    const found = yield* read(latest(sql, schema))
    if (found > newest) return yield* new SchemaTooNew({ schema, found, known: newest })
    if (found < newest) return yield* new SchemaOutdated({ schema })
  })

const latest = (sql: SqlClient.SqlClient, schema: string) =>
  Effect.map(
    sql<{ found: number | null }>`SELECT max(migration_id)::int AS found FROM ${sql(`${schema}.migrations`)}`,
    ([row]) => row?.found ?? 0
  )

const run = Effect.fnUntraced(function* (
  sql: SqlClient.SqlClient,
  schema: string
): Effect.fn.Return<Migrated, SchemaTooNew | SqlError.SqlError, SqlClient.SqlClient> {
  yield* waitForOthers(sql, schema)
  const [own] = yield* sql`SELECT to_regnamespace(${`"${schema}"`}) IS NOT NULL AS exists`
  // Even IF NOT EXISTS needs the right to make schemas, which who was given one may not have.
  if (own?.exists !== true) yield* sql.unsafe(`CREATE SCHEMA "${schema}"`).unprepared
  const done = yield* Migrator.make({})({ loader: loader(schema), table: `${schema}.migrations` }).pipe(
    Effect.catchTag("MigrationError", (error) =>
      SqlError.isSqlError(error.cause) ? Effect.fail(error.cause) : Effect.die(error)
    )
  )
  const found = yield* latest(sql, schema)
  if (found > newest) return yield* new SchemaTooNew({ schema, found, known: newest })
  return done.map(([id, name]) => `${String(id).padStart(4, "0")}_${name}`)
})

/** Others may migrate for longer than any other lock is waited for. */
const waitForOthers = Effect.fnUntraced(function* (sql: SqlClient.SqlClient, schema: string) {
  const [usual] = yield* sql<{ lock_timeout: string }>`SHOW lock_timeout`
  yield* sql`SELECT set_config('lock_timeout', '0', true)`
  yield* sql`SELECT pg_advisory_xact_lock(hashtext('effect-commerce'), hashtext(${schema}))`
  yield* sql`SELECT set_config('lock_timeout', ${usual?.lock_timeout ?? "0"}, true)`
})

const loader = (schema: string): Migrator.Loader =>
  Effect.succeed(
    migrations.map(({ id, name, statements }) => [
      id,
      name,
      Effect.succeed(
        Effect.flatMap(SqlClient.SqlClient, (sql) =>
          Effect.forEach(statements(`"${schema}"`), (statement) => sql.unsafe(statement).unprepared, {
            discard: true
          })
        )
      )
    ])
  )
