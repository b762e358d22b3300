import { assert, describe, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { Verification } from "../../../src/services/Verification.ts"
import { laws } from "../../../src/testing/contract/index.ts"
import { checkWithSeed, onProcessTime } from "../../support/contract.ts"
import { isInstalled, type Settings } from "../PostgresServer.ts"
import { answered, lagging, pair, readingOwnWrites, storesOn } from "./support.ts"

/** `verify` finds nothing, except what laws leave pending since a time that they have set. */
const isRight = Effect.gen(function* () {
  const { verify } = yield* Verification
  const { violations } = yield* verify()
  assert.deepStrictEqual(
    violations.filter(({ invariant }) => invariant !== "outcome"),
    []
  )
}).pipe(Effect.provide(Layer.fresh(Verification.layer)))

const shopOn = (settings: Settings) =>
  Layer.unwrap(
    Effect.map(pair(settings), (both) => Layer.provideMerge(readingOwnWrites, onProcessTime(storesOn(both))))
  )

describe.skipIf(!isInstalled)("a replica (needs Debian's postgresql)", () => {
  layer(shopOn(lagging), { excludeTestServices: true, timeout: 60_000 })(
    "that lags by a second, and is read after one's own changes",
    (it) => {
      for (const { name, check } of laws) it.effect(name, () => checkWithSeed(check))

      it.effect("leaves the books in order", () => isRight)

      it.effect("is asked, and has answered few of these reads", () =>
        Effect.map(answered, ({ primary }) => assert.isAbove(primary, 500))
      )
    }
  )

  layer(shopOn({}), { excludeTestServices: true, timeout: 60_000 })(
    "that does not lag, and is read after one's own changes",
    (it) => {
      let before: Effect.Success<typeof answered> | undefined
      it.effect("is watched from now on", () =>
        Effect.map(answered, (counts) => {
          before = counts
        })
      )

      for (const { name, check } of laws) it.effect(name, () => checkWithSeed(check))

      it.effect("leaves the books in order", () => isRight)

      it.effect("has answered at least half of these reads", () =>
        Effect.map(answered, (after) => {
          const replica = after.replica - (before?.replica ?? 0)
          const primary =
            after.primary + after.afterFailure - (before?.primary ?? 0) - (before?.afterFailure ?? 0)
          console.log(`a replica without lag: it has answered ${replica} reads, and the primary ${primary}`)
          assert.isAbove(replica, 500)
          assert.isAtLeast(replica, primary)
        })
      )
    }
  )
})
