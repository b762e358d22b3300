import { Context, Effect, Layer, Option, type Scope } from "effect"
import { HttpEffect, HttpRouter, HttpServer, HttpServerRequest } from "effect/http"
import { contentType, document } from "../http/api/Problem.ts"
import { layerSettings, routesUnder, strictRouting } from "../http/index.ts"
import type { Stores } from "../ports/Stores.ts"
import type { Services } from "../services/Commerce.ts"
import type { Http } from "../settings/HttpSettings.ts"

/** What a host knows of the connection that a request came by. */
export interface Connection {
  /**
   * IP address of the peer, as the socket has it: the client or the last proxy before the host. Without it
   * `X-Forwarded-For` is ignored, and attempts to log in are counted per account alone.
   */
  readonly remoteAddress?: string | undefined
}

/** Answers one request (Fetch API). */
export type FetchHandler = (request: Request, connection?: Connection) => Promise<Response>

const RemoteAddress = Context.Reference<string | undefined>("effect-commerce/promise/RemoteAddress", {
  defaultValue: () => undefined
})

/** A request of the Fetch API has no socket: its address comes from the host. */
const withRemoteAddress = <A, E, R>(app: Effect.Effect<A, E, R>) =>
  Effect.flatMap(RemoteAddress, (address) =>
    Effect.updateService(app, HttpServerRequest.HttpServerRequest, (request) =>
      request.modify({ remoteAddress: Option.fromUndefinedOr(address) })
    )
  )

/** The HTTP API over these services, under the host's base path. */
export const fetchHandler = Effect.fnUntraced(function* (
  settings: Http,
  services: Context.Context<Services | Stores>
): Effect.fn.Return<FetchHandler, never, Scope.Scope> {
  const app = routesUnder(settings.basePath).pipe(
    Layer.provide([layerSettings(settings), Layer.succeedContext(services), HttpServer.layerServices]),
    Layer.provideMerge(HttpRouter.layer),
    Layer.provide(Layer.succeed(HttpRouter.RouterConfig, strictRouting))
  )
  const context = Context.merge(yield* Effect.context<never>(), yield* Layer.build(app))
  const router = Context.get(context, HttpRouter.HttpRouter)
  const handle = HttpEffect.toWebHandlerWith<never, Scope.Scope | HttpServerRequest.HttpServerRequest>(
    context
  )(withRemoteAddress(router.asHttpEffect()))
  return (request, { remoteAddress } = {}) => handle(request, Context.make(RemoteAddress, remoteAddress))
})

const unavailable = { status: 503, code: "unavailable", title: "Unavailable" }

/** What a request is answered that comes after `close`. */
export const closedResponse = (): Response =>
  Response.json(document(unavailable, "The shop is closed"), {
    status: unavailable.status,
    headers: { "content-type": contentType, "retry-after": "1" }
  })
