import { assert, describe } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Scope } from "effect"
import { LongestWork } from "../../../src/adapters/postgres/execution/Transaction.ts"
import {
  atOnce,
  buy,
  openShop,
  product,
  race,
  type TestShop,
  tally,
  times,
  unitsOf
} from "../../race/support.ts"
import { proxyTo } from "../Proxy.ts"
import { outageOf, recovers, timed } from "../support.ts"

/** A shop beyond a network. */
const beyond = Effect.fnUntraced(function* (shop: TestShop, pool = 10) {
  const proxy = yield* proxyTo(shop.url)
  const scope = yield* Scope.fork(yield* Effect.scope)
  const far = yield* Scope.provide(openShop(proxy.url, { pool }), scope)
  return { proxy, scope, far, item: yield* product(shop, 100) }
})

describe("a network that falls silent", { concurrent: true }, () => {
  race("is an outage within seconds, whatever is asked, and all goes on when it is back [F1]", (shop) =>
    Effect.gen(function* () {
      const { proxy, far, item } = yield* beyond(shop)
      yield* atOnce(times(10).map(() => far.catalog.product(item.id)))
      yield* buy(far, item)
      proxy.freeze()
      const asked = yield* timed(
        atOnce<unknown, { readonly _tag: string }, never>([
          far.health.check,
          buy(far, item),
          far.catalog.adjustStock({ productId: item.id, delta: 1 }),
          far.accounts.register({ email: "ada@example.com", password: "correct horse" })
        ])
      )
      assert.deepStrictEqual(tally(asked.value), { StoreUnavailable: 4 })
      assert.isBelow(asked.millis, 15_000)
      proxy.cut()
      proxy.thaw()
      yield* recovers(far.health.check)
      assert.deepStrictEqual(tally(yield* atOnce(times(10).map(() => buy(far, item)))), { done: 10 })
      assert.strictEqual(yield* unitsOf(shop, item), 89)
    })
  )

  race("in the middle of a transaction is an outage that changes nothing, even if it is back later", (shop) =>
    Effect.gen(function* () {
      const { proxy, far, item } = yield* beyond(shop)
      const host = yield* openShop(shop.url, { pool: 1 })
      const release = yield* Deferred.make<void>()
      const locked = yield* Deferred.make<void>()
      const lock = host.sql`SELECT FROM commerce.products WHERE id = ${item.id} FOR UPDATE`
      const holding = yield* Effect.forkScoped(
        host.sql.withTransaction(
          Effect.andThen(lock, Effect.andThen(Deferred.succeed(locked, undefined), Deferred.await(release)))
        )
      )
      yield* Deferred.await(locked)
      const adjusting = yield* Effect.forkScoped(
        timed(outageOf(far.catalog.adjustStock({ productId: item.id, delta: 1 }))).pipe(
          Effect.provideService(LongestWork, 2000)
        )
      )
      yield* Effect.sleep("500 millis")
      proxy.freeze()
      const { value, millis } = yield* Fiber.join(adjusting)
      assert.strictEqual(value.outcome, "notApplied")
      assert.isBelow(millis, 10_000)
      yield* Deferred.succeed(release, undefined)
      yield* Fiber.join(holding)
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
      const { value, millis } = yield* timed(outageOf(buy(far, item)))
      assert.strictEqual(value.outcome, "unknown")
      assert.isBelow(millis, 20_000)
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
