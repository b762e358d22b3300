import { Clock, Context, Effect } from "effect"
import type { FeedEvent } from "../../../domain/orders/Feed.ts"
import type { InvalidInput } from "../../../domain/shared/InvalidInput.ts"
import type { StoreUnavailable } from "../../../ports/errors.ts"
import { Orders } from "../../../services/Orders.ts"
import type { ModelShop } from "../ModelShop.ts"
import type { World } from "../World.ts"
import { everything } from "./Listings.ts"

type Reading<A> = Effect.Effect<A, InvalidInput | StoreUnavailable, ModelShop>

/**
 * How long a feed may be held up by transactions that are none of this shop's, in milliseconds; 5 seconds if absent. On a
 * PostgreSQL server that others use too, longer than their longest transaction takes.
 */
export const FeedPatience = Context.Reference<number>("effect-commerce/testing/FeedPatience", {
  defaultValue: () => 5000
})

/** Events page by page, up to one more than there can be: where a feed never comes to an end, we do. */
const eventsAfter = (
  position: string | undefined,
  limit: number,
  happened: number
): Reading<ReadonlyArray<FeedEvent>> =>
  Effect.gen(function* () {
    const all: Array<FeedEvent> = []
    while (all.length <= happened) {
      const after = all.at(-1)?.position ?? position
      const events = yield* Orders.use((orders) => orders.feed({ after, limit }))
      if (events.length === 0) break
      all.push(...events)
    }
    return all
  })

/** The version of an order is the number of its events. */
const happened: Reading<number> = Effect.map(
  everything((page) => Orders.use((orders) => orders.list({ ...page, limit: 100 }))),
  (orders) => orders.reduce((sum, { version }) => sum + version, 0)
)

/** Waits until all that has happened is in the feed, and answers with how much that is. */
const caughtUp: Reading<number> = Effect.gen(function* () {
  const clock = yield* Clock.Clock
  const expected = yield* happened
  const end = clock.monotonicTimeNanosUnsafe() + BigInt(yield* FeedPatience) * 1_000_000n
  while ((yield* eventsAfter(undefined, 100, expected)).length < expected) {
    if (clock.monotonicTimeNanosUnsafe() > end) break
    yield* Effect.sleep("5 millis")
  }
  return expected
})

/**
 * All events after a position, page by page. Those of one command may have been committed in any order, and are told
 * in that of their orders.
 */
export const readFeed = (
  world: World,
  after: string | undefined,
  limit: number
): Reading<ReadonlyArray<FeedEvent>> =>
  Effect.gen(function* () {
    const events = yield* eventsAfter(after, limit, yield* caughtUp)
    const end = events.at(-1)?.position
    if (end !== undefined) world.positions.push(end)
    const age = ({ orderId }: FeedEvent) => world.known.order.indexOf(orderId)
    return events.toSorted((a, b) => a.at.getTime() - b.at.getTime() || age(a) - age(b))
  })
