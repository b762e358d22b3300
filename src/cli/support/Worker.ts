/** This process, if it is one of the workers that a primary has started (`Workers.ts`). */
import { Deferred, Duration, Effect, Layer, Option } from "effect"
import { RateLimiter } from "effect/persistence"
import { RateLimitStores } from "../../http/security/RateLimit.ts"
import { type OfPrimary, type OfWorker, openChannel } from "./Channel.ts"
import type { Start } from "./StartupBanner.ts"
import { mergeMetrics } from "./WorkerMetrics.ts"
import { workerNumber } from "./WorkerNumber.ts"

/** A worker's connection to its primary. */
export interface Primary {
  /** Tells the primary that this worker listens. */
  readonly ready: (start: Start) => Effect.Effect<unknown>
  /** Completes when another worker has taken over. */
  readonly retired: Effect.Effect<void>
  /** Returns the metrics of all workers, or of this one if the primary does not answer. */
  readonly metrics: Effect.Effect<string>
  /** Counts attempts for all workers. */
  readonly rateLimits: Layer.Layer<never>
}

/** Time for an answer of the primary. A worker that does not answer the primary must not cost the metrics of the others. */
const patience = "5 seconds"

/** What an attempt counts as if the primary does not answer: too many, so that no limit ends with the primary. */
const tooMany = [Number.POSITIVE_INFINITY, 1000] as const

/** Connects to the primary, which may ask for the metrics of this worker. Returns `undefined` if this is no worker. */
export const connectToPrimary = Effect.fnUntraced(function* (
  metrics: Effect.Effect<string>
): Effect.fn.Return<Primary | undefined> {
  const worker = workerNumber
  if (worker === undefined) return undefined
  // A hangup of a terminal goes to all processes there, and the primary decides what it means.
  if (process.stdout.isTTY !== true) process.on("SIGHUP", () => {})
  const retired = yield* Deferred.make<void>()
  const ask = yield* openChannel<OfWorker, OfPrimary>(
    {
      // This process ends with the channel, so an error needs no handling.
      send: (message) => void process.send?.(message, undefined, undefined, () => {}),
      onMessage: (listener) => void process.on("message", listener)
    },
    patience,
    { measure: () => metrics, retire: () => Effect.as(Deferred.succeed(retired, undefined), null) }
  )
  const rateLimits = Layer.succeed(RateLimitStores, (what, shop) =>
    Layer.effect(
      RateLimiter.RateLimiterStore,
      Effect.map(RateLimiter.RateLimiterStore, (store) =>
        RateLimiter.RateLimiterStore.of({
          ...store,
          fixedWindow: ({ refillRate, ...attempt }) =>
            Effect.map(
              ask("count", { what, shop, refill: Duration.toMillis(refillRate), ...attempt }),
              Option.getOrElse(() => tooMany)
            )
        })
      )
    ).pipe(Layer.provide(RateLimiter.layerStoreMemory))
  )
  return {
    ready: (start) => ask("ready", start),
    retired: Deferred.await(retired),
    metrics: Effect.flatMap(
      ask("metrics", null),
      Option.match({
        onNone: () => Effect.map(metrics, (text) => mergeMetrics([{ worker, text }])),
        onSome: Effect.succeed
      })
    ),
    rateLimits
  }
})
