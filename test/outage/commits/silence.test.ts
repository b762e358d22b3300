import { assert, describe } from "@effect/vitest"
import { Effect, Exit, Fiber, Scope } from "effect"
import type { ExecutionLimits } from "../../../src/adapters/postgres/index.ts"
import {
  atOnce,
  buy,
  hold,
  impatient,
  openShop,
  product,
  race,
  type TestShop,
  tally,
  times,
  unitsOf,
  untilWaiting
} from "../../race/support.ts"
import { proxyTo } from "../Proxy.ts"
import { outageOf, recovers } from "../support.ts"

/** Soon met by a test, and long enough for a busy machine to answer what it can. */
const quick = { ...impatient, acquireTimeout: 3_000, queryTimeout: 3_000, healthTimeout: 3_000 }

/** A shop beyond a network. */
const beyond = Effect.fnUntraced(function* (
  shop: TestShop,
  pool = 10,
  limits: Partial<ExecutionLimits> = quick
) {
  const proxy = yield* proxyTo(shop.url)
  const scope = yield* Scope.fork(yield* Effect.scope)
  const far = yield* Scope.provide(openShop(proxy.url, { pool, limits }), scope)
  return { proxy, scope, far, item: yield* product(shop, 100) }
})

describe("a network that falls silent", { concurrent: true }, () => {
  race("is an outage within seconds, whatever is asked, and all goes on when it is back [F1]", (shop) =>
    Effect.gen(function* () {
      const { proxy, far, item } = yield* beyond(shop)
      yield* atOnce(times(10).map(() => far.catalog.product(item.id)))
      yield* buy(far, item)
      proxy.freeze()
      const asked = yield* atOnce<unknown, { readonly _tag: string }, never>([
        far.health.check,
        buy(far, item),
        far.catalog.adjustStock({ productId: item.id, delta: 1 }),
        far.accounts.register({ email: "ada@example.com", password: "correct horse" })
      ])
      assert.deepStrictEqual(tally(asked), { StoreUnavailable: 4 })
      proxy.cut()
      proxy.thaw()
      yield* recovers(far.health.check)
      assert.deepStrictEqual(tally(yield* atOnce(times(10).map(() => buy(far, item)))), { done: 10 })
      assert.strictEqual(yield* unitsOf(shop, item), 89)
    })
  )

  race("in the middle of a transaction is an outage that changes nothing, even if it is back later", (shop) =>
    Effect.gen(function* () {
      const { proxy, far, item } = yield* beyond(shop, 10, { ...quick, lockTimeout: 60_000 })
      const release = yield* hold(shop, "products", item)
      const adjusting = yield* Effect.forkScoped(
        outageOf(far.catalog.adjustStock({ productId: item.id, delta: 1 }))
      )
      yield* untilWaiting(shop)
      proxy.freeze()
      const value = yield* Fiber.join(adjusting)
      assert.strictEqual(value.outcome, "notApplied")
      yield* release
      proxy.thaw()
      yield* recovers(far.health.check)
      yield* Effect.sleep("500 millis")
      assert.strictEqual(yield* unitsOf(shop, item), 100)
      yield* far.catalog.adjustStock({ productId: item.id, delta: 1 })
    })
  )

  race("after a COMMIT is an outage that is not said to be undone [F3]", (shop) =>
    Effect.gen(function* () {
      const { proxy, far, item } = yield* beyond(shop)
      yield* far.health.check
      proxy.fates("meets silence")
      const value = yield* outageOf(buy(far, item))
      assert.strictEqual(value.outcome, "unknown")
      proxy.thaw()
      yield* recovers(buy(far, item))
      assert.strictEqual(yield* unitsOf(shop, item), 98)
    })
  )

  race(
    "for good costs a shop none of its connections: each is replaced [F1]",
    (shop) =>
      Effect.gen(function* () {
        const { proxy, far, item } = yield* beyond(shop, 3)
        const adjust = far.catalog.adjustStock({ productId: item.id, delta: 1 })
        const threeAtOnce = Effect.map(atOnce(times(3).map(() => adjust)), tally)
        assert.deepStrictEqual(yield* threeAtOnce, { done: 3 })
        proxy.forget()
        assert.deepStrictEqual(yield* threeAtOnce, { StoreUnavailable: 3 })
        yield* recovers(
          Effect.filterOrFail(threeAtOnce, ({ done }) => done === 3),
          "30 seconds"
        )
      }),
    { timeout: 60_000 }
  )

  for (const what of ["place", "adjust"] as const) {
    race(
      `during a COMMIT keeps no call from being interrupted, and no shop from closing: ${what} [F5]`,
      (shop) =>
        Effect.gen(function* () {
          const { proxy, scope, far, item } = yield* beyond(shop)
          yield* far.health.check
          proxy.fates("meets silence")
          const calls = {
            place: buy(far, item),
            adjust: far.catalog.adjustStock({ productId: item.id, delta: 1 })
          }
          const call = yield* Effect.forkScoped<Effect.Effect<unknown, unknown>>(calls[what])
          yield* Effect.repeat(Effect.sleep("10 millis"), { until: () => proxy.commits() > 0 })
          const ending = Effect.andThen(Fiber.interrupt(call), Scope.close(scope, Exit.void))
          yield* Effect.timeout(Fiber.join(yield* Effect.forkDetach(ending)), "40 seconds")
        }),
      { timeout: 60_000 }
    )
  }
})
