import { PgClient } from "@effect/sql-pg"
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { buy, openShop, product, race, type TestShop, unitsOf } from "../../race/support.ts"
import { outageOf, timed } from "../support.ts"

/** A shop whose sessions have these settings of PostgreSQL. */
const shopThat = ({ url }: TestShop, startupParameters: Record<string, string>) =>
  openShop(url, { client: PgClient.layer({ url, startupParameters }) })

describe("a statement", { concurrent: true }, () => {
  race("that has run for as long as it may is not tried again", (shop) =>
    Effect.gen(function* () {
      const own = yield* shopThat(shop, { statement_timeout: "1500ms" })
      const item = yield* product(shop, 10)
      const lock = shop.sql`SELECT FROM commerce.products WHERE id = ${item.id} FOR UPDATE`
      const adjust = timed(outageOf(own.catalog.adjustStock({ productId: item.id, delta: 1 })))
      const { value, millis } = yield* shop.sql.withTransaction(Effect.andThen(lock, adjust))
      assert.strictEqual(value.outcome, "notApplied")
      assert.isBelow(millis, 8000, "six tries would be nine seconds")
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
