import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Exit, Layer, Metric } from "effect"
import { TestClock } from "effect/testing"
import type { ShopName } from "../../src/domain/shops/ShopName.ts"
import { shopMap } from "../../src/services/ShopMap.ts"

class Opened extends Context.Service<Opened, { readonly shop: string; isOpen: boolean }>()("test/Opened") {}

const onOneServer = { serverOf: () => "" }

const opening = (shop: ShopName) =>
  Layer.effect(
    Opened,
    Effect.acquireRelease(
      Effect.sync((): Opened["Service"] => ({ shop, isOpen: true })),
      (opened) =>
        Effect.sync(() => {
          opened.isOpen = false
        })
    )
  )

describe("a map of shops", () => {
  it.live("opens each shop once, and never closes one that is used, however many come and go [M3]", () =>
    Effect.gen(function* () {
      const all = new Map<string, Set<object>>()
      const map = yield* shopMap(onOneServer, opening, "2 millis")
      yield* Effect.forEach(
        Array.from({ length: 1_000 }, (_, index) => `shop-${index % 4}`),
        (name) =>
          Effect.scoped(
            Effect.gen(function* () {
              yield* Effect.sleep(Math.random() * 10)
              const opened = Context.get(yield* map.get(name), Opened)
              all.set(name, (all.get(name) ?? new Set()).add(opened))
              const before = opened.isOpen
              yield* Effect.sleep(Math.random() * 6)
              assert.deepStrictEqual([opened.shop, before, opened.isOpen], [name, true, true])
            })
          ),
        { concurrency: 5, discard: true }
      )
      // They were closed and opened again meanwhile: else nothing was tried here.
      for (const [name, opened] of all) assert.isAbove(opened.size, 1, name)
    }).pipe(Effect.scoped)
  )

  it.effect("closes a shop that has been idle for its time, and not earlier", () =>
    Effect.gen(function* () {
      const map = yield* shopMap(onOneServer, opening)
      const opened = Context.get(yield* Effect.scoped(map.get("acme")), Opened)
      yield* TestClock.adjust("9 minutes")
      assert.strictEqual(Context.get(yield* Effect.scoped(map.get("acme")), Opened), opened)
      yield* TestClock.adjust("9 minutes")
      assert.isTrue(opened.isOpen)
      yield* TestClock.adjust("2 minutes")
      assert.isFalse(opened.isOpen)
    }).pipe(Effect.scoped)
  )

  it.effect("keeps no failure, and no bug, of opening", () =>
    Effect.gen(function* () {
      let attempts = 0
      const third = Layer.suspend(() => {
        attempts += 1
        if (attempts === 1) return Layer.effect(Opened, Effect.fail("not yet" as const))
        return attempts === 2
          ? Layer.effect(Opened, Effect.die("a bug"))
          : Layer.succeed(Opened, { shop: "acme", isOpen: true })
      })
      const map = yield* shopMap(onOneServer, () => third)
      const open = Effect.exit(Effect.scoped(map.get("acme")))
      assert.deepStrictEqual([yield* open, yield* open, yield* open].map(Exit.isSuccess), [
        false,
        false,
        true
      ])
      assert.isTrue(Exit.isSuccess(yield* open))
      assert.strictEqual(attempts, 3)
    }).pipe(Effect.scoped)
  )

  it.effect("labels the metrics of a shop", () =>
    Effect.gen(function* () {
      const map = yield* shopMap(onOneServer, opening)
      const context = yield* map.get("acme")
      const labels = yield* Effect.provideContext(
        Effect.flatMap(Opened, () => Metric.CurrentMetricAttributes),
        context
      )
      assert.deepStrictEqual(labels, { shop: "acme" })
    }).pipe(Effect.scoped)
  )
})
