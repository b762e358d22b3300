import { Context, Effect, Layer, Option, type Scope } from "effect"
import { HttpEffect, HttpRouter, HttpServer, HttpServerRequest } from "effect/http"
import { contentType, document, type ProblemType } from "../http/api/Problem.ts"
import { layerStrictRouter } from "../http/boundary/StrictRouting.ts"
import { Authenticate, BuiltInAccounts, layerSettings, routesUnder } from "../http/index.ts"
import { shopProblem } from "../http/shops/ShopProblem.ts"
import type { Stores } from "../ports/Stores.ts"
import type { Services } from "../services/Commerce.ts"
import type { CommerceError } from "../services/CommerceError.ts"
import { asksHost } from "./Authenticate.ts"
import { type Connection, CurrentConnection } from "./Connection.ts"
import { type DecodedSettings, hasAccounts } from "./Settings.ts"

/** Handles one request of the Fetch API. */
export type FetchHandler = (request: Request, connection?: Connection) => Promise<Response>

/** Handles requests of the Fetch API under a base path. */
export interface CommerceHandler extends FetchHandler {
  /** The setting `http.basePath`. */
  readonly basePath: string
  /** Logs an error of the host's server, and returns the response to its request: 500. */
  readonly fail: (error: unknown) => Promise<Response>
}

/** Sets the remote address of a request. A request of the Fetch API has no socket. */
const withRemoteAddress = <A, E, R>(app: Effect.Effect<A, E, R>) =>
  Effect.flatMap(CurrentConnection, ({ remoteAddress }) =>
    Effect.updateService(app, HttpServerRequest.HttpServerRequest, (request) =>
      request.modify({ remoteAddress: Option.fromUndefinedOr(remoteAddress) })
    )
  )

/** Provides the HTTP API under the host's base path. */
export const fetchHandler = Effect.fnUntraced(function* (
  { auth, http }: Pick<DecodedSettings, "auth" | "http">,
  services: Context.Context<Services | Stores>
): Effect.fn.Return<FetchHandler, never, Scope.Scope> {
  const users = Layer.mergeAll(
    Layer.succeed(BuiltInAccounts, hasAccounts(auth)),
    Layer.succeed(Authenticate, auth.authenticate === undefined ? undefined : asksHost(auth.authenticate))
  )
  const app = routesUnder(http.basePath).pipe(
    Layer.provide([users, layerSettings(http), Layer.succeedContext(services), HttpServer.layerServices]),
    Layer.provideMerge(layerStrictRouter)
  )
  const context = Context.merge(yield* Effect.context<never>(), yield* Layer.build(app))
  const router = Context.get(context, HttpRouter.HttpRouter)
  const handle = HttpEffect.toWebHandlerWith<never, Scope.Scope | HttpServerRequest.HttpServerRequest>(
    context
  )(withRemoteAddress(router.asHttpEffect()))
  return (request, connection = {}) => handle(request, Context.make(CurrentConnection, connection))
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

/** Returns the response to a request whose shop cannot be opened. */
export const unopenedResponse = (error: CommerceError): Response => {
  const { body, headers } = shopProblem(error)
  return Response.json(body, { status: body.status, headers: { "content-type": contentType, ...headers } })
}

const internal = { status: 500, code: "internal", title: "Internal error" }

/** Returns the response to requests that the host's server cannot hand over. */
export const failedResponse = (): Response => problemResponse(internal, "An internal error occurred.")
