import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { RateLimiter } from "effect/persistence"
import { TestClock } from "effect/testing"
import { boundedStore } from "../../../src/http/security/BoundedRateLimitStore.ts"

const counted = Layer.provide(RateLimiter.layer, boundedStore)
const theirs = Layer.provide(RateLimiter.layer, RateLimiter.layerStoreMemory)

/** How many more `key` may, or -1. */
const ask = (key: string, limit = 3) =>
  RateLimiter.RateLimiter.use((limiter) => limiter.consume({ key, limit, window: "1 minute" })).pipe(
    Effect.match({ onSuccess: ({ remaining }) => remaining, onFailure: () => -1 })
  )

const story = Effect.gen(function* () {
  const said: Array<number> = []
  for (let n = 0; n < 60; n++) {
    said.push(yield* ask(n % 3 === 0 ? "a" : "b"))
    yield* TestClock.adjust(`${(n * 7) % 40} seconds`)
  }
  return said
})

describe("the counters of attempts", () => {
  it.effect("count as those of Effect do", () =>
    Effect.gen(function* () {
      const [ours, effects] = [yield* Effect.provide(story, counted), yield* Effect.provide(story, theirs)]
      assert.deepStrictEqual(ours, effects)
      assert.include(ours, -1)
      assert.include(ours, 2)
    })
  )

  it.effect("forget those whose time is over, and the oldest if there are too many [A1]", () =>
    Effect.gen(function* () {
      for (let n = 0; n < 3; n++) yield* ask("early")
      assert.strictEqual(yield* ask("early"), -1)
      for (let n = 0; n < 19_999; n++) yield* ask(`somebody ${n}`)
      assert.strictEqual(yield* ask("early"), -1)
      yield* ask("one too many")
      assert.strictEqual(yield* ask("early"), 2)
      assert.strictEqual(yield* ask("one too many"), 1)
    }).pipe(Effect.provide(counted))
  )
})
