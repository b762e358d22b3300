import { Context, Duration, Effect, Layer, Metric } from "effect"
import type { HttpServerRequest } from "effect/http"
import { RateLimiter } from "effect/persistence"
import { TooManyRequests } from "../../domain/accounts/AccessPolicy.ts"
import type { RateLimit } from "../../settings/SettingValue.ts"
import { attemptsLimited } from "../../telemetry/Metrics.ts"
import { boundedStore } from "./BoundedRateLimitStore.ts"
import { clientOf } from "./ClientAddress.ts"

/**
 * Rate limit of registration, login, refresh, password change and password reset, per address and per account. Defaults to `off`.
 * Each process counts separately.
 */
export const AuthRateLimit = Context.Reference<RateLimit | "off">("effect-commerce/http/AuthRateLimit", {
  defaultValue: () => "off"
})

const refuse = (operation: string) => (error: RateLimiter.RateLimiterError) => {
  if (error.reason._tag !== "RateLimitExceeded") return Effect.die(error)
  const retryAfter = Math.max(1, Math.ceil(Duration.toSeconds(error.reason.retryAfter)))
  return Effect.andThen(Metric.update(attemptsLimited(operation), 1), new TooManyRequests({ retryAfter }))
}

/** Counters of their own. Effect memoizes layers, so that two of them would else be one. */
const makeLimiter = Effect.map(
  Layer.build(Layer.fresh(Layer.provide(RateLimiter.layer, boundedStore))),
  (context) => Context.get(context, RateLimiter.RateLimiter)
)

/**
 * Returns a function that counts an attempt. It fails with `TooManyRequests` if the client's address or the
 * account exceeds the rate limit.
 */
export const makeRateLimit = Effect.gen(function* () {
  const rate = yield* AuthRateLimit
  // Counted apart: many addresses could else remove the counter of an account.
  const [addresses, accounts] = [yield* makeLimiter, yield* makeLimiter]
  const client = yield* clientOf

  return Effect.fnUntraced(function* (
    operation: string,
    request: HttpServerRequest.HttpServerRequest,
    account?: string
  ) {
    if (rate === "off") return
    const address = client(request)
    const count = ({ consume }: RateLimiter.RateLimiter, name: string) =>
      Effect.catch(consume({ ...rate, key: `${operation} ${name}` }), refuse(operation))
    if (address !== undefined) yield* count(addresses, address)
    if (account !== undefined) yield* count(accounts, account)
  })
})
