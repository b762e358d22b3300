import { Context, Duration, Effect, identity, Layer, Metric } from "effect"
import { HttpServerRequest, type HttpServerResponse } from "effect/http"
import { RateLimiter } from "effect/persistence"
import { TooManyRequests } from "../../domain/accounts/AccessPolicy.ts"
import type { RateLimit } from "../../settings/SettingValue.ts"
import { attemptsLimited } from "../../telemetry/Metrics.ts"
import { boundedStore } from "./BoundedRateLimitStore.ts"
import { clientOf } from "./ClientAddress.ts"

/**
 * Rate limit of registration, login, refresh, password change and password reset, per address and per account. Defaults to `off`.
 * Each process counts separately, unless `RateLimitStores` says otherwise.
 */
export const AuthRateLimit = Context.Reference<RateLimit | "off">("effect-commerce/http/AuthRateLimit", {
  defaultValue: () => "off"
})

/**
 * Rate limit of all requests, per account, and per address where no account is known. Defaults to `off`. Each process counts separately,
 * unless `RateLimitStores` says otherwise.
 */
export const RequestLimit = Context.Reference<RateLimit | "off">("effect-commerce/http/RequestLimit", {
  defaultValue: () => "off"
})

/** What is counted apart: many addresses could else remove the counter of an account. */
export const counted = [
  "attempts by address",
  "attempts by account",
  "requests by address",
  "requests by account"
] as const

export type Counted = (typeof counted)[number]

/** The name of the shop whose requests are counted, if it is one of many. */
export const CountedShop = Context.Reference<string | undefined>("effect-commerce/http/CountedShop", {
  defaultValue: () => undefined
})

/** Returns where something is counted. Defaults to counters of this process, which no two shops share. */
export const RateLimitStores = Context.Reference<
  (what: Counted, shop: string | undefined) => Layer.Layer<RateLimiter.RateLimiterStore>
>("effect-commerce/http/RateLimitStores", { defaultValue: () => () => boundedStore })

const refuse = (operation: string) => (error: RateLimiter.RateLimiterError) => {
  if (error.reason._tag !== "RateLimitExceeded") return Effect.die(error)
  const retryAfter = Math.max(1, Math.ceil(Duration.toSeconds(error.reason.retryAfter)))
  return Effect.andThen(Metric.update(attemptsLimited(operation), 1), new TooManyRequests({ retryAfter }))
}

/** Length of the longest name that is a key of a counter as it is: an address or the id of an account. */
const longestKey = 64

/** An email or the id of a host's user may have a kilobyte, which its digest has not. So the size of all counters is bounded. */
const keyOf = (name: string): Effect.Effect<string> =>
  name.length <= longestKey
    ? Effect.succeed(name)
    : Effect.map(
        Effect.promise(() => crypto.subtle.digest("SHA-256", new TextEncoder().encode(name))),
        // `Base64` of Effect builds a text of many parts, each of them with its own bytes.
        (digest) => btoa(String.fromCharCode(...new Uint8Array(digest)))
      )

const countIn = (
  { consume }: RateLimiter.RateLimiter,
  rate: RateLimit,
  operation: string,
  name: string
): Effect.Effect<void, TooManyRequests> =>
  Effect.flatMap(keyOf(name), (key) =>
    Effect.catch(Effect.asVoid(consume({ ...rate, key: `${operation} ${key}` })), refuse(operation))
  )

/** Counters of their own. Effect memoizes layers, so that two of them would else be one. */
const makeLimiter = Effect.fnUntraced(function* (what: Counted) {
  const store = (yield* RateLimitStores)(what, yield* CountedShop)
  const context = yield* Layer.build(Layer.fresh(Layer.provide(RateLimiter.layer, store)))
  return Context.get(context, RateLimiter.RateLimiter)
})

/**
 * Returns a function that counts an attempt. It fails with `TooManyRequests` if the client's address or the
 * account exceeds the rate limit. Without a request only the account counts: many share the address of a back end.
 */
export const makeRateLimit = Effect.gen(function* () {
  const rate = yield* AuthRateLimit
  const [addresses, accounts] = [
    yield* makeLimiter("attempts by address"),
    yield* makeLimiter("attempts by account")
  ]
  const client = yield* clientOf

  return Effect.fnUntraced(function* (
    operation: string,
    request: HttpServerRequest.HttpServerRequest | undefined,
    account?: string
  ) {
    if (rate === "off") return
    const address = request && client(request)
    if (address !== undefined) yield* countIn(addresses, rate, operation, address)
    if (account !== undefined) yield* countIn(accounts, rate, operation, account)
  })
})

/** The name of requests in the metric of what is refused. */
const anyRequest = "request"

/** Counts the current request for its account, or else for its address. */
type CountRequest = (accountId?: string) => Effect.Effect<void, TooManyRequests>

const CurrentCount = Context.Reference<CountRequest>("effect-commerce/http/CurrentCount", {
  defaultValue: () => () => Effect.void
})

/** Counts the current request, unless it is counted already or nothing is limited. Fails with `TooManyRequests`. */
export const countRequest: CountRequest = (accountId) =>
  Effect.flatMap(CurrentCount, (count) => count(accountId))

/**
 * Returns what runs a request with `countRequest`, and afterwards counts it for its address if no endpoint has counted it: such requests
 * change nothing. `isExempt` tells of requests that are never counted, and `refusal` makes the answer to one too many. Without a limit
 * the result is the identity.
 */
export const makeRequestLimit = Effect.fnUntraced(function* (
  isExempt: Effect.Effect<boolean>,
  refusal: (error: TooManyRequests) => HttpServerResponse.HttpServerResponse
) {
  const rate = yield* RequestLimit
  if (rate === "off") return identity
  const [addresses, accounts] = [
    yield* makeLimiter("requests by address"),
    yield* makeLimiter("requests by account")
  ]
  const client = yield* clientOf
  return Effect.fnUntraced(function* <E, R>(app: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>) {
    const request = yield* HttpServerRequest.HttpServerRequest
    let isCounted = request.method === "OPTIONS"
    const count: CountRequest = (accountId) =>
      Effect.suspend(() => {
        if (isCounted) return Effect.void
        isCounted = true
        if (accountId !== undefined) return countIn(accounts, rate, anyRequest, accountId)
        const address = client(request)
        return address === undefined ? Effect.void : countIn(addresses, rate, anyRequest, address)
      })
    const response = yield* Effect.provideService(app, CurrentCount, count)
    if (yield* isExempt) return response
    return yield* count().pipe(
      Effect.as(response),
      Effect.catch((error) => Effect.succeed(refusal(error)))
    )
  })
})
