import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { Statement } from "effect/sql"
import { layerClient } from "../../../../src/adapters/postgres/client/PgClient.ts"
import { layer, layerReplica } from "../../../../src/adapters/postgres/index.ts"
import { LogPosition } from "../../../../src/domain/shared/LogPosition.ts"
import { AnalyticsStore } from "../../../../src/ports/AnalyticsStore.ts"
import { CatalogStore } from "../../../../src/ports/CatalogStore.ts"
import { OrderStore } from "../../../../src/ports/OrderStore.ts"
import { ReadPreference } from "../../../../src/ports/ReadPreference.ts"
import { freshDatabase } from "../../../support/postgres.ts"

/** A replica that does not exist. */
const nowhere = layerReplica({ url: Redacted.make("postgres://shop@127.0.0.1:1/shop") })

/** The statements that every read sends which a replica may answer. */
const statementsOf = (preference: ReadPreference, replica: Layer.Layer<never>) =>
  Effect.gen(function* () {
    const sent: Array<string> = []
    const listening = Layer.succeed(Statement.CurrentTransformer, (statement) =>
      Effect.sync(() => {
        sent.push(statement.compile()[0])
        return statement
      })
    )
    const url = yield* freshDatabase
    const stores = layer().pipe(Layer.provide(replica), Layer.provide(layerClient({ url })), Layer.fresh)
    yield* Effect.gen(function* () {
      const [catalog, orders, analytics] = [yield* CatalogStore, yield* OrderStore, yield* AnalyticsStore]
      const page = { categoryId: undefined, inStock: undefined, after: undefined, take: 2 }
      yield* catalog.categories(undefined, 2)
      yield* catalog.product(crypto.randomUUID() as never)
      yield* catalog.products({ ...page, q: undefined, sort: "newest" })
      yield* catalog.products({ ...page, q: "mug", sort: "price" })
      yield* orders.list({ status: undefined, customerId: undefined, after: undefined, take: 2 })
      yield* orders.feed(undefined, 2)
      yield* orders.latestPosition()
      yield* analytics.orderTotals({ from: undefined, to: undefined })
      yield* analytics.bestSellers({ from: undefined, to: undefined }, 2)
    }).pipe(
      Effect.provide(Layer.provide(stores, listening)),
      Effect.provide(listening),
      Effect.provideService(ReadPreference, preference)
    )
    return sent
  }).pipe(Effect.scoped)

describe("without a replica, or with one that is gone", () => {
  it.live("the primary is sent the same statements, whatever its readers prefer", () =>
    Effect.gen(function* () {
      const usual = yield* statementsOf("primary", Layer.empty)
      assert.lengthOf(usual, 9)
      for (const preference of ["replica", { replicaAfter: LogPosition.make("0/1") }] as const) {
        assert.deepStrictEqual(yield* statementsOf(preference, Layer.empty), usual)
      }
      assert.deepStrictEqual(yield* statementsOf("primary", nowhere), usual)
    })
  )
})
