import { Context, Effect, Layer, type Scope } from "effect"
import { HttpEffect, HttpRouter, HttpServer, type HttpServerRequest } from "effect/http"
import { contentType, document } from "../http/api/Problem.ts"
import { AuthRateLimit, CorsOrigins, routesUnder, strictRouting, TrustedProxies } from "../http/index.ts"
import type { Stores } from "../ports/Stores.ts"
import type { Services } from "../services/Commerce.ts"
import type { CommerceSettings } from "./Settings.ts"

/** Answers one request (Fetch API). */
export type FetchHandler = (request: Request) => Promise<Response>

const exposure = ({ authRateLimit, trustedProxies = 0, corsOrigins = [] }: CommerceSettings) => {
  const usual = { limit: 30, window: "1 minute" } as const
  return Layer.mergeAll(
    Layer.succeed(AuthRateLimit, authRateLimit === "off" ? undefined : (authRateLimit ?? usual)),
    Layer.succeed(TrustedProxies, trustedProxies),
    Layer.succeed(CorsOrigins, corsOrigins)
  )
}

/** The HTTP API over these services, under the host's base path. */
export const fetchHandler = Effect.fnUntraced(function* (
  settings: CommerceSettings,
  services: Context.Context<Services | Stores>
): Effect.fn.Return<FetchHandler, never, Scope.Scope> {
  const app = routesUnder(settings.basePath ?? "/").pipe(
    Layer.provide([exposure(settings), Layer.succeedContext(services), HttpServer.layerServices]),
    Layer.provideMerge(HttpRouter.layer),
    Layer.provide(Layer.succeed(HttpRouter.RouterConfig, strictRouting))
  )
  const context = Context.merge(yield* Effect.context<never>(), yield* Layer.build(app))
  const router = Context.get(context, HttpRouter.HttpRouter)
  const handle = HttpEffect.toWebHandlerWith<never, Scope.Scope | HttpServerRequest.HttpServerRequest>(
    context
  )(router.asHttpEffect())
  return (request) => handle(request)
})

const unavailable = { status: 503, code: "unavailable", title: "Unavailable" }

/** What a request is answered that comes after `close`. */
export const closedResponse = (): Response =>
  Response.json(document(unavailable, "The shop is closed"), {
    status: unavailable.status,
    headers: { "content-type": contentType, "retry-after": "1" }
  })
