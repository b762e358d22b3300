/** The HTTP API of each of many shops. */
import { Cause, Context, type Duration, Effect, Layer, RcMap, References, Scope } from "effect"
import { HttpRouter, type HttpServerError, HttpServerRequest, HttpServerResponse } from "effect/http"
import { ShopNotFound } from "../../domain/shops/ShopName.ts"
import { StoreUnavailable } from "../../ports/errors.ts"
import { Shops, type ShopUnusable } from "../../services/Shops.ts"
import { contentType, document, type ProblemType } from "../api/Problem.ts"
import { problemTypes } from "../api/ProblemTypes.ts"
import { boundaryUnder } from "../boundary/Boundary.ts"
import { ShopPath } from "../boundary/RequestLog.ts"
import { strictRouting } from "../boundary/StrictRouting.ts"
import { routesUnder } from "../Routes.ts"
import { CountedShop } from "../security/RateLimit.ts"
import { basePathOf, type ShopAddress, shopNamedBy, shopPathOf } from "./ShopAddress.ts"

type Request = HttpServerRequest.HttpServerRequest | Scope.Scope

/** Answers a request. */
export type App = Effect.Effect<
  HttpServerResponse.HttpServerResponse,
  HttpServerError.HttpServerError,
  Request
>

/** Settings of the HTTP API of many shops. */
export interface ShopAppsSettings {
  readonly address: ShopAddress
  /** Path that all paths begin with. */
  readonly basePath: string
  /** How long the routes of a shop are kept that no request asks for. Defaults to 10 minutes. */
  readonly idleTimeToLive?: Duration.Input | undefined
}

const notFound: ProblemType = { status: 404, code: "shop-not-found", title: "Shop not found" }

/** Seconds after which a client may ask again for a shop that cannot be opened. */
const retryAfter = "1"

const problem = (kind: ProblemType, detail: string) =>
  HttpServerResponse.jsonUnsafe(document(kind, detail), { status: kind.status, contentType })

/** Answers a request for a shop that cannot be used. Tables that do not fit are an outage for the customers of that shop. */
const refusal = (shop: string, error: ShopUnusable): Effect.Effect<HttpServerResponse.HttpServerResponse> => {
  if (error instanceof ShopNotFound) return Effect.succeed(problem(notFound, error.message))
  if (error._tag === "InvalidInput") return Effect.succeed(problem(notFound, "No shop has this name."))
  return Effect.as(
    Effect.annotateLogs(Effect.logWarning("A shop cannot be opened", Cause.fail(error)), { shop }),
    HttpServerResponse.setHeader(
      problem(
        problemTypes.StoreUnavailable,
        new StoreUnavailable({ outcome: "notApplied", cause: error }).message
      ),
      "retry-after",
      retryAfter
    )
  )
}

/** The answer that stands for the shop of the current request. */
const Refusal = Context.Reference<HttpServerResponse.HttpServerResponse>("effect-commerce/http/ShopRefusal", {
  defaultValue: () => problem(notFound, "No shop has this name.")
})

/** Makes an app of routes. */
const appOf = Effect.fnUntraced(function* <R>(routes: Layer.Layer<never, never, R>) {
  const router = Layer.provide(HttpRouter.layer, Layer.succeed(HttpRouter.RouterConfig, strictRouting))
  // A memo map of its own: layers that other apps have built would be those of their shops, authorization too.
  const memoMap = Layer.makeMemoMapUnsafe()
  const built = yield* Layer.buildWithMemoMap(
    Layer.provideMerge(routes, router),
    memoMap,
    yield* Effect.scope
  )
  return Context.get(built, HttpRouter.HttpRouter).asHttpEffect() as App
})

/**
 * Returns a function that adds the shops to the app of the shop without a name. A request for another shop is answered by routes of that
 * shop, with limits of its own, which the first request opens. Shops are never created here: an unknown one is a 404.
 */
export const makeShopApps = Effect.fnUntraced(function* ({
  address,
  basePath,
  idleTimeToLive = "10 minutes"
}: ShopAppsSettings) {
  const shops = yield* Shops
  const nameOf = shopNamedBy(address, basePath)
  const refused = yield* appOf(Layer.merge(HttpRouter.add("*", "/*", Refusal), boundaryUnder(basePath)))

  /** Requests run with the services of the shop and with its labels, and their logs name it. */
  const open = Effect.fnUntraced(function* (shop: string) {
    const services = yield* shops.get(shop)
    const app = yield* appOf(routesUnder(basePathOf(address, basePath, shop))).pipe(
      Effect.provideContext(services),
      Effect.provideService(CountedShop, shop)
    )
    const path = shopPathOf(address, basePath, shop)
    return Effect.updateContext(app, (outer: Context.Context<Request>) =>
      Context.merge(outer, services).pipe(
        Context.add(ShopPath, path),
        Context.add(References.CurrentLogAnnotations, {
          ...Context.get(outer, References.CurrentLogAnnotations),
          shop
        })
      )
    )
  })
  // Routes keep the context in which they are made. That of the request which opens the shop would answer all others with its body.
  const surroundings = yield* Effect.context<Effect.Services<ReturnType<typeof open>>>()
  const apps = yield* RcMap.make({
    idleTimeToLive,
    lookup: (shop: string) =>
      Effect.updateContext(open(shop), (own: Context.Context<Scope.Scope>) =>
        Context.add(surroundings, Scope.Scope, Context.get(own, Scope.Scope))
      )
  })

  const answer = (shop: string): App =>
    RcMap.get(apps, shop).pipe(
      // A failure would be kept as long as an app.
      Effect.tapError(() => RcMap.invalidate(apps, shop)),
      Effect.matchEffect({
        onSuccess: (app) => app,
        onFailure: (error) =>
          Effect.flatMap(refusal(shop, error), (response) =>
            Effect.provideService(refused, Refusal, response)
          )
      })
    )
  return (unnamed: App): App =>
    Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) => {
      const shop = nameOf(request)
      return shop === undefined ? unnamed : answer(shop)
    })
})
