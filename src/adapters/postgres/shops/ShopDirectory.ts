import { Context, Effect, Layer, Metric, References, Scope } from "effect"
import { SqlClient } from "effect/sql"
import { type ShopName, ShopNotFound } from "../../../domain/shops/ShopName.ts"
import { ShopDirectory, type ShopRefused } from "../../../ports/ShopDirectory.ts"
import type { Stores } from "../../../ports/Stores.ts"
import { databaseSettings, type ServerDatabaseSettings } from "../../../settings/DatabaseSettings.ts"
import { poolSize } from "../execution/LockWaits.ts"
import { CurrentPoolShare, poolShares } from "../execution/PoolShare.ts"
import { requireMigrated } from "../schema/Migrations.ts"
import { listShops, migrateShop, schemaOf, shopExists, updateShop } from "./ShopSchemas.ts"

/** Settings of the shops of one server. */
export interface ShopsSettings extends Pick<ServerDatabaseSettings, "schema" | "migrate"> {
  /** Whether shops are only read, for example on a standby: they are not migrated. Defaults to false. */
  readonly readOnly?: boolean | undefined
  /** Provides what the stores of every shop get besides, on the client of their server. Defaults to nothing. */
  readonly around?: Layer.Layer<never, never, SqlClient.SqlClient> | undefined
}

/** Settings of shops on several servers. */
export interface ShopServersSettings<E> extends ShopsSettings {
  /** The client of each server, by its name. */
  readonly servers: Readonly<Record<string, Layer.Layer<SqlClient.SqlClient, E>>>
  /** Returns the server of a shop. It must be one of `servers`. */
  readonly serverOf: (shop: ShopName) => string
}

/** Describes the stores of a schema. */
type MakeStores = (
  settings: Required<Pick<ShopsSettings, "schema" | "readOnly">>
) => Layer.Layer<Stores, never, SqlClient.SqlClient>

/** The stores of shops, in a schema of each, on the pool of one server. */
const shopsOn =
  (stores: MakeStores) =>
  ({
    around = Layer.empty,
    migrate = true,
    readOnly = false,
    schema: base = databaseSettings.schema.default
  }: ShopsSettings) =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const nextShare = poolShares(poolSize(sql))
      const labels = yield* Metric.CurrentMetricAttributes
      // The labels and annotations of a shop are its own.
      const server = Context.merge(
        yield* Effect.context<SqlClient.SqlClient>(),
        yield* Layer.build(Layer.fresh(around))
      ).pipe(Context.omit(Scope.Scope, Metric.CurrentMetricAttributes, References.CurrentLogAnnotations))

      const prepare = Effect.fnUntraced(
        function* (shop: ShopName) {
          if (!(yield* shopExists(base, shop))) return yield* new ShopNotFound({ shop })
          const ready = requireMigrated(schemaOf(base, shop), { readOnly })
          yield* migrate && !readOnly
            ? Effect.catchTag(ready, "SchemaOutdated", () => updateShop(base, shop))
            : ready
        },
        // Clients ask for shops that do not exist, by any number of names, and a metric never forgets a label.
        Effect.provideService(Metric.CurrentMetricAttributes, labels)
      )

      return {
        list: Effect.provideContext(listShops(base), server),
        migrate: (shop: ShopName): Effect.Effect<ReadonlyArray<string>, ShopRefused> =>
          Effect.provideContext(migrateShop(base, shop), server),
        stores: (shop: ShopName): Layer.Layer<Stores, ShopNotFound | ShopRefused> =>
          Layer.unwrap(Effect.as(prepare(shop), stores({ schema: schemaOf(base, shop), readOnly }))).pipe(
            Layer.provide(Layer.sync(CurrentPoolShare, nextShare)),
            Layer.provide(Layer.succeedContext(server)),
            // Layers are built once for each memo map: without this, all shops would have the stores of the first.
            Layer.fresh
          )
      }
    })

export const shopDirectories = (stores: MakeStores) => {
  const open = shopsOn(stores)
  const ofServers = <E>({
    servers,
    serverOf,
    ...settings
  }: ShopServersSettings<E>): Layer.Layer<ShopDirectory, E> =>
    Layer.effect(
      ShopDirectory,
      Effect.gen(function* () {
        const opened = new Map(
          yield* Effect.forEach(Object.entries(servers), ([name, client]) =>
            Effect.gen(function* () {
              const context = yield* Layer.build(Layer.fresh(client))
              return [name, yield* Effect.provideContext(open(settings), context)] as const
            })
          )
        )
        const named = (server: string) => {
          const found = opened.get(server)
          if (found === undefined) throw new Error(`There is no server "${server}" for a shop`)
          return found
        }
        const on = (shop: ShopName) => named(serverOf(shop))
        return ShopDirectory.of({
          servers: [...opened.keys()],
          serverOf,
          list: (server) =>
            Effect.map(
              Effect.suspend(() => named(server).list),
              // A shop that has moved to another server is left behind here.
              (shops) => shops.filter((shop) => serverOf(shop) === server)
            ),
          migrate: (shop) => Effect.suspend(() => on(shop).migrate(shop)),
          stores: (shop) => Layer.suspend(() => on(shop).stores(shop))
        })
      })
    )

  /** One server without a name. */
  const ofServer = (settings: ShopsSettings): Layer.Layer<ShopDirectory, never, SqlClient.SqlClient> =>
    Layer.unwrap(
      Effect.map(Effect.context<SqlClient.SqlClient>(), (context) =>
        ofServers({
          ...settings,
          servers: { "": Layer.succeedContext(Context.pick(SqlClient.SqlClient)(context)) },
          serverOf: () => ""
        })
      )
    )

  return { ofServer, ofServers }
}
