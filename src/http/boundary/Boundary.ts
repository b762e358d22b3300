import { ByteSize, Cause, Context, Effect, identity, Layer, References } from "effect"
import {
  HttpIncomingMessage,
  HttpMethod,
  HttpRouter,
  HttpServerError,
  HttpServerRequest,
  HttpServerResponse
} from "effect/http"
import type { TooManyRequests } from "../../domain/accounts/AccessPolicy.ts"
import { bodyProblems } from "../api/openapi/BodyProblems.ts"
import { contentType, document, type ProblemType } from "../api/Problem.ts"
import { problemTypes } from "../api/ProblemTypes.ts"
import { maxBody } from "../api/Request.ts"
import { makeRequestLimit } from "../security/RateLimit.ts"
import { CorsOrigins, cors, withBoundaryHeaders } from "../security/SecurityHeaders.ts"
import { prefixOf } from "./BasePath.ts"
import { Authenticate } from "./HostUsers.ts"
import { methodNotAllowed, Resources } from "./MethodNotAllowed.ts"
import { makePositions } from "./ReplicaReads.ts"
import { isRoutineRequest, observeRequest, RequestLog, recordPath, withAccount } from "./RequestLog.ts"

/** The only coding of a body that is read (RFC 9110, 15.5.16). */
const identityEncoding = "identity"

const problems = {
  notFound: { status: 404, code: "not-found", title: "Not found" },
  ...bodyProblems,
  unreadable: { status: 400, code: "invalid-request", title: "Invalid request" },
  internal: { status: 500, code: "internal", title: "Internal error" }
} as const satisfies Record<string, ProblemType>

const respond = (kind: ProblemType, detail: string, more: object = {}) =>
  HttpServerResponse.jsonUnsafe({ ...document(kind, detail), ...more }, { status: kind.status, contentType })

const tooLarge = () => respond(problems.tooLarge, `The body must not exceed ${maxBody} bytes.`)

const tooManyRequests = ({ message, retryAfter }: TooManyRequests) =>
  HttpServerResponse.setHeader(respond(problemTypes.TooManyRequests, message), "retry-after", `${retryAfter}`)

const knownMethods: ReadonlySet<string> = HttpMethod.all

/**
 * Returns whether the path ends with what only the router takes for a query: `;x` or `#x`. A proxy that guards a path takes it for
 * another path (RFC 3986, 3.3), so it must be another path here too.
 */
