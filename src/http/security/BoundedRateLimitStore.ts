import { Duration, Effect, Layer } from "effect"
import { RateLimiter } from "effect/persistence"

interface Counter {
  readonly count: number
  readonly expiresAt: number
}

/** Whom an attacker makes up must not cost memory without end. */
const capacity = 20_000

/**
 * Effect's store of counters in memory, which itself would forget none: here a counter goes some time after it has
 * expired, and beyond the capacity the oldest goes.
 */
export const boundedStore = Layer.effect(
  RateLimiter.RateLimiterStore,
  Effect.map(RateLimiter.RateLimiterStore, (store) => {
    const counters = new Map<string, Counter>()

    /** In the order in which they were begun, so the first is the oldest. */
    const makeRoom = (now: number) => {
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
          makeRoom(now)
          return [count, expiresAt - now] as const
        })
      )
    return RateLimiter.RateLimiterStore.of({ ...store, fixedWindow })
  })
).pipe(Layer.provide(RateLimiter.layerStoreMemory))
