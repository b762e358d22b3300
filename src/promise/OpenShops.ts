/** The shops of a host without Effect, beside the one that `createCommerce` opens. */
import { Context, Effect, Layer, Scope } from "effect"
import type { SqlClient } from "effect/sql"
import * as Memory from "../adapters/memory/index.ts"
import * as Postgres from "../adapters/postgres/index.ts"
import type { ShopName, ShopNotFound } from "../domain/shops/ShopName.ts"
import type { PasswordHasher } from "../ports/PasswordHasher.ts"
import type { PaymentGateway } from "../ports/PaymentGateway.ts"
import { ShopDirectory, type ShopRefused } from "../ports/ShopDirectory.ts"
import type { ShopTokenIssuers, TokenIssuer } from "../ports/TokenIssuer.ts"
import * as Commerce from "../services/Commerce.ts"
import { NoTransactions } from "../services/CommerceError.ts"
import { type ShopMap, shopMap } from "../services/ShopMap.ts"
import { type ShopServices, type Shops, shopLayers, shopsOf } from "../services/Shops.ts"
import { looksAfterShops } from "../services/ShopsMaintenance.ts"
import { layerBeforeCommit } from "./BeforeCommit.ts"
import { type FetchHandler, lazyFetchHandler } from "./Fetch.ts"
import type { DecodedSettings, SettingsOnSql } from "./Settings.ts"

/** An open shop: its services, those for transactions of hosts, and its HTTP API. */
interface Opened {
  readonly services: Context.Context<ShopServices>
  readonly inside: Effect.Effect<Context.Context<Commerce.Services>, NoTransactions>
  readonly handle: FetchHandler
}

/** What a shop provides to a host without Effect. */
export class OpenedShop extends Context.Service<OpenedShop, Opened>()("effect-commerce/promise/OpenedShop") {}

/** The shops of a host. */
export interface OpenShops {
  readonly shops: Shops["Service"]
  readonly map: ShopMap<OpenedShop | ShopServices, ShopNotFound | ShopRefused>
}

/** The ports that do not depend on the database, with the rules of the shops. */
export type Surroundings = Layer.Layer<PasswordHasher | TokenIssuer | ShopTokenIssuers | PaymentGateway>

const shopsWith = Effect.fnUntraced(function* (
  settings: DecodedSettings,
  insideOf: (shop: ShopName) => Layer.Layer<Commerce.Services, NoTransactions>
): Effect.fn.Return<
  OpenShops,
  never,
  Scope.Scope | ShopDirectory | ShopTokenIssuers | PasswordHasher | PaymentGateway
> {
  const directory = yield* ShopDirectory
  const layerOf = yield* shopLayers(settings)
  const opened = (shop: ShopName) =>
    Layer.effect(
      OpenedShop,
      Effect.gen(function* () {
        const services = yield* Effect.context<ShopServices>()
        const inside = Scope.provide(Layer.build(Layer.fresh(insideOf(shop))), yield* Effect.scope)
        return OpenedShop.of({
          services,
          inside: yield* Effect.cached(inside),
          handle: yield* lazyFetchHandler(settings, services)
        })
      })
    )
  const map = yield* shopMap(directory, (shop) => Layer.provideMerge(opened(shop), layerOf(shop)))
  const shops = shopsOf(directory, map)
  yield* looksAfterShops(directory, layerOf, settings.maintenance)
  return { shops, map }
})

/** Opens shops in memory. */
export const openShopsInMemory = (settings: DecodedSettings, surroundings: Surroundings) =>
  Effect.flatMap(
    Layer.build(
      Layer.merge(Layer.provide(Memory.layerShops, layerBeforeCommit(settings.beforeCommit)), surroundings)
    ),
    (built) =>
      Effect.provideContext(
        shopsWith(settings, () => Layer.effectContext(Effect.fail(new NoTransactions()))),
        built
      )
  )

/** The client of `url`, and those of the other servers. */
const directoryOf = (
  { beforeCommit, database }: SettingsOnSql,
  own: Layer.Layer<SqlClient.SqlClient>
): Layer.Layer<ShopDirectory> => {
  const { migrate, schema } = database
  const options = { schema, migrate, around: layerBeforeCommit(beforeCommit) }
  if (!("url" in database) || database.servers === undefined) {
    return Layer.provide(Postgres.layerShops(options), own)
  }
  const { pool, pooler, serverOf, servers } = database
  const clients = Object.entries(servers).map(
    ([name, url]) => [name, Postgres.layerClient({ url, pool, pooler })] as const
  )
  return Postgres.layerShopServers({
    ...options,
    // Settings refuse a server with an empty name.
    servers: { ...Object.fromEntries(clients), "": own },
    serverOf: (shop) => serverOf?.(shop) ?? ""
  })
}

/** Opens shops on PostgreSQL: a schema for each, on the client of the host's own shop and those of the other servers. */
export const openShopsOnSql = (
  settings: SettingsOnSql,
  own: Layer.Layer<SqlClient.SqlClient>,
  timeSource: Layer.Layer<never>,
  surroundings: Surroundings
) => {
  const hook = layerBeforeCommit(settings.beforeCommit)
  const insideOf = (shop: ShopName) => {
    const schema = Postgres.schemaOf(settings.database.schema, shop)
    const stores = Postgres.layer({ schema }).pipe(Layer.provide(timeSource), Layer.provide(hook))
    return Commerce.layerServices(settings).pipe(
      Layer.provide(stores),
      Layer.provide([Postgres.layerHost, surroundings])
    )
  }
  return Effect.flatMap(
    Layer.build(Layer.merge(Layer.provide(directoryOf(settings, own), timeSource), surroundings)),
    (built) => Effect.provideContext(shopsWith(settings, insideOf), built)
  )
}