const hasOtherSeparator = (url: string): boolean => /^[^?]*[;#]/.test(url)

/** Returns whether a segment of the path is empty. No resource has such a path, and an empty parameter would be called a wrong id. */
const hasEmptySegment = (url: string): boolean => /^[^?]*\/(?:\/|\?|$)/.test(url) && !/^\/(?:\?|$)/.test(url)

/** Returns whether a request names several hosts, or none although it must (RFC 9112, 3.2). */
const isAmbiguous = (host: string | undefined): boolean => host?.includes(",") ?? false

/** Returns the request for `/shop` instead of the one for `/shop/`: both name the root under a base path, as `/` does without one. */
const withoutSlash = (request: HttpServerRequest.HttpServerRequest, prefix: string) => {
  const root = `${prefix}/`
  if (prefix === "" || !(request.url === root || request.url.startsWith(`${root}?`))) return request
  return request.modify({ url: prefix + request.url.slice(root.length) })
}

const bodySize = ByteSize.bytes(maxBody)

const badHost = "A request names its host once."

const notFound = () => respond(problems.notFound, "No resource exists at this path.")

/** Checks the request before its body is read. Returns a problem response or `undefined`. */
const refusal = ({ headers, method, url }: HttpServerRequest.HttpServerRequest) => {
  if (isAmbiguous(headers.host)) {
    return respond(problems.unreadable, badHost, { errors: [{ path: "", message: badHost }] })
  }
  if (hasOtherSeparator(url) || hasEmptySegment(url)) return notFound()
  // No path has such a method, and the router says only that it finds no route. Not 501: the server is not at fault.
  if (!knownMethods.has(method)) return methodNotAllowed([...knownMethods])
  if (Number(headers["content-length"] ?? 0) > maxBody) return tooLarge()
  if (!HttpMethod.hasBody(method)) return undefined
  const encoding = headers["content-encoding"]?.trim().toLowerCase() ?? identityEncoding
  if (encoding !== identityEncoding && encoding !== "") {
    return HttpServerResponse.setHeader(
      respond(problems.mediaType, "The body must be sent without Content-Encoding."),
      "accept-encoding",
      identityEncoding
    )
  }
  const type = headers["content-type"]?.split(";")[0]?.trim().toLowerCase()
  return type === undefined || type === "application/json"
    ? undefined
    : respond(problems.mediaType, "The body must be JSON with Content-Type: application/json.")
}

const requestId = ({ headers }: HttpServerRequest.HttpServerRequest): string => {
  const received = headers["x-request-id"]
  return received !== undefined && /^[\w.-]{1,128}$/.test(received) ? received : crypto.randomUUID()
}

const parseError = (cause: Cause.Cause<unknown>) =>
  cause.reasons
    .map((reason) =>
      Cause.isFailReason(reason) ? reason.error : Cause.isDieReason(reason) ? reason.defect : undefined
    )
    .find(HttpServerError.isHttpServerError)?.reason

/** The answer where no route takes the path and the method. The path may be that of a resource which takes other methods. */
const withoutRoute = ({ find }: Resources["Service"]) =>
  Effect.withFiber<HttpServerResponse.HttpServerResponse>(({ context }) => {
    const { method, url } = Context.getUnsafe(context, HttpServerRequest.HttpServerRequest)
    const resource = find(url)
    // A handler may have found nothing either.
    if (resource === undefined || resource.allowed.includes(method)) return Effect.succeed(notFound())
    recordPath(context, resource.path)
    return Effect.succeed(resource.refusal)
  })

/**
 * Renders unhandled failures as problem documents. A defect is logged with its cause and reveals nothing to the
 * client.
 */
const renderBy =
  (resources: Resources["Service"]) =>
  <E>(cause: Cause.Cause<E>): Effect.Effect<HttpServerResponse.HttpServerResponse, E> => {
    const reason = parseError(cause)
    if (reason?._tag === "RouteNotFound") return withoutRoute(resources)
    if (reason?._tag === "RequestParseError") {
      return Effect.succeed(
        reason.reason === "BodyTooLarge"
          ? tooLarge()
          : respond(problems.unreadable, "The body is not valid JSON in UTF-8.", {
              errors: [{ path: "", message: "The body is not valid JSON in UTF-8" }]
            })
      )
    }
    if (Cause.hasInterruptsOnly(cause)) return Effect.failCause(cause)
    return Effect.as(
      withAccount(Effect.logError("Unexpected error in a request", cause)),
      respond(problems.internal, "An internal error occurred.")
    )
  }

/**
 * Middleware around all routes under a base path: request id, limits before routing, problem documents, security headers, logs and
 * metrics.
 */
export const boundaryUnder = (basePath: string) =>
  HttpRouter.middleware(
    Effect.gen(function* () {
      const prefix = prefixOf(basePath)
      const render = renderBy(yield* Resources)
      const origins = yield* CorsOrigins
      const logsRequests = yield* RequestLog
      const credentials = (yield* Authenticate) !== undefined
      const limited = yield* makeRequestLimit(isRoutineRequest, tooManyRequests)
      const withPosition = yield* makePositions
      const withCors = origins.length === 0 ? identity : cors(origins, { credentials })

      return (app) =>
        Effect.withFiber(({ context }) => {
          const received = Context.getUnsafe(context, HttpServerRequest.HttpServerRequest)
          const request = withoutSlash(received, prefix)
          const id = requestId(request)
          const refused = refusal(request)
          const observed = observeRequest(request, context, logsRequests)
          const answer = Effect.catchCause(refused === undefined ? app : Effect.succeed(refused), render)
          const measured = Effect.onExit(withCors(limited(withPosition(request)(answer))), observed.record)
          const response = Effect.map(measured, (sent) => withBoundaryHeaders(sent, id))
          // At once, and no more than the request needs: each service that is provided apart is one more step of every request.
          return Effect.updateContext(
            response,
            (outer: Context.Context<HttpServerRequest.HttpServerRequest>) => {
              const known = Context.add(observed.within(outer), References.CurrentLogAnnotations, {
                ...Context.get(outer, References.CurrentLogAnnotations),
                requestId: id
              })
              const own =
                request === received
                  ? known
                  : Context.add(known, HttpServerRequest.HttpServerRequest, request)
              return HttpMethod.hasBody(request.method)
                ? Context.add(own, HttpIncomingMessage.MaxBodySize, bodySize)
                : own
            }
          )
        })
    }),
    { global: true }
  ).pipe(Layer.provide(Resources.layer))
