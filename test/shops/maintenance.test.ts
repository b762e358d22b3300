import { assert, describe } from "@effect/vitest"
import { Effect, Layer, Schedule, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { layerClient, layerShops } from "../../src/adapters/postgres/index.ts"
import { ShopName } from "../../src/domain/shops/ShopName.ts"
import { StoreUnavailable } from "../../src/ports/errors.ts"
import { ShopDirectory } from "../../src/ports/ShopDirectory.ts"
import { Orders } from "../../src/services/Orders.ts"
import { shopLayers } from "../../src/services/Shops.ts"
import { shopsMaintenance } from "../../src/services/ShopsMaintenance.ts"
import { areRight, buy, created, live, openMany, ports, product, shopsLayer } from "./support.ts"

const nameOf = Schema.decodeSync(ShopName)

const statusOf = (id: string) => Orders.use((orders) => Effect.map(orders.get(id), ({ status }) => status))

const sold = Effect.flatMap(product(5), ({ id }) => buy(id))

describe("the maintenance of many shops", { concurrent: true }, () => {
  live(
    "expires unpaid orders of all shops, also of those that nothing has opened",
    Effect.gen(function* () {
      const { shops, url } = yield* openMany()
      const names = yield* created(shops, "acme", "globex", "initech")
      const orders = yield* Effect.forEach(names, (name) => shops.use(name, sold))
      // A second process, which is asked for no shop.
      const maintenance = { every: "20 millis", unpaidOrderTtl: "1 milli" } as const
      yield* Layer.build(
        shopsLayer(Layer.provide(layerShops(), layerClient({ url, pool: 3 })), { maintenance })
      ).pipe(Effect.orDie)
      yield* Effect.forEach(names, (name, index) =>
        Effect.repeat(shops.use(name, statusOf(orders[index]?.id ?? "")), {
          until: (status) => status === "FAILED",
          schedule: Schedule.spaced("20 millis")
        })
      )
      yield* areRight(shops, names)
    }).pipe(Effect.timeout("1 minute"))
  )

  live(
    "goes on after a shop that cannot be used",
    Effect.gen(function* () {
      const { context, directory, shops } = yield* openMany()
      const names = yield* created(shops, "acme", "broken", "globex")
      const orders = yield* Effect.forEach(names, (name) => shops.use(name, sold))
      yield* SqlClient.SqlClient.use(
        (sql) =>
          sql`INSERT INTO commerce_broken.migrations (migration_id, name) VALUES (999, 'of the future')`
      ).pipe(Effect.provideContext(context))
      const layerOf = yield* shopLayers({}).pipe(
        Effect.provideService(ShopDirectory, directory),
        Effect.provide(ports)
      )
      const { round } = shopsMaintenance(directory, layerOf, { unpaidOrderTtl: "1 milli" })
      assert.deepStrictEqual(yield* round(""), { shops: 3, failed: 1 })
      for (const [index, name] of names.entries()) {
        if (name !== "broken")
          assert.strictEqual(yield* shops.use(name, statusOf(orders[index]?.id ?? "")), "FAILED")
      }
      assert.strictEqual(yield* shops.use("broken", statusOf(orders[1]?.id ?? "")), "CREATED")
    })
  )

  /** Shops, and how often each of them was opened. Globex cannot be. */
  const withOutage = Effect.gen(function* () {
    const { directory, shops } = yield* openMany()
    const names = yield* created(shops, "acme", "globex", "initech")
    const outage = new StoreUnavailable({ outcome: "notApplied", cause: new Error("gone") })
    const counts = { opened: 0, closed: 0 }
    const counted = (shop: ShopName) =>
      Layer.effectDiscard(
        Effect.acquireRelease(
          Effect.suspend(() => {
            counts.opened += 1
            return shop === nameOf("globex") ? Effect.fail(outage) : Effect.void
          }),
          () => Effect.sync(() => (counts.closed += 1))
        )
      )
    const layerOf = yield* shopLayers({}).pipe(
      Effect.provideService(ShopDirectory, directory),
      Effect.provide(ports)
    )
    const layer = (shop: ShopName) => Layer.merge(Layer.fresh(layerOf(shop)), counted(shop))
    return { counts, directory, layer, names, outage }
  })

  live(
    "goes on after a shop that is unavailable, and keeps no shop open",
    Effect.gen(function* () {
      const { counts, directory, layer, names } = yield* withOutage
      const { round } = shopsMaintenance(directory, layer)
      assert.deepStrictEqual(yield* round(""), { shops: names.length, failed: 1 })
      // One is opened for the clock. The one that has failed was never open.
      assert.deepStrictEqual(counts, { opened: names.length + 1, closed: names.length })
    })
  )

  live(
    "ends a round at an outage of the server",
    Effect.gen(function* () {
      const { directory, layer, outage } = yield* withOutage
      let asked = 0
      const list: typeof directory.list = (server) =>
        Effect.suspend(() => (asked++ === 0 ? directory.list(server) : Effect.fail(outage)))
      const { round } = shopsMaintenance({ list }, layer)
      assert.strictEqual(yield* Effect.flip(round("")), outage)
    })
  )
})
