import { Context, type Duration, Effect, Layer, Scope } from "effect"
import type { InvalidInput } from "../domain/shared/InvalidInput.ts"
import type { ShopName, ShopNotFound } from "../domain/shops/ShopName.ts"
import type { StoreUnavailable } from "../ports/errors.ts"
import { PasswordHasher } from "../ports/PasswordHasher.ts"
import { PaymentGateway } from "../ports/PaymentGateway.ts"
import { Pricing } from "../ports/Pricing.ts"
import { ShopDirectory, type ShopRefused } from "../ports/ShopDirectory.ts"
import { Stages } from "../ports/Stages.ts"
import type { Stores } from "../ports/Stores.ts"
import { ShopTokenIssuers, TokenIssuer } from "../ports/TokenIssuer.ts"
import type { MaintenanceSettings } from "../settings/MaintenanceSettings.ts"
import { type CommerceSettings, layerServices, type Services } from "./Commerce.ts"
import { decodeShop, shopMap } from "./ShopMap.ts"
import { looksAfterShops } from "./ShopsMaintenance.ts"

/** All that a shop provides. Its token issuer accepts no access token of another shop. */
export type ShopServices = Services | Stores | TokenIssuer

/** Why a shop cannot be used. */
export type ShopUnusable = InvalidInput | ShopNotFound | ShopRefused

/** The settings of many shops. The settings of the services are the same for each. */
export interface ShopsSettings extends Omit<CommerceSettings, "maintenance"> {
  /** The work that the shops do by themselves, or `off`. */
  readonly maintenance?: MaintenanceSettings | "off" | undefined
  /** How long a shop stays open that no call uses. Defaults to 10 minutes. */
  readonly idleTimeToLive?: Duration.Input | undefined
}

/** Many shops in one process. */
export class Shops extends Context.Service<
  Shops,
  {
    /** Returns the names of all shops, sorted. Fails if one of several servers is unavailable. */
    readonly list: Effect.Effect<ReadonlyArray<ShopName>, StoreUnavailable>
    /** Creates the tables of a shop, or updates them. Returns the names of the migrations that ran: empty if there was nothing to do. */
    readonly migrate: (shop: string) => Effect.Effect<ReadonlyArray<string>, InvalidInput | ShopRefused>
    /** Returns the services of a shop, and keeps it open until the scope closes. It opens the shop, and never creates it. */
    readonly get: (shop: string) => Effect.Effect<Context.Context<ShopServices>, ShopUnusable, Scope.Scope>
    /**
     * Fails if a shop cannot be opened any more, for example because its schema was dropped, and closes it then as soon as nothing uses it.
     * `use` does so by itself after a defect.
     */
    readonly check: (shop: string) => Effect.Effect<void, ShopUnusable>
    /** Runs an effect with the services of a shop. The shop stays open until the effect ends. */
    readonly use: <A, E, R>(
      shop: string,
      work: Effect.Effect<A, E, R>
    ) => Effect.Effect<A, E | ShopUnusable, Exclude<R, ShopServices>>
    /** The services of a shop as a layer, which keeps it open. */
    readonly provide: (shop: string) => Layer.Layer<ShopServices, ShopUnusable>
  }
>()("effect-commerce/services/Shops") {
  /**
   * Opens shops over a directory of them, such as `layerShops` of `effect-commerce/postgres`. A shop is opened when it is first asked for,
   * and closed when it has been idle. `Pricing` and `Stages` are those of the host, for every shop.
   *
   * With the maintenance of all shops, also of those that nothing has opened: those of a server in turn. `maintenance: "off"` leaves it to
   * other processes.
   */
  static readonly layer = ({
    idleTimeToLive,
    maintenance,
    ...settings
  }: ShopsSettings = {}): Layer.Layer<
    Shops,
    never,
    ShopDirectory | ShopTokenIssuers | PasswordHasher | PaymentGateway
  > =>
    Layer.effect(
      Shops,
      Effect.gen(function* () {
        const directory = yield* ShopDirectory
        const layerOf = yield* shopLayers(settings)
        const map = yield* shopMap<ShopServices, ShopNotFound | ShopRefused>(
          directory,
          layerOf,
          idleTimeToLive
        )
        if (maintenance !== "off") yield* looksAfterShops(directory, layerOf, maintenance)
        return shopsOf(directory, map)
      })
    )
}

/** Returns a function that describes a shop: its stores, its token issuer, and all services over them, without maintenance. */
export const shopLayers = (
  settings: CommerceSettings
): Effect.Effect<
  (shop: ShopName) => Layer.Layer<ShopServices, ShopNotFound | ShopRefused>,
  never,
  ShopDirectory | ShopTokenIssuers | PasswordHasher | PaymentGateway
> =>
  Effect.gen(function* () {
    const directory = yield* ShopDirectory
    const { issuerOf } = yield* ShopTokenIssuers
    const same = Layer.mergeAll(
      Layer.succeed(PasswordHasher, yield* PasswordHasher),
      Layer.succeed(PaymentGateway, yield* PaymentGateway),
      Layer.succeed(Pricing, yield* Pricing),
      Layer.succeed(Stages, yield* Stages)
    )
    return (shop: ShopName): Layer.Layer<ShopServices, ShopNotFound | ShopRefused> => {
      const stores = Layer.merge(directory.stores(shop), Layer.effect(TokenIssuer, issuerOf(shop)))
      return Layer.provideMerge(layerServices(settings), Layer.merge(stores, same))
    }
  })

/** Makes the service of a directory and a function that returns what a shop provides. */
export const shopsOf = (
  { list, migrate, servers }: ShopDirectory["Service"],
  { check, get }: Pick<Shops["Service"], "check" | "get">
): Shops["Service"] =>
  Shops.of({
    list: Effect.map(Effect.forEach(servers, list, { concurrency: "unbounded" }), (lists) =>
      lists.flat().sort()
    ),
    migrate: (name) => Effect.flatMap(decodeShop(name), migrate),
    get,
    check,
    // The scope of the caller stays its own.
    use: <A, E, R>(name: string, work: Effect.Effect<A, E, R>) =>
      Effect.scopedWith((scope) =>
        Effect.flatMap(Scope.provide(get(name), scope), (context) => Effect.provideContext(work, context))
      ),
    provide: (name) => Layer.effectContext(get(name))
  })

/** Opens a shop, and creates it first if there is none and `creates` says so. */
export const ensureShop = (
  { get, migrate }: Shops["Service"],
  shop: string,
  creates: boolean
): Effect.Effect<void, ShopUnusable> => {
  const opened = Effect.asVoid(Effect.scoped(get(shop)))
  return creates
    ? Effect.catchTag(opened, "ShopNotFound", () => Effect.andThen(migrate(shop), opened))
    : opened
}
