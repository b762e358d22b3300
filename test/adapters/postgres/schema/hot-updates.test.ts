import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { buy, race, stock, times } from "../../../race/support.ts"

interface Updates {
  readonly updates: number
  readonly heapOnly: number
}

const stockUpdates = 30

describe("taking stock and giving it back", () => {
  race("are heap-only updates: no index has to be written [B2]", (shop) =>
    Effect.gen(function* () {
      const products = yield* stock(shop, ...times(10).map(() => 1000))
      // PostgreSQL counts the updates of the transaction that asks; nobody else's old snapshot can keep a page full.
      const { updates, heapOnly } = yield* shop.sql.withTransaction(
        Effect.gen(function* () {
          yield* buy(shop, ...products)
          const { id } = yield* buy(shop, ...products)
          yield* shop.orders.expire(id)
          const [counted] = yield* shop.sql<Updates>`
            SELECT n_tup_upd::int4 AS updates, n_tup_hot_upd::int4 AS "heapOnly"
            FROM pg_stat_xact_user_tables WHERE relid = 'commerce.products'::regclass`
          return counted ?? assert.fail("no statistics")
        })
      )
      assert.deepStrictEqual({ updates, heapOnly }, { updates: stockUpdates, heapOnly: stockUpdates })
    })
  )
})
