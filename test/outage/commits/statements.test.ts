import { PgClient } from "@effect/sql-pg"
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { buy, hold, openShop, product, race, type TestShop, unitsOf } from "../../race/support.ts"
import { outageOf } from "../support.ts"

/** A shop whose sessions have these settings of PostgreSQL. */
const shopThat = ({ url }: TestShop, startupParameters: Record<string, string>) =>
  openShop(url, { client: PgClient.layer({ url, startupParameters }) })

describe("a statement", { concurrent: true }, () => {
  race("that has run for as long as it may is not tried again", (shop) =>
    Effect.gen(function* () {
      let transactions = 0
      const counting = PgClient.layerFrom(
        Effect.map(
          PgClient.make({ url: shop.url, startupParameters: { statement_timeout: "1500ms" } }),
          (client) => {
            const { withTransaction } = client
            return Object.assign(client, {
              withTransaction: <R, E, A>(work: Effect.Effect<A, E, R>) =>
                Effect.suspend(() => {
                  transactions += 1
                  return withTransaction(work)
                })
            })
          }
        )
      )
      const own = yield* openShop(shop.url, { client: counting })
      const item = yield* product(shop, 10)
      const release = yield* hold(shop, "products", item)
      const { outcome } = yield* outageOf(own.catalog.adjustStock({ productId: item.id, delta: 1 }))
      assert.strictEqual(outcome, "notApplied")
      yield* release
      // One attempt with the short lock timeout, the search for locked rows, and one wait for the row.
      assert.strictEqual(transactions, 3)
      assert.strictEqual(yield* unitsOf(shop, item), 10)
    })
  )

  race(
    "that a database refuses because it has become read-only is an outage that has changed nothing [F1]",
    (shop) =>
      Effect.gen(function* () {
        const own = yield* shopThat(shop, { default_transaction_read_only: "on" })
        const item = yield* product(shop, 10)
        assert.strictEqual((yield* outageOf(buy(own, item))).outcome, "notApplied")
        assert.strictEqual(
          (yield* outageOf(own.catalog.adjustStock({ productId: item.id, delta: 1 }))).outcome,
          "notApplied"
        )
        assert.strictEqual(yield* unitsOf(own, item), 10)
      })
  )
})
