import { Context, Effect, Layer, Option, type Scope } from "effect"
import { HttpEffect, HttpRouter, HttpServer, HttpServerRequest } from "effect/http"
import { contentType, document, type ProblemType } from "../http/api/Problem.ts"
import { layerSettings, routesUnder, strictRouting } from "../http/index.ts"
import type { Stores } from "../ports/Stores.ts"
import type { Services } from "../services/Commerce.ts"
import type { Http } from "../settings/HttpSettings.ts"

/** Facts about the connection of a request that only the host knows. */
export interface Connection {
  /**
   * IP address of the peer of the socket: the client, or the last proxy before the host. Without it
   * `X-Forwarded-For` is ignored, and the rate limit counts per account only. Defaults to none.
   */
  readonly remoteAddress?: string | undefined
  /** The request as the host's framework knows it, for `auth.authenticate`. `toNodeHandler` sets it. Defaults to none. */
  readonly incoming?: unknown
}

/** Handles one request of the Fetch API. */
export type FetchHandler = (request: Request, connection?: Connection) => Promise<Response>

/** Handles requests of the Fetch API under a base path. */
export interface CommerceHandler extends FetchHandler {
  /** The setting `http.basePath`. */
  readonly basePath: string
  /** Logs an error of the host's server, and returns the response to its request: 500. */
  readonly fail: (error: unknown) => Promise<Response>
}

const RemoteAddress = Context.Reference<string | undefined>("effect-commerce/promise/RemoteAddress", {
  defaultValue: () => undefined
})

/** Sets the remote address of a request. A request of the Fetch API has no socket. */
const withRemoteAddress = <A, E, R>(app: Effect.Effect<A, E, R>) =>
  Effect.flatMap(RemoteAddress, (address) =>
    Effect.updateService(app, HttpServerRequest.HttpServerRequest, (request) =>
      request.modify({ remoteAddress: Option.fromUndefinedOr(address) })
    )
  )

/** Provides the HTTP API under the host's base path. */
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

/** The same, made by the first request: half of the time that a shop in memory takes to open would be for its routes. */
export const lazyFetchHandler = Effect.fnUntraced(function* (
  ...args: Parameters<typeof fetchHandler>
): Effect.fn.Return<FetchHandler, never, Scope.Scope> {
  const context = yield* Effect.context<Scope.Scope>()
  let made: Promise<FetchHandler> | undefined
  return async (request, connection) => {
    made ??= Effect.runPromiseWith(context)(fetchHandler(...args))
    const handle = await made
    return handle(request, connection)
  }
})

const problemResponse = (kind: ProblemType, detail: string, headers: Readonly<Record<string, string>> = {}) =>
  Response.json(document(kind, detail), {
    status: kind.status,
    headers: { "content-type": contentType, ...headers }
  })

const unavailable = { status: 503, code: "unavailable", title: "Unavailable" }

/** Returns the response to requests after `close`. */
export const closedResponse = (): Response =>
  problemResponse(unavailable, "The shop is closed.", { "retry-after": "1" })

const internal = { status: 500, code: "internal", title: "Internal error" }

/** Returns the response to requests that the host's server cannot hand over. */
export const failedResponse = (): Response => problemResponse(internal, "An internal error occurred.")
