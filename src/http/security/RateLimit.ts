import { Context, Duration, Effect, Layer, Metric } from "effect"
import type { HttpServerRequest } from "effect/http"
import { RateLimiter } from "effect/persistence"
import { TooManyRequests } from "../../domain/accounts/AccessPolicy.ts"
import type { RateLimit } from "../../settings/SettingValue.ts"
import { attemptsLimited } from "../../telemetry/Metrics.ts"
import { boundedStore } from "./BoundedRateLimitStore.ts"
import { clientOf } from "./ClientAddress.ts"

/**
 * How often clients may try to register, log in, refresh or change a password, per address and per account. Each process
 * counts for itself. Defaults to `off`.
 */
export const AuthRateLimit = Context.Reference<RateLimit | "off">("effect-commerce/http/AuthRateLimit", {
  defaultValue: () => "off"
})

const refuse = (what: string) => (error: RateLimiter.RateLimiterError) => {
  if (error.reason._tag !== "RateLimitExceeded") return Effect.die(error)
  const retryAfter = Math.max(1, Math.ceil(Duration.toSeconds(error.reason.retryAfter)))
  return Effect.andThen(Metric.update(attemptsLimited(what), 1), new TooManyRequests({ retryAfter }))
}

/**
 * Counts an attempt at something, and refuses it with `TooManyRequests` if the client's address or the one whom it
 * is about has had too many of them.
 */
export const makeRateLimit = Effect.gen(function* () {
  const rate = yield* AuthRateLimit
  const limiter = Layer.build(Layer.provide(RateLimiter.layer, boundedStore))
  const { consume } = Context.get(yield* limiter, RateLimiter.RateLimiter)
  const client = yield* clientOf

  return Effect.fnUntraced(function* (
    what: string,
    request: HttpServerRequest.HttpServerRequest,
    whom?: string
  ) {
    if (rate === "off") return
    const address = client(request)
    const count = (key: string) => Effect.catch(consume({ ...rate, key }), refuse(what))
    if (address !== undefined) yield* count(`${what} from ${address}`)
    if (whom !== undefined) yield* count(`${what} as ${whom}`)
  })
})
