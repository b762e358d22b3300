import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Fiber } from "effect"
import { SqlError } from "effect/sql"
import { classify, isLockTimeout } from "../../../../src/adapters/postgres/execution/SqlErrors.ts"
import { SkuTaken } from "../../../../src/domain/catalog/Product.ts"
import { StoreUnavailable } from "../../../../src/ports/errors.ts"

const details = { message: "no", operation: "query" }

/** What PostgreSQL says with this code (SQLSTATE). */
const sqlError = (code: string) =>
  new SqlError.SqlError({ reason: new SqlError.UnknownError({ ...details, cause: { code } }) })

const connectionLost = new SqlError.SqlError({
  reason: new SqlError.ConnectionError({ ...details, cause: new Error("ECONNRESET") })
})

const notApplied = () => "notApplied" as const
const unknown = () => "unknown" as const

const reasonsOf = <A, E>(exit: Exit.Exit<A, E>) => (Exit.isFailure(exit) ? exit.cause.reasons : [])

/** Codes of PostgreSQL's documentation, appendix A. */
const passing =
  "08000 08006 08P01 25006 25P03 25P04 40001 40003 40P01 53000 53100 53200 53300 53400 55P03 " +
  "57000 57014 57P01 57P02 57P03 57P05 58000 58030"
const staying = "22003 22P02 23502 23503 23505 23514 25P02 28P01 3D000 42601 42P01 55006 XX000"

describe("a failed statement", () => {
  it.effect.each(passing.split(" "))("is an outage if it may pass: %s", (code) =>
    Effect.gen(function* () {
      const cause = sqlError(code)
      for (const failed of [Effect.fail(cause), Effect.die(cause)]) {
        const error = yield* Effect.flip(classify(failed, notApplied))
        assert.deepStrictEqual(error, new StoreUnavailable({ outcome: "notApplied", cause }))
        assert.strictEqual(isLockTimeout(error), code === "55P03")
      }
    })
  )

  it.effect.each(staying.split(" "))("is a bug otherwise: %s", (code) =>
    Effect.gen(function* () {
      const error = sqlError(code)
      for (const failed of [Effect.fail(error), Effect.die(error)]) {
        const exit = yield* Effect.exit(classify(failed, notApplied))
        assert.deepStrictEqual(reasonsOf(exit), [Cause.makeDieReason(error)])
      }
    })
  )

  it.effect(
    "is an outage if the connection is lost, code or no code, also when only its ROLLBACK tells",
    () =>
      Effect.gen(function* () {
        const refusal = new SkuTaken({ sku: "a" })
        const causes = [
          Cause.fail(connectionLost),
          Cause.die(connectionLost),
          Cause.fromReasons([Cause.makeFailReason(refusal), Cause.makeDieReason(connectionLost)]),
          Cause.fromReasons([Cause.makeDieReason(new Error("bug")), Cause.makeDieReason(connectionLost)])
        ]
        for (const cause of causes) {
          const error = yield* Effect.flip(classify(Effect.failCause(cause), unknown))
          assert.deepStrictEqual(error, new StoreUnavailable({ outcome: "unknown", cause: connectionLost }))
        }
      })
  )

  it.effect("is certainly undone if the server says so, even at COMMIT", () =>
    Effect.gen(function* () {
      for (const [code, certain] of [
        ["40001", true],
        ["40P01", true],
        ["25006", true],
        ["40003", false],
        ["57P01", false]
      ] as const) {
        const error = yield* Effect.flip(classify(Effect.fail(sqlError(code)), unknown))
        assert.strictEqual((error as StoreUnavailable).outcome === "notApplied", certain, code)
      }
    })
  )
})

describe("all else", () => {
  it.effect("stays as it is: answers, refusals, bugs", () =>
    Effect.gen(function* () {
      const refusal = new SkuTaken({ sku: "a" })
      const bug = new Error("bug")
      assert.strictEqual(yield* classify(Effect.succeed(1), notApplied), 1)
      assert.strictEqual(yield* Effect.flip(classify(Effect.fail(refusal), notApplied)), refusal)
      const exit = yield* Effect.exit(classify(Effect.die(bug), notApplied))
      assert.deepStrictEqual(reasonsOf(exit), [Cause.makeDieReason(bug)])
    })
  )

  it.effect("stays interrupted", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(classify(Effect.never, notApplied))
      yield* Effect.yieldNow
      yield* Fiber.interrupt(fiber)
      const exit = yield* Fiber.await(fiber)
      assert.isTrue(Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause))
      const both = Cause.fromReasons([Cause.makeInterruptReason(1), Cause.makeFailReason(sqlError("23505"))])
      const kept = yield* Effect.exit(classify(Effect.failCause(both), notApplied))
      assert.isTrue(Exit.isFailure(kept) && Cause.hasInterrupts(kept.cause) && Cause.hasDies(kept.cause))
    })
  )
})
