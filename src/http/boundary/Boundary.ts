import { ByteSize, Cause, Effect, identity } from "effect"
import {
  HttpIncomingMessage,
  HttpMethod,
  HttpRouter,
  HttpServerError,
  HttpServerRequest,
  HttpServerResponse
} from "effect/http"
import { bodyProblems } from "../api/openapi/BodyProblems.ts"
import { contentType, document, type ProblemType } from "../api/Problem.ts"
import { CorsOrigins, cors, withSecurityHeaders } from "../security/SecurityHeaders.ts"
import { observeRequest, RequestLog, withAccount } from "./RequestLog.ts"

const maxBody = 64 * 1024

const kinds = {
  notFound: { status: 404, code: "not-found", title: "Not found" },
  ...bodyProblems,
  unreadable: { status: 400, code: "invalid-request", title: "Invalid request" },
  internal: { status: 500, code: "internal", title: "Internal error" }
} as const satisfies Record<string, ProblemType>

const respond = (kind: ProblemType, detail: string, more: object = {}) =>
  HttpServerResponse.jsonUnsafe({ ...document(kind, detail), ...more }, { status: kind.status, contentType })

const tooLarge = () => respond(kinds.tooLarge, `A body has at most ${maxBody} bytes`)

/** What is wrong with a request before anybody reads its body. */
const refusal = ({ headers, method }: HttpServerRequest.HttpServerRequest) => {
  if (Number(headers["content-length"] ?? 0) > maxBody) return tooLarge()
  if (!HttpMethod.hasBody(method)) return undefined
  const type = headers["content-type"]?.split(";")[0]?.trim().toLowerCase()
  return type === undefined || type === "application/json"
    ? undefined
    : respond(kinds.mediaType, "Send a body as JSON, with Content-Type: application/json")
}

const requestId = ({ headers }: HttpServerRequest.HttpServerRequest): string => {
  const given = headers["x-request-id"]
  return given !== undefined && /^[\w.-]{1,128}$/.test(given) ? given : crypto.randomUUID()
}

const parseError = (cause: Cause.Cause<unknown>) =>
  cause.reasons
    .map((reason) =>
      Cause.isFailReason(reason) ? reason.error : Cause.isDieReason(reason) ? reason.defect : undefined
    )
    .find(HttpServerError.isHttpServerError)?.reason

/** Everything that no endpoint answers becomes a problem document; a bug is logged with its cause and tells nothing. */
const render = <E>(cause: Cause.Cause<E>): Effect.Effect<HttpServerResponse.HttpServerResponse, E> => {
  const reason = parseError(cause)
  if (reason?._tag === "RouteNotFound") {
    return Effect.succeed(respond(kinds.notFound, "There is nothing at this path with this method"))
  }
  if (reason?._tag === "RequestParseError") {
    return Effect.succeed(
      reason.reason === "BodyTooLarge"
        ? tooLarge()
        : respond(kinds.unreadable, "The body cannot be read", {
            errors: [{ path: "", message: "The body cannot be read" }]
          })
    )
  }
  if (Cause.hasInterruptsOnly(cause)) return Effect.failCause(cause)
  return Effect.as(
    withAccount(Effect.logError("A request failed because of a bug", cause)),
    respond(kinds.internal, "Something went wrong on the server")
  )
}

/**
 * Around every route: the request's id, the limits that hold before routing, errors as problem documents, and what
 * browsers, the log and the metrics are told.
 */
export const Boundary = HttpRouter.middleware(
  Effect.gen(function* () {
    const origins = yield* CorsOrigins
    const logged = yield* RequestLog
    const shared = origins.length === 0 ? identity : cors(origins)

    return (app) =>
      Effect.gen(function* () {
        const request = yield* HttpServerRequest.HttpServerRequest
        const id = requestId(request)
        const refused = refusal(request)
        const response = yield* shared(refused === undefined ? app : Effect.succeed(refused)).pipe(
          Effect.catchCause(render),
          Effect.provideService(HttpIncomingMessage.MaxBodySize, ByteSize.bytes(maxBody)),
          observeRequest(logged),
          Effect.annotateLogs({ requestId: id })
        )
        return HttpServerResponse.setHeader(withSecurityHeaders(response), "x-request-id", id)
      })
  }),
  { global: true }
)
