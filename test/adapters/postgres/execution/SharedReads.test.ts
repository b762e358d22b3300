import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Scope } from "effect"
import { Database } from "../../../../src/adapters/postgres/execution/Database.ts"
import { defaultLimits } from "../../../../src/adapters/postgres/execution/Limits.ts"
import { sharedReads } from "../../../../src/adapters/postgres/execution/SharedReads.ts"

/** A statement that was sent, until the test answers it. */
interface Sent {
  readonly ids: ReadonlyArray<string>
  readonly answer: Deferred.Deferred<ReadonlyArray<string>, never>
}

/** Reads of rows whose statements wait for the test. Ids with the same first letter are of one group. */
const opened = Effect.fnUntraced(function* ({ joined = false, slowRead = 60_000, maxBatchSize = 128 } = {}) {
  const sent: Array<Sent> = []
  const gone: Array<ReadonlyArray<string>> = []
  const limits = { ...defaultLimits, slowRead, maxBatchSize, readsInFlight: 2 }
  const database = {
    limits,
    inTransaction: Effect.succeed(joined),
    query: (work: Effect.Effect<unknown>) => work
  } as unknown as Database["Service"]
  const scope = yield* Scope.make()
  const read = yield* sharedReads({
    groupOf: (id: string) => id.slice(0, 1),
    run: (ids: ReadonlyArray<string>) =>
      Effect.suspend(() => {
        const answer = Deferred.makeUnsafe<ReadonlyArray<string>, never>()
        sent.push({ ids, answer })
        return Effect.onInterrupt(Deferred.await(answer), () => Effect.sync(() => gone.push(ids)))
      })
  }).pipe(Effect.provideService(Database, database), Effect.provideService(Scope.Scope, scope))
  /** Waits until so many statements were sent. */
  const statements = (count: number) =>
    Effect.gen(function* () {
      while (sent.length < count) yield* Effect.sleep(1)
      yield* Effect.sleep(5)
      return sent.map(({ ids }) => ids)
    })
  const respond = (index: number, word = "row") => {
    const { ids, answer } = sent[index] ?? {}
    return Deferred.succeed(answer as never, (ids ?? []).map((id) => `${word} of ${id}`) as never)
  }
  return { read, statements, respond, scope, cancelled: () => gone }
})

