import { setImmediate } from "node:timers/promises"
import { PgClient } from "@effect/sql-pg"
import { assert, describe, it, layer } from "@effect/vitest"
import { Deferred, Duration, Effect, Exit, Fiber, Layer, Option } from "effect"
import { SqlClient, SqlError } from "effect/sql"
import { TestClock } from "effect/testing"
import { layerClient } from "../../../src/adapters/pglite/index.ts"
import { emptyDataDirectory } from "../../support/dataDirectory.ts"

class Undo extends Error {}

const undo = Effect.fail(new Undo())

/** Runs a test on an empty table `t`. */
const withTable = <A, E, R>(test: (sql: SqlClient.SqlClient) => Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* sql`DROP TABLE IF EXISTS t`
    yield* sql`CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL DEFAULT 0)`
    return yield* test(sql)
  })

const insert = (sql: SqlClient.SqlClient, id: number) => sql`INSERT INTO t (id) VALUES (${id})`

const ids = (sql: SqlClient.SqlClient) =>
  Effect.map(sql<{ id: number }>`SELECT id FROM t ORDER BY id`, (rows) => rows.map((row) => row.id))

/** About a second of work. */
const slow = (sql: SqlClient.SqlClient) =>
  sql`SELECT count(*) FROM generate_series(1, 1000000) i WHERE i % 7 = 3`

const holdEventLoop = (millis: number) => {
  const end = performance.now() + millis
  while (performance.now() < end);
}

/** PGlite sends it, but `PgClient` takes at most 16 MiB in one message and gives the connection up. */
const deadly = (sql: SqlClient.SqlClient) => sql`SELECT repeat('x', 20000000) AS cell`

const seen = <A, E>(exit: Exit.Exit<A, E>) => Exit.isFailure(exit)

layer(layerClient({ dataDir: "memory" }), { timeout: "5 minutes", excludeTestServices: true })(
  "the embedded database",
  (it) => {
    describe("transactions", () => {
      it.effect("commit, and roll back when their effect fails", () =>
        withTable((sql) =>
          Effect.gen(function* () {
            yield* sql.withTransaction(insert(sql, 1))
            yield* Effect.flip(sql.withTransaction(Effect.andThen(insert(sql, 2), undo)))
            assert.deepStrictEqual(yield* ids(sql), [1])
          })
        )
      )

      it.effect("nest: a failed inner one is undone, its neighbours stay", () =>
        withTable((sql) =>
          Effect.gen(function* () {
            yield* sql.withTransaction(
              Effect.gen(function* () {
                yield* insert(sql, 1)
                yield* Effect.flip(sql.withTransaction(Effect.andThen(insert(sql, 2), undo)))
                yield* Effect.flip(sql.withTransaction(Effect.andThen(insert(sql, 1), undo)))
                yield* sql.withTransaction(insert(sql, 3))
              })
            )
            assert.deepStrictEqual(yield* ids(sql), [1, 3])
          })
        )
      )

      it.effect("of 50 fibers take turns", () =>
        withTable((sql) =>
          Effect.gen(function* () {
            yield* insert(sql, 0)
            const bump = (fiber: number) =>
              Effect.gen(function* () {
                const [row] = yield* sql<{ n: number }>`SELECT n FROM t WHERE id = 0`
                yield* Effect.yieldNow
                yield* sql`UPDATE t SET n = ${(row?.n ?? 0) + 1} WHERE id = 0`
                yield* insert(sql, fiber)
                if (fiber % 2 === 0) return yield* undo
              }).pipe(sql.withTransaction, Effect.exit)
            const fibers = Array.from({ length: 50 }, (_, i) => i + 1)
            const exits = yield* Effect.forEach(fibers, bump, { concurrency: "unbounded" })
            assert.strictEqual(exits.filter(seen).length, 25)
            assert.deepStrictEqual(yield* sql`SELECT n FROM t WHERE id = 0`, [{ n: 25 }])
            assert.deepStrictEqual(yield* ids(sql), [0, ...fibers.filter((fiber) => fiber % 2 === 1)])
          })
        )
      )
    })

    describe("errors", () => {
      it.effect("name the constraint, and leave the connection usable", () =>
        withTable((sql) =>
          Effect.gen(function* () {
            yield* insert(sql, 1)
            const error = yield* Effect.flip(sql.withTransaction(insert(sql, 1)))
            assert.instanceOf(error, SqlError.SqlError)
            assert.instanceOf(error.reason, SqlError.UniqueViolation)
            assert.strictEqual(error.reason.constraint, "t_pkey")
            assert.deepStrictEqual(yield* ids(sql), [1])
          })
        )
      )

      it.effect("that kill the connection reach their caller, and the next statement finds a new one", () =>
        withTable((sql) =>
          Effect.gen(function* () {
            assert.instanceOf((yield* Effect.flip(deadly(sql))).reason, SqlError.ConnectionError)
            yield* insert(sql, 1)
            assert.deepStrictEqual(yield* ids(sql), [1])
          })
        )
      )

      it.effect("that kill the connection in a transaction roll it back", () =>
        withTable((sql) =>
          Effect.gen(function* () {
            const exit = yield* Effect.exit(sql.withTransaction(Effect.andThen(insert(sql, 1), deadly(sql))))
            assert.isTrue(Exit.isFailure(exit))
            yield* sql.withTransaction(insert(sql, 2))
            assert.deepStrictEqual(yield* ids(sql), [2])
          })
        )
      )

      it.effect("that kill the connection lose its settings and prepared statements with it", () =>
        Effect.gen(function* () {
          const sql = yield* SqlClient.SqlClient
          const prepared = sql<{ statement: string }>`
            SELECT statement FROM pg_prepared_statements WHERE statement LIKE '%deadly%'`
          yield* sql`SET statement_timeout = '7s'`
          yield* sql`SELECT 'before the deadly one'`
          assert.lengthOf(yield* prepared, 2)
          yield* Effect.exit(deadly(sql))
          assert.deepStrictEqual(yield* sql`SHOW statement_timeout`, [{ statement_timeout: "0" }])
          assert.lengthOf(yield* prepared, 1, "itself alone")
        })
      )
    })

    describe("interruption", () => {
      it.effect(
        "of a running statement, with a CancelRequest that comes too late, leaves the next ones alone",
        () =>
          withTable((sql) =>
            Effect.gen(function* () {
              yield* Effect.promise(() => setImmediate())
              const fiber = yield* Effect.forkChild(insert(sql, 1), { startImmediately: true })
              const interruption = yield* Effect.forkChild(Fiber.interrupt(fiber), { startImmediately: true })
              // Past the 10 ms in which PgClient hopes for an answer without asking for one.
              holdEventLoop(30)
              yield* Fiber.join(interruption)
              assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(fiber)))
              for (let five = 0; five < 5; five++) {
                assert.deepStrictEqual(yield* sql`SELECT ${five}::int AS five`, [{ five }])
              }
            })
          )
      )

      it.effect("by a timeout, in a transaction, rolls it back", () =>
        withTable((sql) =>
          Effect.gen(function* () {
            const exit = yield* Effect.andThen(insert(sql, 1), Effect.forever(slow(sql))).pipe(
              sql.withTransaction,
              Effect.timeoutOption("20 millis")
            )
            assert.isTrue(Option.isNone(exit))
            assert.deepStrictEqual(yield* ids(sql), [])
          })
        )
      )

      it.effect("of a queued statement means that it never runs", () =>
        withTable((sql) =>
          Effect.gen(function* () {
            const [begun, over] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
            const held = Effect.andThen(Deferred.succeed(begun, undefined), Deferred.await(over))
            const holder = yield* Effect.forkChild(sql.withTransaction(held))
            yield* Deferred.await(begun)
            const queued = yield* Effect.forkChild(insert(sql, 1))
            yield* Effect.sleep("20 millis")
            yield* Fiber.interrupt(queued)
            yield* Deferred.succeed(over, undefined)
            yield* Fiber.join(holder)
            assert.deepStrictEqual(yield* ids(sql), [])
          })
        )
      )
    })

    describe("sizes", () => {
      for (const megabytes of [0.1, 1.5, 8]) {
        it.effect(`a parameter of ${megabytes} MB goes in and comes back`, () =>
          Effect.gen(function* () {
            const sql = yield* SqlClient.SqlClient
            const text = "αbc\u{1f4e6}".repeat((megabytes * 1_000_000) / 8)
            const [row] = yield* sql<{ text: string }>`SELECT ${text}::text AS text`
            assert.isTrue(row?.text === text)
          })
        )
      }

      it.effect("20,000 rows of 250 bytes arrive in order", () =>
        Effect.gen(function* () {
          const sql = yield* SqlClient.SqlClient
          const rows = yield* sql<{ i: number }>`
            SELECT i, repeat('x', 250) AS text FROM generate_series(0, 19999) i`
          assert.strictEqual(rows.length, 20_000)
          assert.isTrue(rows.every((row, i) => row.i === i))
        })
      )
    })

    it.effect("a fiber that runs statement after statement leaves the event loop its turns", () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        let turns = 0
        const timer = setInterval(() => turns++, 1)
        const end = performance.now() + 100
        while (performance.now() < end) yield* sql`SELECT 1`
        clearInterval(timer)
        assert.isAtLeast(turns, 1)
      })
    )
  }
)

