import { Context, Effect, Layer } from "effect"
import { HttpRouter, HttpServer } from "effect/http"
import { layerStrictRouter } from "../boundary/StrictRouting.ts"
import { type App, makeShopApps, type ShopAppsSettings } from "./ShopApps.ts"

/**
 * Serves the routes of the shop without a name, and those of every other shop, on the host's HTTP server. It is for many shops what
 * `HttpRouter.serve` is for one.
 */
export const serveShops = <E, R>(unnamed: Layer.Layer<never, E, R>, settings: ShopAppsSettings) =>
  Layer.unwrap(
    Effect.gen(function* () {
      const context = yield* Layer.build(Layer.provideMerge(unnamed, layerStrictRouter))
      const withShops = yield* makeShopApps(settings)
      return HttpServer.serve(withShops(Context.get(context, HttpRouter.HttpRouter).asHttpEffect() as App))
    })
  )
