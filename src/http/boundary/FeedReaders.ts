/** Long polling of the feed. */
import { Context, Duration, Effect, Fiber, RcMap } from "effect"
import { TooManyRequests } from "../../domain/accounts/AccessPolicy.ts"
import type { FeedEvent, PositionUnknown } from "../../domain/orders/Feed.ts"
import type { InvalidInput } from "../../domain/shared/InvalidInput.ts"
import { maxLimit } from "../../domain/shared/Page.ts"
import type { StoreUnavailable } from "../../ports/errors.ts"
import { ReadPreference } from "../../ports/ReadPreference.ts"
import { Orders } from "../../services/Orders.ts"
import { Draining } from "./Draining.ts"

/** Limits of long polling. */
export const LongPolling = Context.Reference<{
  /** Maximum number of requests that wait at the same time in one process, for each of its shops. Defaults to 100. Others fail with `TooManyRequests`. */
  readonly maxWaiting: number
  /** Time between two polls of the database. Defaults to 250 milliseconds. */
  readonly every: Duration.Input
}>("effect-commerce/http/LongPolling", { defaultValue: () => ({ maxWaiting: 100, every: "250 millis" }) })

type Reading = Effect.Effect<
  ReadonlyArray<FeedEvent>,
  InvalidInput | PositionUnknown | TooManyRequests | StoreUnavailable
>

/**
 * Makes the function that reads events after a position, and waits up to some seconds if there are none.
 *
 * All readers that wait at one position share one fiber that polls, and most readers wait at the same one. The fiber ends with its last
 * reader: a client that leaves leaves nothing behind. While the server drains no request waits, so that a shutdown is not held up.
 */
export const makeFeedReaders = Effect.gen(function* () {
  const orders = yield* Orders
  const draining = yield* Draining
  const { maxWaiting, every } = yield* LongPolling
  let waiting = 0

  const poll = (after: string | undefined) =>
    Effect.sleep(every).pipe(
      Effect.andThen(orders.feed({ after, limit: maxLimit })),
      // Readers who prefer other servers share this.
      Effect.provideService(ReadPreference, "primary"),
      Effect.repeat({ until: (events) => events.length > 0 || draining.isDraining }),
      // Four spans a second of every process would bury those of requests.
      Effect.withTracerEnabled(false)
    )
  const polls = yield* RcMap.make({
    lookup: (after: string | undefined) => Effect.forkScoped(poll(after))
  })

  const wait = (after: string | undefined, seconds: number): Reading =>
    Effect.acquireUseRelease(
      Effect.suspend(() => {
        if (waiting >= maxWaiting) return Effect.fail(new TooManyRequests({ retryAfter: 1 }))
        waiting += 1
        return Effect.void
      }),
      () =>
        Effect.scoped(Effect.flatMap(RcMap.get(polls, after), Fiber.join)).pipe(
          Effect.timeoutOrElse({ duration: Duration.seconds(seconds), orElse: () => Effect.succeed([]) })
        ),
      () =>
        Effect.sync(() => {
          waiting -= 1
        })
    )

  return (after: string | undefined, limit: number, seconds: number): Reading =>
    Effect.flatMap(orders.feed({ after, limit }), (events) =>
      events.length > 0 || seconds === 0 || draining.isDraining
        ? Effect.succeed(events)
        : Effect.map(wait(after, seconds), (later) => later.slice(0, limit))
    )
})