describe("an embedded database of long standing", () => {
  /** What happens by itself, now that the clock has moved. */
  const eventLoopTurns = Effect.promise(async () => {
    for (let turn = 0; turn < 20; turn++) await setImmediate()
  })

  const alone = Effect.provide(
    Layer.unwrap(Effect.map(emptyDataDirectory, (dataDir) => layerClient({ dataDir })))
  )

  it.effect("keeps its connection through idle hours", () =>
    Effect.gen(function* () {
      const sql = yield* PgClient.PgClient
      yield* sql`SET statement_timeout = '7s'`
      yield* eventLoopTurns
      yield* TestClock.adjust(Duration.hours(5))
      yield* eventLoopTurns
      assert.deepStrictEqual(yield* sql`SHOW statement_timeout`, [{ statement_timeout: "7s" }])
    }).pipe(alone)
  )

  it.effect("makes a checkpoint when its log has grown, and not before", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const redo = Effect.map(
        sql<{ at: string }>`SELECT redo_lsn::text AS at FROM pg_control_checkpoint()`,
        (rows) => rows[0]?.at
      )
      const tenSecondsLater = Effect.andThen(TestClock.adjust(Duration.seconds(10)), eventLoopTurns)
      const afterAMinute = Effect.andThen(Effect.repeat(tenSecondsLater, { times: 5 }), redo)
      yield* sql`CREATE TABLE t (text text)`
      const before = yield* redo
      assert.strictEqual(yield* afterAMinute, before)
      yield* sql`INSERT INTO t SELECT repeat(md5(i::text), 10) FROM generate_series(1, 200000) i`
      // On a busy machine the checkpoint may need more turns of the event loop than a minute of this clock has.
      const after = yield* Effect.repeat(afterAMinute, { until: (at) => at !== before, times: 100 })
      assert.notStrictEqual(after, before)
    }).pipe(alone)
  )
})
