import { assert, layer } from "@effect/vitest"
import { Effect, Fiber, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { layerClient } from "../../../../src/adapters/postgres/client/PgClient.ts"
import { freshDatabase } from "../../../support/postgres.ts"

const oneConnection = Layer.unwrap(Effect.map(freshDatabase, (url) => layerClient({ url, pool: 1 })))

const note = (text: string) =>
  SqlClient.SqlClient.use((sql) => sql`INSERT INTO notes VALUES (${text})`.unprepared)

const notes = SqlClient.SqlClient.use((sql) =>
  Effect.map(sql<{ text: string }>`SELECT text FROM notes ORDER BY text`, (rows) =>
    rows.map(({ text }) => text)
  )
)

layer(oneConnection)("a transaction of our own client", (it) => {
  it.effect("is kept, or rolled back with what was done in it, also in part", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* sql`CREATE TABLE notes (text text)`.unprepared
      const inPart = Effect.andThen(
        note("outer"),
        Effect.ignore(sql.withTransaction(Effect.andThen(note("inner"), Effect.fail("no"))))
      )
      yield* sql.withTransaction(Effect.andThen(inPart, sql.withTransaction(note("released"))))
      yield* Effect.exit(sql.withTransaction(Effect.andThen(note("failed"), Effect.fail("no"))))
      const begun = yield* Effect.forkChild(sql.withTransaction(Effect.andThen(note("left"), Effect.never)), {
        startImmediately: true
      })
      yield* Fiber.interrupt(begun)
      assert.deepStrictEqual(yield* notes, ["outer", "released"])
    })
  )

  it.effect("fails if PostgreSQL has rolled it back at COMMIT, and its connection goes on", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const failing = Effect.andThen(note("lost"), Effect.ignore(sql`SELECT 1 / 0`))
      const exit = yield* Effect.exit(sql.withTransaction(failing))
      assert.include(String(exit), "COMMIT")
      assert.strictEqual(exit._tag, "Failure")
      yield* sql.withTransaction(note("kept"))
      assert.deepStrictEqual(yield* notes, ["kept", "outer", "released"])
    })
  )
})
