import { PgClient } from "@effect/sql-pg"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { layerClient } from "../../src/adapters/postgres/client/PgClient.ts"
import { diagnose, layer, layerHost } from "../../src/adapters/postgres/index.ts"
import { OrderStore } from "../../src/ports/OrderStore.ts"
import { StoreHealth } from "../../src/ports/Stores.ts"
import { orderIn, shop } from "../../src/testing/contract/Given.ts"
import { suites } from "../../src/testing/contract/index.ts"
import { obeysTheLaws } from "../support/contract.ts"
import { hostileDatabase, hostileHostDatabase } from "../support/hostile.ts"
import { hostsOn } from "../support/hosts.ts"
import { oneLawPerStatement } from "./statements.ts"

/** Nothing is in the feed before it is committed. */
const ofTheFeed = new Set(suites.feed)
const inside = oneLawPerStatement.filter((law) => !ofTheFeed.has(law))

for (const { name, connection } of hostsOn(hostileHostDatabase)) {
  const stores = Layer.provide(layer(), layerHost)
  obeysTheLaws(
    `inside a transaction of ${name} with hostile settings`,
    Layer.merge(stores, connection),
    inside
  )
}

obeysTheLaws(
  "on our own client with hostile settings",
  Layer.provide(layer(), Layer.unwrap(Effect.map(hostileDatabase, (url) => layerClient({ url })))),
  oneLawPerStatement
)

obeysTheLaws(
  "on Effect's client with hostile settings",
  Layer.provide(
    layer(),
    Layer.orDie(Layer.unwrap(Effect.map(hostileDatabase, (url) => PgClient.layer({ url }))))
  ),
  oneLawPerStatement
)

describe("with hostile settings every host reads", () => {
  it.live("the feed, the clock of the server and the facts of the doctor as our own client does", () =>
    Effect.gen(function* () {
      const url = yield* hostileDatabase
      const own = Layer.provide(layer(), layerClient({ url }))
      const read = Effect.flatMap(OrderStore, (store) => store.feed(undefined, 10))
      const sold = Effect.flatMap(shop(1), (fixture) => orderIn("PAID", fixture, [[fixture.products[0], 1]]))
      // Transactions of other tests hold up the feed.
      const both = Effect.repeat(read, { until: ({ length }) => length === 2 })
      const events = yield* Effect.andThen(sold, both).pipe(Effect.provide(own))
      for (const { name, connection } of hostsOn(Effect.succeed(url))) {
        const found = yield* Effect.all([
          read,
          Effect.flatMap(StoreHealth, ({ clockOffset }) => clockOffset),
          diagnose()
        ]).pipe(Effect.provide(Layer.provideMerge(layer(), Layer.merge(layerHost, connection))))
        assert.deepStrictEqual(found[0], events, name)
        assert.isBelow(Math.abs(found[1]), 60_000, name)
        assert.isBelow(Math.abs(found[2].clock.getTime() - Date.now()), 60_000, name)
      }
    }).pipe(Effect.scoped)
  )
})
