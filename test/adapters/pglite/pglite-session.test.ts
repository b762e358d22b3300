import type { Duplex } from "node:stream"
import { PgConnection } from "@effect/sql-pg"
import { assert, describe, it } from "@effect/vitest"
import { PGlite } from "@electric-sql/pglite"
import { Context, Effect, Exit, Fiber, Layer, Scope } from "effect"
import { wireProtocolStreams } from "../../../src/adapters/pglite/WireProtocolStream.ts"

class Streams extends Context.Service<Streams, () => Duplex>()("test/Streams") {
  static readonly layer = Layer.effect(
    Streams,
    Effect.acquireRelease(
      Effect.promise(() => PGlite.create()),
      (database) => Effect.promise(() => database.close())
    ).pipe(Effect.map(wireProtocolStreams))
  )
}

const connect = (stream: () => Duplex) =>
  PgConnection.make({ stream, username: "postgres", database: "postgres" })

/** What a stream answers to chunks until it closes, and the error that it closes with, if it does. */
const write = (stream: Duplex, ...chunks: ReadonlyArray<Buffer>) =>
  Effect.callback<{ readonly answer: Buffer; readonly error: Error | undefined }>((resume) => {
    const parts: Array<Buffer> = []
    let error: Error | undefined
    stream.on("data", (part) => parts.push(part))
    stream.on("error", (cause) => (error = cause))
    stream.on("close", () => resume(Effect.succeed({ answer: Buffer.concat(parts), error })))
    for (const chunk of chunks) stream.write(chunk)
  })

const int32 = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

const cancelRequest = Buffer.concat([int32(16), int32(80877102), int32(1), int32(2)])
const startup = Buffer.concat([int32(8), int32(196608)])
const sync = Buffer.concat([Buffer.from("S"), int32(4)])

it.layer(Streams.layer, { timeout: "5 minutes", excludeTestServices: true })("a stream to PGlite", (it) => {
  it.effect("closes on a CancelRequest without an answer, and disturbs no other stream", () =>
    Effect.gen(function* () {
      const streams = yield* Streams
      const connection = yield* connect(streams)
      yield* connection.query("BEGIN")
      yield* connection.query("CREATE TABLE kept (id int)")
      const { answer, error } = yield* write(streams(), cancelRequest)
      assert.strictEqual(answer.length, 0)
      assert.isUndefined(error)
      yield* connection.query("COMMIT")
      assert.strictEqual((yield* connection.query("SELECT count(*) FROM kept")).rows[0]?.count, 0n)
    })
  )

  it.effect("waits for the stream before it, and begins with a session like new", () =>
    Effect.gen(function* () {
      const streams = yield* Streams
      const scope = yield* Scope.make()
      const first = yield* Scope.provide(connect(streams), scope)
      yield* first.query("CREATE TABLE shared (id int)")
      yield* first.query("SET statement_timeout = '7s'")
      yield* first.query("BEGIN")
      yield* first.query("INSERT INTO shared VALUES (1)")
      const second = yield* Effect.forkChild(connect(streams), { startImmediately: true })
      yield* Effect.sleep("50 millis")
      yield* first.query("INSERT INTO shared VALUES (2)")
      yield* first.query("COMMIT")
      yield* first.query("BEGIN")
      yield* first.query("INSERT INTO shared VALUES (3)")
      yield* Scope.close(scope, Exit.void)
      const connection = yield* Fiber.join(second)
      assert.deepStrictEqual((yield* connection.query("SELECT id FROM shared")).rows, [{ id: 1 }, { id: 2 }])
      assert.deepStrictEqual((yield* connection.query("SHOW statement_timeout")).rows[0], {
        statement_timeout: "0"
      })
    })
  )

  it.effect("that was given up while it waited lets the next one through", () =>
    Effect.gen(function* () {
      const streams = yield* Streams
      const scope = yield* Scope.make()
      yield* Scope.provide(connect(streams), scope)
      const given = yield* Effect.forkChild(connect(streams), { startImmediately: true })
      const next = yield* Effect.forkChild(connect(streams), { startImmediately: true })
      yield* Fiber.interrupt(given)
      yield* Scope.close(scope, Exit.void)
      assert.deepStrictEqual((yield* (yield* Fiber.join(next)).query("SELECT 1 AS one")).rows, [{ one: 1 }])
    })
  )
})

describe("a stream to an engine", () => {
  const failing = wireProtocolStreams({
    execProtocolRawStream: () => Promise.reject(new Error("out of memory"))
  })

  it.live("passes the engine's error on to the client", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(connect(failing))
      assert.strictEqual(error.reason._tag, "ConnectionError")
      assert.include(String((error.reason.cause as Error).message), "out of memory")
    })
  )

  it.live("refuses a message that is not whole, which PGlite would wait for", () =>
    Effect.gen(function* () {
      const silent = wireProtocolStreams({ execProtocolRawStream: () => Promise.resolve() })
      const inPieces = [
        [startup.subarray(0, 7)],
        [startup, sync.subarray(0, 4)],
        [startup, Buffer.concat([sync, sync.subarray(0, 1)])],
        [startup, Buffer.concat([sync, Buffer.from("Q"), int32(100)])]
      ]
      for (const chunks of inPieces) {
        const { error } = yield* write(silent(), ...chunks)
        assert.strictEqual(error?.message, "A message arrived incomplete")
      }
    })
  )
})
