import { PgClient } from "@effect/sql-pg"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Fiber, type Redacted } from "effect"
import { SqlClient } from "effect/sql"
import {
  migrate,
  requireMigrated,
  SchemaOutdated,
  SchemaTooNew
} from "../../../../src/adapters/postgres/index.ts"
import { holding, waitingSessions } from "../../../support/locks.ts"
import { emptyDatabase, freshDatabase } from "../../../support/postgres.ts"

const initial = [
  "0001_initial",
  "0002_pricing",
  "0003_fulfilment",
  "0004_stages",
  "0005_money",
  "0006_catalog",
  "0007_accounts"
]

/** A process of its own, as far as the database can tell. */
const connected = (url: Redacted.Redacted, startupParameters: Record<string, string> = {}) =>
  Effect.provide(PgClient.layer({ url, startupParameters }))

const tablesOf = (schema: string) =>
  SqlClient.SqlClient.use((sql) =>
    Effect.map(
      sql<{ name: string }>`SELECT tablename AS name FROM pg_tables WHERE schemaname = ${schema} ORDER BY 1`,
      (rows) => rows.map(({ name }) => name)
    )
  )

describe("migrate", () => {
  it.live("runs once, however many processes start at once [H4]", () =>
    Effect.gen(function* () {
      const url = yield* emptyDatabase
      const processes = Array.from({ length: 8 }, () => connected(url)(migrate()))
      const done = yield* Effect.all(processes, { concurrency: "unbounded" })
      assert.deepStrictEqual(done.flat(), initial)
      yield* Effect.gen(function* () {
        assert.deepStrictEqual(yield* migrate(), [])
        yield* requireMigrated()
      }).pipe(connected(url))
    })
  )

  it.live("makes any number of schemas in one database, whatever they are called", () =>
    Effect.gen(function* () {
      const url = yield* emptyDatabase
      yield* Effect.gen(function* () {
        yield* migrate()
        const usual = yield* tablesOf("commerce")
        for (const schema of ["select", "_", `a${"_9".repeat(31)}`]) {
          assert.deepStrictEqual(yield* Effect.flip(requireMigrated(schema)), new SchemaOutdated({ schema }))
          assert.deepStrictEqual(yield* migrate(schema), initial)
          assert.deepStrictEqual(yield* tablesOf(schema), usual)
          yield* requireMigrated(schema)
        }
        for (const schema of ["", "a b", "Shop", 'a"', "a.b", "pg_shop", `a${"_9".repeat(32)}`]) {
          const exit = yield* Effect.exit(migrate(schema))
          assert.isTrue(Exit.isFailure(exit) && Cause.hasDies(exit.cause), schema)
          if (Exit.isFailure(exit)) assert.include(Cause.pretty(exit.cause), "is not a valid schema name")
        }
      }).pipe(connected(url))
    })
  )

  it.live("refuses a database that a newer version has migrated, and leaves it alone [H4]", () =>
    Effect.gen(function* () {
      const url = yield* freshDatabase
      yield* Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        yield* sql`INSERT INTO commerce.migrations (migration_id, name) VALUES (99, 'future')`
        const newer = new SchemaTooNew({ schema: "commerce", found: 99, known: 7 })
        assert.deepStrictEqual(yield* Effect.flip(migrate()), newer)
        assert.deepStrictEqual(yield* Effect.flip(requireMigrated()), newer)
        const rows = yield* sql`SELECT migration_id FROM commerce.migrations ORDER BY 1`
        assert.deepStrictEqual(
          rows.map(({ migration_id }) => migration_id),
          [1, 2, 3, 4, 5, 6, 7, 99]
        )
      }).pipe(connected(url))
    })
  )

  it.live(
    "leaves the tables of the host alone, even those with our names, and relies on no search_path [H3]",
    () =>
      Effect.gen(function* () {
        const url = yield* emptyDatabase
        yield* Effect.gen(function* () {
          const sql = yield* SqlClient.SqlClient
          yield* sql`CREATE SCHEMA host`
          for (const table of ["orders", "migrations", "effect_sql_migrations"]) {
            yield* sql.unsafe(`CREATE TABLE host.${table} (mine text)`)
            yield* sql.unsafe(`INSERT INTO host.${table} VALUES ('mine')`)
          }
          assert.deepStrictEqual(yield* migrate(), initial)
          assert.deepStrictEqual(yield* migrate(), [])
          assert.deepStrictEqual(yield* tablesOf("host"), ["effect_sql_migrations", "migrations", "orders"])
          assert.deepStrictEqual(yield* sql`SELECT * FROM host.orders`, [{ mine: "mine" }])
          assert.deepStrictEqual(yield* tablesOf("public"), [])
        }).pipe(connected(url, { search_path: "host" }))
      })
  )

  it.live("leaves nothing behind when it fails", () =>
    Effect.gen(function* () {
      const url = yield* emptyDatabase
      yield* Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        yield* sql`CREATE SCHEMA commerce`
        yield* sql`CREATE TABLE commerce.payments (somebody_elses text)`
        assert.isTrue(Exit.isFailure(yield* Effect.exit(migrate())))
        assert.deepStrictEqual(yield* tablesOf("commerce"), ["payments"])
      }).pipe(connected(url))
    })
  )

  it.live("waits for whoever migrates, longer than for any other lock", () =>
    Effect.gen(function* () {
      const url = yield* emptyDatabase
      yield* Effect.gen(function* () {
        const { giveUp } = yield* holding(
          "SELECT pg_advisory_xact_lock(hashtext('effect-commerce'), hashtext('commerce'))"
        )
        const waiting = yield* Effect.forkScoped(connected(url, { lock_timeout: "100ms" })(migrate()))
        yield* waitingSessions
        yield* Effect.sleep("500 millis")
        yield* giveUp
        assert.deepStrictEqual(yield* Fiber.join(waiting), initial)
      }).pipe(Effect.scoped, connected(url))
    })
  )

  it.live("is an outage, and not a bug, when a table cannot be locked in time", () =>
    Effect.gen(function* () {
      const url = yield* emptyDatabase
      yield* Effect.gen(function* () {
        yield* SqlClient.SqlClient.use((sql) => sql`CREATE SCHEMA commerce`)
        const { giveUp } = yield* holding("CREATE TABLE commerce.orders ()")
        const error = yield* Effect.flip(connected(url, { lock_timeout: "100ms" })(migrate()))
        assert.deepInclude(error, { _tag: "StoreUnavailable", outcome: "notApplied" })
        yield* giveUp
      }).pipe(Effect.scoped, connected(url))
    })
  )

  it.live("needs no right to make schemas where its own is there already", () =>
    Effect.gen(function* () {
      const url = yield* emptyDatabase
      yield* Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const role = `role_${crypto.randomUUID().replaceAll("-", "")}`
        yield* Effect.acquireRelease(sql.unsafe(`CREATE ROLE ${role}`), () =>
          Effect.orDie(
            Effect.andThen(
              sql.unsafe(`DROP OWNED BY ${role}`).unprepared,
              sql.unsafe(`DROP ROLE ${role}`).unprepared
            )
          )
        )
        yield* sql.unsafe(`CREATE SCHEMA commerce AUTHORIZATION ${role}`)
        assert.deepStrictEqual(yield* connected(url, { role })(migrate()), initial)
      }).pipe(Effect.scoped, connected(url))
    })
  )
})
