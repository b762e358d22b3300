import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Metric } from "effect"
import { callersWaiting, ordersRefused, whileCounted } from "../../src/telemetry/Metrics.ts"

/** In a registry that nobody else has. */
const fresh = <A, E, R>(work: Effect.Effect<A, E, R>) =>
  Effect.provideService(work, Metric.MetricRegistry, new Map())

describe("whileCounted", () => {
  it.effect("counts work while it goes on, however it ends", () =>
    Effect.gen(function* () {
      const gauge = callersWaiting("nothing")
      const count = Effect.map(Metric.value(gauge), ({ value }) => value)
      const counted = whileCounted(gauge)
      yield* counted(counted(Effect.flatMap(count, (now) => Effect.sync(() => assert.strictEqual(now, 2)))))
      yield* Effect.exit(counted(Effect.fail("refused")))
      yield* Effect.exit(counted(Effect.die("bug")))
      assert.strictEqual(yield* count, 0)

      const running = yield* Effect.forkChild(counted(Effect.never))
      yield* Effect.yieldNow
      assert.strictEqual(yield* count, 1)
      yield* Fiber.interrupt(running)
      const early = yield* Effect.forkChild(counted(Effect.never))
      yield* Fiber.interrupt(early)
      assert.strictEqual(yield* count, 0)
    }).pipe(fresh)
  )
})

describe("A labelled metric", () => {
  it.effect("is one series per label", () =>
    Effect.gen(function* () {
      for (const reason of ["A", "B", "A"]) yield* Metric.update(ordersRefused(reason), 1)
      const counts = (yield* Metric.snapshot).map(({ attributes, state }) => [attributes, state])
      assert.deepStrictEqual(counts, [
        [{ reason: "A" }, { count: 2, incremental: true }],
        [{ reason: "B" }, { count: 1, incremental: true }]
      ])
    }).pipe(fresh)
  )
})
