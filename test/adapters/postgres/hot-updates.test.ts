import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { buy, race, stock, times } from "../../race/support.ts"

interface Updates {
  readonly updates: number
  readonly heapOnly: number
}

describe("taking stock and giving it back", () => {
  race("are heap-only updates: no index has to be written", (shop) =>
    Effect.gen(function* () {
      const products = yield* stock(shop, ...times(20).map(() => 1000))
      for (const round of times(10)) {
        // One at a time: a version that somebody may still see keeps its place, and a page may have no room for one more.
        const orders = yield* Effect.forEach(times(20), (n) =>
          buy(shop, ...products.filter((_, index) => (index + round) % 20 <= n))
        )
        yield* Effect.forEach(orders.slice(10), ({ id }) => shop.orders.expire(id))
      }
      const counted = Effect.map(
        shop.sql<Updates>`
          SELECT n_tup_upd::int4 AS updates, n_tup_hot_upd::int4 AS "heapOnly"
          FROM pg_stat_user_tables WHERE relid = 'commerce.products'::regclass`,
        ([row]) => row ?? assert.fail("no statistics")
      )
      // The server reports its statistics a little later.
      const { updates, heapOnly } = yield* counted.pipe(
        Effect.filterOrFail(({ updates }) => updates >= 200),
        Effect.eventually,
        Effect.timeout("10 seconds")
      )
      assert.isAtLeast(heapOnly / updates, 0.9, `${heapOnly} of ${updates}`)
    })
  )
})
