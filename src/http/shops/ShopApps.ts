/** The HTTP API of each of many shops. */
import { Cause, Context, type Duration, Effect, Layer, RcMap, References, Scope } from "effect"
import { HttpRouter, type HttpServerError, HttpServerRequest, HttpServerResponse } from "effect/http"
import { ShopNotFound } from "../../domain/shops/ShopName.ts"
import { Shops, type ShopUnusable } from "../../services/Shops.ts"
import { contentType } from "../api/Problem.ts"
import { boundaryUnder } from "../boundary/Boundary.ts"
import { ShopPath } from "../boundary/RequestLog.ts"
import { layerStrictRouter } from "../boundary/StrictRouting.ts"
import { routesUnder } from "../Routes.ts"
import { CountedShop } from "../security/RateLimit.ts"
import { basePathOf, type ShopAddress, shopNamedBy, shopPathOf } from "./ShopAddress.ts"
import { shopProblem } from "./ShopProblem.ts"

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

/** Answers a request for a shop that cannot be used. */
const refusal = (error: ShopUnusable) => {
  const { body, headers } = shopProblem(error)
  return HttpServerResponse.jsonUnsafe(body, { status: body.status, contentType, headers })
}

const isOutage = ({ _tag }: ShopUnusable) => _tag !== "ShopNotFound" && _tag !== "InvalidInput"

/** The answer that stands for the shop of the current request. */
const Refusal = Context.Reference<HttpServerResponse.HttpServerResponse>("effect-commerce/http/ShopRefusal", {
  defaultValue: () => HttpServerResponse.empty({ status: 404 })
})

/** Makes an app of routes. */
const appOf = Effect.fnUntraced(function* <R>(routes: Layer.Layer<never, never, R>) {
  // A memo map of its own: layers that other apps have built would be those of their shops, authorization too.
  const memoMap = Layer.makeMemoMapUnsafe()
  const built = yield* Layer.buildWithMemoMap(
    Layer.provideMerge(routes, layerStrictRouter),
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
  const forget = (shop: string) => RcMap.invalidate(apps, shop)

  const refuse = (shop: string, error: ShopUnusable): App =>
    Effect.andThen(
      isOutage(error)
        ? Effect.annotateLogs(Effect.logWarning("A shop cannot be opened", Cause.fail(error)), { shop })
        : Effect.void,
      Effect.provideService(refused, Refusal, refusal(error))
    )

  /** The statements of a shop whose schema was dropped fail as a bug does. Its routes are forgotten then. */
  const afterFailure = (shop: string, response: HttpServerResponse.HttpServerResponse): App =>
    Effect.catch(Effect.as(shops.check(shop), response), (error) =>
      Effect.andThen(
        forget(shop),
        // Other failures do not tell whether the request has changed anything.
        error instanceof ShopNotFound ? refuse(shop, error) : Effect.succeed(response)
      )
    )

  const answer = (shop: string): App =>
    // A failure would be kept as long as an app.
    Effect.matchEffect(
      Effect.tapCause(RcMap.get(apps, shop), () => forget(shop)),
      {
        onSuccess: (app) =>
          Effect.flatMap(app, (response) =>
            response.status === 500 ? afterFailure(shop, response) : Effect.succeed(response)
          ),
        onFailure: (error) => refuse(shop, error)
      }
    )
  return (unnamed: App): App =>
    Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) => {
      const shop = nameOf(request)
      return shop === undefined ? unnamed : answer(shop)
    })
})
