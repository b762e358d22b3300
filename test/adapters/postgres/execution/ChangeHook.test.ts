import { assert, describe, it } from "@effect/vitest"
import { Effect, References } from "effect"
import { SqlError } from "effect/sql"
import { changeHook } from "../../../../src/adapters/postgres/execution/ChangeHook.ts"
import { Database } from "../../../../src/adapters/postgres/execution/Database.ts"
import type { OrderChange } from "../../../../src/domain/orders/OrderChange.ts"
import { BeforeCommit, BeforeCommitFailed } from "../../../../src/ports/BeforeCommit.ts"
import { StoreUnavailable } from "../../../../src/ports/errors.ts"

/** What PostgreSQL says with this code (SQLSTATE). */
const sqlError = (code: string) =>
  new SqlError.SqlError({ reason: new SqlError.UnknownError({ message: "no", cause: { code } }) })

const change = { order: { id: "order", status: "CREATED" }, event: { event: "placed" } } as OrderChange

/** Asks a hook that fails. */
const asked = (failing: Effect.Effect<never, unknown>) =>
  Effect.flatMap(changeHook, ({ refusalsOf }) => refusalsOf([change])).pipe(
    Effect.provideService(BeforeCommit, () => failing),
    Effect.provideService(Database, {} as Database["Service"]),
    Effect.provideService(References.MinimumLogLevel, "None")
  )

const unavailable = (cause: unknown) => new StoreUnavailable({ outcome: "notApplied", cause })

describe("a hook that fails", () => {
  it.effect.each(["40P01", "55P03", "08006"])(
    "is repeated if the database may do better, also in a service of the shop: %s",
    (code) =>
      Effect.gen(function* () {
        const error = sqlError(code)
        for (const failing of [Effect.fail(error), Effect.die(error)]) {
          assert.strictEqual(yield* Effect.flip(asked(failing)), error)
        }
        for (const failing of [Effect.fail(unavailable(error)), Effect.die(unavailable(error))]) {
          assert.strictEqual(yield* Effect.flip(asked(failing)), error)
        }
      })
  )

  it.effect("is a fault of the host otherwise", () =>
    Effect.gen(function* () {
      for (const error of [sqlError("23505"), unavailable(sqlError("23505")), new Error("A bug")]) {
        const defect = yield* Effect.catchDefect(asked(Effect.fail(error)), Effect.succeed)
        assert.instanceOf(defect, BeforeCommitFailed)
      }
    })
  )
})
