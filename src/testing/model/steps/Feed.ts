import { Clock, Effect } from "effect"
import type { FeedEvent, PositionUnknown } from "../../../domain/orders/Feed.ts"
import type { InvalidInput } from "../../../domain/shared/InvalidInput.ts"
import type { StoreUnavailable } from "../../../ports/errors.ts"
import { Orders } from "../../../services/Orders.ts"
import { FeedPatience } from "../../FeedPatience.ts"
import type { ModelShop } from "../ModelShop.ts"
import type { World } from "../World.ts"
import { everything } from "./Listings.ts"

type Reading<A> = Effect.Effect<A, InvalidInput | PositionUnknown | StoreUnavailable, ModelShop>

/** Reads events page by page. Stops after one event more than exist, so that an endless feed is detected. */
const eventsAfter = (
  position: string | undefined,
  limit: number,
  eventCount: number
): Reading<ReadonlyArray<FeedEvent>> =>
  Effect.gen(function* () {
    const all: Array<FeedEvent> = []
    while (all.length <= eventCount) {
      const after = all.at(-1)?.position ?? position
      const events = yield* Orders.use((orders) => orders.feed({ after, limit }))
      if (events.length === 0) break
      all.push(...events)
    }
    return all
  })

/** The version of an order is the number of its events. */
const eventCount: Reading<number> = Effect.map(
  everything((page) => Orders.use((orders) => orders.list({ ...page, limit: 100 }))),
  (orders) => orders.reduce((sum, { version }) => sum + version, 0)
)

/** Waits until all events are in the feed. Returns their number. */
const caughtUp: Reading<number> = Effect.gen(function* () {
  const clock = yield* Clock.Clock
  const expected = yield* eventCount
  const end = clock.monotonicTimeNanosUnsafe() + BigInt(yield* FeedPatience) * 1_000_000n
  while ((yield* eventsAfter(undefined, 100, expected)).length < expected) {
    if (clock.monotonicTimeNanosUnsafe() > end) break
    yield* Effect.sleep("5 millis")
  }
  return expected
})

/**
 * Reads all events after a position, page by page. Events of one command may commit in any order, so they are
 * sorted by order.
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
