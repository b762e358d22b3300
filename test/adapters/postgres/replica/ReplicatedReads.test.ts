import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Metric } from "effect"
import { Database } from "../../../../src/adapters/postgres/execution/Database.ts"
import { type ReadableReplica, Replica } from "../../../../src/adapters/postgres/replica/Replica.ts"
import { replicated } from "../../../../src/adapters/postgres/replica/ReplicatedReads.ts"
import { ReplicaGone } from "../../../../src/adapters/postgres/replica/ReplicaWatch.ts"
import { PositionUnknown } from "../../../../src/domain/orders/Feed.ts"
import { LogPosition } from "../../../../src/domain/shared/LogPosition.ts"
import { StoreUnavailable } from "../../../../src/ports/errors.ts"
import { ReadPreference } from "../../../../src/ports/ReadPreference.ts"
import { replicaReads } from "../../../../src/telemetry/Metrics.ts"

const position = LogPosition.make("0/A")

/** Reads that say where they are made, on a database that is known by its name. */
const make = Effect.map(Database, ({ limits }) => ({
  where: (id: string) => (limits as unknown as { readonly on: (id: string) => Effect.Effect<string> }).on(id)
}))

const databaseOn = (on: (id: string) => Effect.Effect<unknown, unknown>, inTransaction = false) =>
  ({ limits: { on }, inTransaction: Effect.succeed(inTransaction) }) as unknown as Database["Service"]

interface Setting {
  readonly replica?: Partial<ReadableReplica> & {
    readonly on?: (id: string) => Effect.Effect<unknown, unknown>
  }
  readonly inTransaction?: boolean
  readonly preference?: ReadPreference
}

const read = ({ replica, inTransaction = false, preference = "primary" }: Setting) =>
  Effect.gen(function* () {
    const reads = yield* replicated(make)
    return yield* Effect.provideService(reads.where("1"), ReadPreference, preference)
  }).pipe(
    Effect.provideService(
      Database,
      databaseOn((id) => Effect.succeed(`primary ${id}`), inTransaction)
    ),
    Effect.provideService(
      Replica,
      replica && {
        database: databaseOn(replica.on ?? ((id) => Effect.succeed(`replica ${id}`))),
        mayAnswer: () => Effect.succeed(true),
        read: (work) => work,
        ...replica
      }
    ),
    Effect.scoped
  )

const counted = Effect.map(
  Effect.all(
    (["replica", "primary", "primary_after_failure"] as const).map((by) => Metric.value(replicaReads(by)))
  ),
  (states) => states.map(({ count }) => Number(count))
)

/** Runs a read, and returns its result with the counts that it has changed. */
const readCounted = Effect.fnUntraced(function* (setting: Setting) {
  const before = yield* counted
  const result = yield* read(setting)
  const after = yield* counted
  return [result, ...after.map((count, index) => count - (before[index] ?? 0))]
})

describe("a read that a replica may answer", () => {
  it.effect("is made there if its reader prefers that, and the replica may answer", () =>
    Effect.gen(function* () {
      const asked: Array<unknown> = []
      const mayAnswer: ReadableReplica["mayAnswer"] = (after) => {
        asked.push(after)
        return Effect.succeed(after === undefined)
      }
      assert.deepStrictEqual(yield* readCounted({ replica: { mayAnswer }, preference: "replica" }), [
        "replica 1",
        1,
        0,
        0
      ])
      const preference = { replicaAfter: position }
      assert.deepStrictEqual(yield* readCounted({ replica: { mayAnswer }, preference }), [
        "primary 1",
        0,
        1,
        0
      ])
      assert.deepStrictEqual(asked, [undefined, position])
    })
  )

  it.effect(
    "is made at the primary by itself, without a replica, and in a transaction; then nothing is counted",
    () =>
      Effect.gen(function* () {
        const mayAnswer = () => Effect.die("is not asked")
        for (const setting of [
          { replica: { mayAnswer } },
          { preference: "replica" },
          { replica: { mayAnswer }, preference: "replica", inTransaction: true },
          { replica: { mayAnswer }, preference: { replicaAfter: position }, inTransaction: true }
        ] as const) {
          assert.deepStrictEqual(yield* readCounted(setting), ["primary 1", 0, 0, 0])
        }
      })
  )

  it.effect("is asked once more at the primary, whatever the replica fails with [D8]", () =>
    Effect.gen(function* () {
      for (const failure of [
        Effect.fail(
          new StoreUnavailable({ outcome: "notApplied", cause: new Error("conflict with recovery") })
        ),
        Effect.fail(new PositionUnknown({ position: "1:2:3:4" })),
        Effect.fail(new ReplicaGone()),
        Effect.die(new Error("a column does not exist"))
      ]) {
        const setting: Setting = { replica: { on: () => failure }, preference: "replica" }
        assert.deepStrictEqual(yield* readCounted(setting), ["primary 1", 0, 0, 1])
      }
    })
  )

  it.effect("that is interrupted is asked nowhere else", () =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(
        read({ replica: { on: () => Effect.interrupt }, preference: "replica" })
      )
      assert.isTrue(Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause))
    })
  )
})
