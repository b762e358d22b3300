import { Context, Effect, Layer } from "effect"
import { HttpRouter, HttpServer } from "effect/http"
import { strictRouting } from "../boundary/StrictRouting.ts"
import { type App, makeShopApps, type ShopAppsSettings } from "./ShopApps.ts"

/**
 * Serves the routes of the shop without a name, and those of every other shop, on the host's HTTP server. It is for many shops what
 * `HttpRouter.serve` is for one.
 */
export const serveShops = <E, R>(unnamed: Layer.Layer<never, E, R>, settings: ShopAppsSettings) =>
  Layer.unwrap(
    Effect.gen(function* () {
      const router = Layer.provide(HttpRouter.layer, Layer.succeed(HttpRouter.RouterConfig, strictRouting))
      const context = yield* Layer.build(Layer.provideMerge(unnamed, router))
      const withShops = yield* makeShopApps(settings)
      return HttpServer.serve(withShops(Context.get(context, HttpRouter.HttpRouter).asHttpEffect() as App))
    })
  )
