import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { hotRow, hotRows } from "../../../../src/adapters/postgres/execution/HotRows.ts"
import { lockKey } from "../../../../src/adapters/postgres/execution/LockWaits.ts"

/** A request that locks these products. */
const locking = (...ids: ReadonlyArray<string>) => ({
  lockTargets: ids.map((id) => ({ table: "products" as const, id }))
})

const mug = lockKey({ table: "products", id: "mug" })

describe("the hot row of a batch", () => {
  it("is the row that more than half of its requests lock", () => {
    assert.strictEqual(
      hotRow([locking("pen"), locking("mug"), locking("pot", "mug"), locking("mug", "cup")]),
      mug
    )
    assert.isUndefined(hotRow([locking("mug"), locking("mug"), locking("pen"), locking("pot")]))
    assert.isUndefined(hotRow([locking("pen"), locking("mug"), locking("pot"), locking("cup")]))
  })

  it("is none in a batch of fewer than four", () => {
    assert.isUndefined(hotRow([locking("mug"), locking("mug"), locking("mug")]))
    assert.isUndefined(hotRow([]))
  })

  it("is none if the rows are not known before the request runs", () => {
    const unknown = { lockTargets: Effect.succeed([]) }
    assert.isUndefined(hotRow([unknown, unknown, unknown, unknown]))
  })
})

describe("a request for a hot row", () => {
  it.effect("waits until the batch in flight has ended, however it ends; other requests do not", () =>
    Effect.gen(function* () {
      const hot = hotRows()
      const end = yield* Deferred.make<void, string>()
      assert.isUndefined(hot.endOfBatchFor(locking("mug")))
      const batch = yield* Effect.forkChild(Effect.exit(hot.whileInFlight(mug, Deferred.await(end))))
      yield* Effect.yieldNow
      assert.isUndefined(hot.endOfBatchFor(locking("pen")))
      const waiting = yield* Effect.forkChild(hot.endOfBatchFor(locking("pen", "mug")) ?? Effect.die("free"))
      yield* Effect.yieldNow
      assert.isUndefined(waiting.pollUnsafe())
      yield* Deferred.fail(end, "an outage")
      yield* Fiber.join(batch)
      yield* Fiber.join(waiting)
      assert.isUndefined(hot.endOfBatchFor(locking("mug")))
    })
  )
})
