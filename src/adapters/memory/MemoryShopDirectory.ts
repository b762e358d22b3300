import { Context, Effect, Layer, Scope } from "effect"
import { type ShopName, ShopNotFound } from "../../domain/shops/ShopName.ts"
import { ShopDirectory } from "../../ports/ShopDirectory.ts"
import type { Stores } from "../../ports/Stores.ts"

/** Makes shops whose stores last as long as the directory: nothing else keeps their data. */
export const memoryShopDirectory = (stores: Layer.Layer<Stores>): Layer.Layer<ShopDirectory> =>
  Layer.effect(
    ShopDirectory,
    Effect.gen(function* () {
      const scope = yield* Effect.scope
      const surroundings = Context.omit(Scope.Scope)(yield* Effect.context<never>())
      const shops = new Map<ShopName, Context.Context<Stores>>()
      const create = (shop: ShopName) =>
        Layer.buildWithScope(Layer.fresh(stores), scope).pipe(
          Effect.provideContext(surroundings),
          Effect.map((built) => {
            if (!shops.has(shop)) shops.set(shop, built)
          })
        )
      return ShopDirectory.of({
        servers: [""],
        serverOf: () => "",
        list: () => Effect.sync(() => [...shops.keys()].sort()),
        migrate: (shop) => Effect.as(shops.has(shop) ? Effect.void : create(shop), []),
        stores: (shop) =>
          Layer.suspend(() => {
            const built = shops.get(shop)
            return built === undefined
              ? Layer.effectContext(Effect.fail(new ShopNotFound({ shop })))
              : Layer.succeedContext(built)
          })
      })
    })
  )
