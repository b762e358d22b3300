import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
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

  it("is never a voucher, which may have no bounds to lock", () => {
    const redeeming = { lockTargets: [{ table: "vouchers" as const, id: "welcome" }] }
    assert.isUndefined(hotRow([redeeming, redeeming, redeeming, redeeming]))
  })

  it("is none if the rows are not known before the request runs", () => {
    const unknown = { lockTargets: Effect.succeed([]) }
    assert.isUndefined(hotRow([unknown, unknown, unknown, unknown]))
  })
})

describe("a request for a hot row", () => {
  /** A batch in flight, until `end` is done. */
  const running = Effect.gen(function* () {
    const hot = hotRows(500)
    const end = yield* Deferred.make<void, string>()
    const batch = yield* Effect.forkChild(Effect.exit(hot.whileInFlight(mug, Deferred.await(end))), {
      startImmediately: true
    })
    const waiting = yield* Effect.forkChild(hot.awaitBatchFor(locking("pen", "mug")), {
      startImmediately: true
    })
    return { hot, end, batch, waiting }
  })

  it.effect("waits until the batch in flight has ended, however it ends; other requests do not", () =>
    Effect.gen(function* () {
      const { hot, end, batch, waiting } = yield* running
      assert.isFalse(yield* hot.awaitBatchFor(locking("pen")))
      yield* TestClock.adjust(499)
      assert.isUndefined(waiting.pollUnsafe())
      yield* Deferred.fail(end, "an outage")
      yield* Fiber.join(batch)
      assert.isTrue(yield* Fiber.join(waiting))
      assert.isFalse(yield* hot.awaitBatchFor(locking("mug")))
    })
  )

  it.effect("waits no longer than it may", () =>
    Effect.gen(function* () {
      const { batch, waiting } = yield* running
      yield* TestClock.adjust(500)
      assert.isFalse(yield* Fiber.join(waiting))
      yield* Fiber.interrupt(batch)
    })
  )
})
