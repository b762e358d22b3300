import { Duration, Effect, Layer } from "effect"
import { RateLimiter } from "effect/persistence"

interface Counter {
  readonly count: number
  readonly expiresAt: number
}

/** Maximum number of counters. Attackers can invent any number of keys, which must not exhaust memory. */
const capacity = 20_000

/**
 * In-memory store of rate limit counters with bounded size. Effect's own store never removes a counter.
 *
 * Expired counters are removed. Above the capacity the oldest counters are removed.
 */
export const boundedStore = Layer.effect(
  RateLimiter.RateLimiterStore,
  Effect.map(RateLimiter.RateLimiterStore, (store) => {
    const counters = new Map<string, Counter>()

    /** Removes expired and excess counters. The map keeps insertion order, so the first counter is the oldest. */
    const evict = (now: number) => {
      for (const [key, { expiresAt }] of counters) {
        if (expiresAt > now && counters.size <= capacity) return
        counters.delete(key)
      }
    }

    const fixedWindow: typeof store.fixedWindow = ({ key, tokens, refillRate, limit }) =>
      Effect.clockWith((clock) =>
        Effect.sync(() => {
          const now = clock.currentTimeMillisUnsafe()
          const known = counters.get(key)
          const current = known !== undefined && known.expiresAt > now ? known : { count: 0, expiresAt: now }
          const count = current.count + tokens
          if (limit !== undefined && count > limit) return [count, current.expiresAt - now] as const
          const expiresAt = current.expiresAt + Duration.toMillis(refillRate) * tokens
          if (current !== known) counters.delete(key)
          counters.set(key, { count, expiresAt })
          evict(now)
          return [count, expiresAt - now] as const
        })
      )
    return RateLimiter.RateLimiterStore.of({ ...store, fixedWindow })
  })
).pipe(Layer.provide(RateLimiter.layerStoreMemory))