describe("reads that share statements", () => {
  it.live("a single one waits for no other", () =>
    Effect.gen(function* () {
      const { read, statements, respond } = yield* opened()
      const reading = yield* Effect.forkChild(read("a1"))
      assert.deepStrictEqual(yield* statements(1), [["a1"]])
      yield* respond(0)
      assert.strictEqual(yield* Fiber.join(reading), "row of a1")
    })
  )

  it.live("gather while statements are in flight, each with its own answer", () =>
    Effect.gen(function* () {
      const { read, statements, respond } = yield* opened()
      const first = yield* Effect.forkChild(read("a1"))
      yield* statements(1)
      const second = yield* Effect.forkChild(read("a2"))
      yield* statements(2)
      const others = yield* Effect.forEach(["a3", "a4", "a5"], (id) => Effect.forkChild(read(id)))
      assert.deepStrictEqual(yield* statements(2), [["a1"], ["a2"]])
      yield* respond(0)
      assert.deepStrictEqual(yield* statements(3), [["a1"], ["a2"], ["a3", "a4", "a5"]])
      yield* respond(1)
      yield* respond(2)
      assert.strictEqual(yield* Fiber.join(first), "row of a1")
      assert.strictEqual(yield* Fiber.join(second), "row of a2")
      assert.deepStrictEqual(yield* Effect.forEach(others, Fiber.join), [
        "row of a3",
        "row of a4",
        "row of a5"
      ])
    })
  )

  it.live("are never answered by a statement that had begun before", () =>
    Effect.gen(function* () {
      const { read, statements, respond } = yield* opened()
      const before = yield* Effect.forkChild(read("a1"))
      yield* statements(1)
      const again = yield* Effect.forkChild(read("a1"))
      yield* statements(2)
      // A write is committed here.
      const after = yield* Effect.forkChild(read("a1"))
      yield* Effect.sleep(5)
      yield* respond(0, "old row")
      yield* statements(3)
      yield* respond(1, "old row")
      yield* respond(2, "new row")
      assert.deepStrictEqual(yield* Effect.forEach([before, again, after], Fiber.join), [
        "old row of a1",
        "old row of a1",
        "new row of a1"
      ])
    })
  )

  it.live("of other groups have statements of their own", () =>
    Effect.gen(function* () {
      const { read, statements } = yield* opened()
      for (const id of ["a1", "b1"]) yield* Effect.forkChild(read(id))
      assert.deepStrictEqual(yield* statements(2), [["a1"], ["b1"]])
    })
  )

  it.live("take at most so many into one statement, and begin with the rest at once", () =>
    Effect.gen(function* () {
      const { read, statements } = yield* opened({ maxBatchSize: 2 })
      for (const id of ["a1", "a2", "a3"]) yield* Effect.forkChild(read(id))
      assert.deepStrictEqual(yield* statements(2), [["a1", "a2"], ["a3"]])
    })
  )

  it.live("wait for no slow statement", () =>
    Effect.gen(function* () {
      const { read, statements, respond } = yield* opened({ slowRead: 20 })
      yield* Effect.forkChild(read("a1"))
      yield* statements(1)
      yield* Effect.forkChild(read("a2"))
      yield* statements(2)
      const third = yield* Effect.forkChild(read("a3"))
      yield* statements(3)
      yield* respond(2)
      assert.strictEqual(yield* Fiber.join(third), "row of a3")
    })
  )

  it.live("leave without a statement if they are interrupted before it", () =>
    Effect.gen(function* () {
      const { read, statements, respond } = yield* opened()
      for (const id of ["a1", "a2"]) {
        yield* Effect.forkChild(read(id))
        yield* Effect.sleep(5)
      }
      const leaving = yield* Effect.forkChild(read("a3"))
      const staying = yield* Effect.forkChild(read("a4"))
      yield* Effect.sleep(5)
      yield* Fiber.interrupt(leaving)
      yield* respond(0)
      assert.deepStrictEqual((yield* statements(3))[2], ["a4"])
      yield* respond(2)
      assert.strictEqual(yield* Fiber.join(staying), "row of a4")
    })
  )

  it.live("cancel their statement when the last of them is interrupted, and no sooner", () =>
    Effect.gen(function* () {
      const { read, statements, respond, cancelled } = yield* opened()
      for (const id of ["a1", "a2"]) {
        yield* Effect.forkChild(read(id))
        yield* Effect.sleep(5)
      }
      const readers = yield* Effect.forEach(["a3", "a4"], (id) => Effect.forkChild(read(id)))
      yield* Effect.sleep(5)
      yield* respond(0)
      yield* statements(3)
      const [first, last] = readers
      if (first !== undefined) yield* Fiber.interrupt(first)
      yield* Effect.sleep(5)
      assert.deepStrictEqual(cancelled(), [])
      if (last !== undefined) yield* Fiber.interrupt(last)
      yield* Effect.sleep(5)
      assert.deepStrictEqual(cancelled(), [["a3", "a4"]])
    })
  )

  it.live("run by themselves inside a transaction", () =>
    Effect.gen(function* () {
      const { read, statements } = yield* opened({ joined: true })
      for (const id of ["a1", "a2", "a3"]) yield* Effect.forkChild(read(id))
      assert.deepStrictEqual(yield* statements(3), [["a1"], ["a2"], ["a3"]])
    })
  )

  it.live("fail when the shop is closed", () =>
    Effect.gen(function* () {
      const { read, statements, scope } = yield* opened()
      const reading = yield* Effect.forkChild(read("a1"))
      yield* statements(1)
      yield* Scope.close(scope, Exit.void)
      for (const failing of [Fiber.join(reading), read("a2")]) {
        const { _tag, outcome } = yield* Effect.flip(failing)
        assert.deepStrictEqual([_tag, outcome], ["StoreUnavailable", "notApplied"])
      }
    })
  )
})
