/** The users of the host, as the HTTP API knows them. */
import { Context, Effect, Predicate, Schema } from "effect"
import { HttpMethod, HttpServerRequest } from "effect/http"
import { Forbidden, type Principal, Unauthenticated } from "../../domain/accounts/AccessPolicy.ts"
import { Role } from "../../domain/accounts/Account.ts"
import { Actor, systemActor } from "../../domain/shared/Attribution.ts"
import { CustomerId } from "../../domain/shared/Ids.ts"
import { Accounts } from "../../services/Accounts.ts"
import { answerOf } from "../../services/HostAnswer.ts"
import { CorsOrigins } from "../security/SecurityHeaders.ts"

/**
 * Returns the user of the host who sends a request, or `null`. It is called for each request that needs a user, before the body is read.
 * Defaults to none: access tokens of `Accounts` say who sends a request.
 */
export const Authenticate = Context.Reference<
  ((request: HttpServerRequest.HttpServerRequest) => Effect.Effect<Principal>) | undefined
>("effect-commerce/http/Authenticate", { defaultValue: () => undefined })

/**
 * Whether the API has `/auth`, and accepts the access tokens of `Accounts`. With `Authenticate` too, tokens are for requests without a
 * user of the host. Defaults to true.
 */
export const BuiltInAccounts = Context.Reference<boolean>("effect-commerce/http/BuiltInAccounts", {
  defaultValue: () => true
})

const isUser = Schema.is(Schema.Struct({ id: CustomerId, role: Role }))
const isActor = Schema.is(Actor)

/** The name of the shop itself is no user: it would share its idempotency keys. */
const isPrincipal = (answer: unknown): answer is Principal =>
  answer === null ||
  (Predicate.isObject(answer) && isUser(answer) && isActor(answer.id) && answer.id !== systemActor)

const checked = answerOf(
  "authenticate",
  "null, or { id, role }: an id of 1 to 255 visible characters other than system, and the role customer or admin",
  isPrincipal
)

/** The host of a URL, or `undefined` for an opaque origin. */
const hostOf = (url: string): string | undefined => (URL.canParse(url) ? new URL(url).host : undefined)

/**
 * Whether a page of another site makes a browser send a change with the cookies of its user. Browsers say where a request comes from
 * (Fetch Metadata), and older ones name the origin. A page that `CorsOrigins` names may do so; `*` names none.
 */
const isForged = (
  { headers, method, originalUrl }: HttpServerRequest.HttpServerRequest,
  origins: ReadonlyArray<string>
): boolean => {
  if (!HttpMethod.hasBody(method as HttpMethod.HttpMethod) || headers.cookie === undefined) return false
  const { origin } = headers
  if (origin !== undefined && origins.includes(origin)) return false
  const site = headers["sec-fetch-site"]
  if (site !== undefined) return site !== "same-origin" && site !== "none"
  return origin !== undefined && hostOf(origin) !== (headers.host ?? hostOf(originalUrl))
}

/**
 * Makes the function that tells who sends a request, by the host first and by an access token second. Fails with `Unauthenticated`, and
 * with `Forbidden` if a page of another site uses the cookies of the user. Dies with `WrongAnswer`.
 */
export const makeIdentify = Effect.gen(function* () {
  const accounts = yield* Accounts
  const authenticate = yield* Authenticate
  const hasAccounts = yield* BuiltInAccounts
  const origins = yield* CorsOrigins

  const byToken = (token: string): Effect.Effect<NonNullable<Principal>, Unauthenticated> =>
    hasAccounts ? accounts.authenticate(token) : new Unauthenticated()
  if (authenticate === undefined) return byToken

  return Effect.fnUntraced(function* (token: string) {
    const request = yield* HttpServerRequest.HttpServerRequest
    if (isForged(request, origins)) return yield* new Forbidden()
    const answer = yield* Effect.flatMap(authenticate(request), checked)
    return answer === null ? yield* byToken(token) : { id: answer.id, role: answer.role }
  })
})
