import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Logger, References } from "effect"
import { TestClock } from "effect/testing"
import { layer as memory } from "../../src/adapters/memory/index.ts"
import { IdempotencyKeyStore } from "../../src/ports/IdempotencyKeyStore.ts"
import { StoreHealth } from "../../src/ports/Stores.ts"
import * as Maintenance from "../../src/services/Maintenance.ts"
import { Orders } from "../../src/services/Orders.ts"
import { Payments } from "../../src/services/Payments.ts"

/** Runs maintenance for a minute while the clock of the database is ahead by so much; returns its sweeps and its log. */
const sweepsWith = Effect.fnUntraced(function* (offset: number) {
  const log: Array<string> = []
  let sweeps = 0
  const counted = Effect.sync(() => {
    sweeps += 1
    return 0
  })
  const ports = Layer.mergeAll(
    memory,
    Layer.succeed(StoreHealth, StoreHealth.of({ check: Effect.void, clockOffset: Effect.succeed(offset) })),
    Layer.succeed(IdempotencyKeyStore, IdempotencyKeyStore.of({ prune: () => counted })),
    Layer.mock(Orders, { expireUnpaid: () => counted }),
    Layer.mock(Payments, { recover: Effect.as(counted, []), voidAuthorizations: () => counted })
  )
  yield* Effect.scoped(
    Effect.andThen(
      Layer.build(
        Layer.provide(
          Maintenance.layer({
            every: "20 seconds",
            unpaidOrderTtl: "1 hour",
            voidAuthorizationsAfter: "6 days"
          }),
          ports
        )
      ),
      TestClock.adjust("1 minute")
    )
  ).pipe(
    Effect.provide(Logger.layer([Logger.make(({ message }) => log.push(String(message)))])),
    Effect.provideService(References.MinimumLogLevel, "Info")
  )
  return { sweeps, log }
})

describe("maintenance", () => {
  it.effect("runs while the clocks agree", () =>
    Effect.gen(function* () {
      const { log, sweeps } = yield* sweepsWith(1000)
      assert.isAtLeast(sweeps, 6)
      assert.deepStrictEqual(log, [])
    })
  )

  it.effect("runs and warns once if the clocks differ by more than five seconds", () =>
    Effect.gen(function* () {
      const { log, sweeps } = yield* sweepsWith(-20_000)
      assert.isAtLeast(sweeps, 6)
      assert.deepStrictEqual(log, ["The clock of this process is 20 s ahead of the database"])
    })
  )

  it.effect("is suspended if the clocks differ by more than a minute [D5]", () =>
    Effect.gen(function* () {
      const { log, sweeps } = yield* sweepsWith(5 * 3_600_000)
      assert.strictEqual(sweeps, 0)
      assert.deepStrictEqual(log, [
        "The clock of this process is 18000 s behind the database: maintenance is suspended"
      ])
    })
  )
})
