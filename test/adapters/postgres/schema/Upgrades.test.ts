import { readFileSync } from "node:fs"
import { PgClient } from "@effect/sql-pg"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import pg from "pg"
import { migrate, planned, requireMigrated, SchemaTooNew } from "../../../../src/adapters/postgres/index.ts"
import { newest, script } from "../../../../src/adapters/postgres/schema/Migrations.ts"
import { emptyDatabase } from "../../../support/postgres.ts"
import { catalogOf, fileOf, frozen } from "../../../support/schemas.ts"

/** Runs a script of many statements, as `psql` does. */
const runScript = (url: Redacted.Redacted, text: string) =>
  Effect.promise(async () => {
    const client = new pg.Client({ connectionString: Redacted.value(url) })
    await client.connect()
    await client.query(text)
    await client.end()
  })

const migratedAnew = Effect.gen(function* () {
  const url = yield* emptyDatabase
  return yield* Effect.andThen(migrate(), catalogOf("commerce")).pipe(Effect.provide(PgClient.layer({ url })))
})

describe("every released schema", () => {
  it("is frozen, the newest too: npx node test/fixtures/schemas/freeze.ts", () => {
    assert.deepStrictEqual(
      frozen,
      Array.from({ length: newest }, (_, index) => index + 1)
    )
  })

  it.each(frozen.map((id) => ({ id })))("is still what migrations up to $id make", ({ id }) => {
    assert.strictEqual(script("commerce", 0, { to: id }), readFileSync(fileOf(id), "utf8"))
  })

  it.live.each(frozen.map((id) => ({ id })))(
    "is brought up to date from $id, and is then as a new one",
    ({ id }) =>
      Effect.gen(function* () {
        const url = yield* emptyDatabase
        yield* runScript(url, readFileSync(fileOf(id), "utf8"))
        yield* Effect.gen(function* () {
          assert.lengthOf(yield* migrate(), newest - id)
          yield* requireMigrated()
          const catalog = yield* catalogOf("commerce")
          assert.isAbove(catalog.length, 100)
          assert.deepStrictEqual(catalog, yield* migratedAnew)
        }).pipe(Effect.provide(PgClient.layer({ url })))
      }).pipe(Effect.scoped)
  )
})

describe("the SQL of a migration", () => {
  it.live("may be run by somebody else: who may only read and write finds nothing left to do", () =>
    Effect.gen(function* () {
      const url = yield* emptyDatabase
      const role = `role_${crypto.randomUUID().replaceAll("-", "")}`
      const rights = `
        CREATE ROLE ${role};
        GRANT USAGE ON SCHEMA commerce TO ${role};
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA commerce TO ${role};`
      yield* runScript(url, script("commerce") + rights)
      yield* Effect.addFinalizer(() => runScript(url, `DROP OWNED BY ${role}; DROP ROLE ${role}`))
      const done = migrate().pipe(Effect.provide(PgClient.layer({ url, startupParameters: { role } })))
      assert.deepStrictEqual(yield* done, [])
    }).pipe(Effect.scoped)
  )

  it.live("is told without being run, and does by hand what migrate does", () =>
    Effect.gen(function* () {
      const url = yield* emptyDatabase
      yield* Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const told = yield* planned()
        assert.include(told, 'CREATE SCHEMA "commerce"')
        assert.deepStrictEqual(yield* catalogOf("commerce"), [])

        yield* sql`CREATE SCHEMA commerce`
        const inside = yield* planned()
        assert.notInclude(inside, "CREATE SCHEMA")
        yield* runScript(url, inside)
        assert.strictEqual(yield* planned(), "")
        assert.deepStrictEqual(yield* migrate(), [])
        assert.deepStrictEqual(yield* catalogOf("commerce"), yield* migratedAnew)

        yield* sql`INSERT INTO commerce.migrations (migration_id, name) VALUES (99, 'future')`
        const newer = new SchemaTooNew({ schema: "commerce", found: 99, known: newest })
        assert.deepStrictEqual(yield* Effect.flip(planned()), newer)
      }).pipe(Effect.provide(PgClient.layer({ url })))
    }).pipe(Effect.scoped)
  )
})
