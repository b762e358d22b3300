import { type FeedEvent, fromPosition } from "../../../domain/orders/Feed.ts"
import type { Answered, Json } from "../Calls.ts"
import { canonical, type Evidence, groupBy } from "../Evidence.ts"
import type { FinalState } from "../FinalState.ts"
import type { Finding } from "../Finding.ts"

type Event = Json<FeedEvent>

const broken = (id: string, detail: string): Finding => ({ rule: "feed", id, detail })

const nameOf = ({ orderId, sequence }: Pick<Event, "orderId" | "sequence">) => `${orderId} ${sequence}`

/** Compares two positions: epoch, transaction, order, sequence. */
const isBefore = (a: string, b: string): boolean => {
  const [one, other] = [fromPosition(a), fromPosition(b)]
  if (one.epoch !== other.epoch) return one.epoch < other.epoch
  const [first, second] = [BigInt(one.transaction), BigInt(other.transaction)]
  if (first !== second) return first < second
  return one.orderId === other.orderId ? one.sequence < other.sequence : one.orderId < other.orderId
}

/** The feed has each event once, and its positions ascend. */
const isOrdered = (feed: ReadonlyArray<Event>): ReadonlyArray<Finding> => {
  const seen = new Set<string>()
  return feed.flatMap((event, index) => {
    const previous = feed[index - 1]
    const isTwice = seen.has(nameOf(event))
    seen.add(nameOf(event))
    if (isTwice) return [broken(event.orderId, `The feed has event ${event.sequence} twice`)]
    return previous === undefined || isBefore(previous.position, event.position)
      ? []
      : [broken(event.orderId, `The position of event ${event.sequence} is not after the one before it`)]
  })
}

/** The feed and the histories have the same events, each order in sequence. */
const agreesWithHistories = ({ orders, feed }: FinalState): ReadonlyArray<Finding> => {
  const inFeed = groupBy(feed, ({ orderId }) => orderId)
  return orders.flatMap(({ order, events }) => {
    const own = (inFeed.get(order.id) ?? []).map(({ orderId, position, ...event }) => event)
    return canonical(own) === canonical(events)
      ? []
      : [broken(order.id, `Its history has ${events.length} events, and the feed has others: ${own.length}`)]
  })
}

/** A page is what comes next in the final feed, without a gap. */
const faultOfPage = (
  { name, input, value: page }: Answered<"orders.feed">,
  { feed, feedAfter }: FinalState,
  indexOf: (position: string) => number | undefined
): Finding | undefined => {
  const { after } = input
  const known = after === undefined ? undefined : indexOf(after)
  const first = page[0] === undefined ? undefined : indexOf(page[0].position)
  // After a position that the final feed does not have, only what the page shows is compared.
  let next = after === feedAfter ? 0 : known === undefined ? (first ?? 0) : known + 1
  const seen = new Set<string>()
  for (const event of page) {
    if (seen.has(nameOf(event)))
      return broken(event.orderId, `${name} returned event ${event.sequence} twice`)
    seen.add(nameOf(event))
    const index = indexOf(event.position)
    const stored = index === undefined ? undefined : feed[index]
    if (index === undefined || stored === undefined) {
      return broken(
        event.orderId,
        `${name} returned event ${event.sequence}, and it is no longer in the feed`
      )
    }
    if (canonical(stored) !== canonical(event)) {
      return broken(event.orderId, `${name} returned event ${event.sequence} with other contents`)
    }
    if (index < next) return broken(event.orderId, `${name} returned event ${event.sequence} out of order`)
    const skipped = feed[next]
    if (index > next && skipped !== undefined) {
      return broken(skipped.orderId, `${name} skipped event ${skipped.sequence}`)
    }
    next = index + 1
  }
  return undefined
}

/** What each reader saw is a part of the final feed, and the feed has all events. */
export const feed = (evidence: Evidence, final: FinalState): ReadonlyArray<Finding> => {
  const indexes = new Map<string, number>(final.feed.map(({ position }, index) => [position, index]))
  const shown = new Map(
    evidence
      .answered("orders.feed")
      .flatMap(({ name, value }) =>
        value.map((event) => [event.position as string, { name, event }] as const)
      )
  )
  return [
    ...isOrdered(final.feed),
    ...agreesWithHistories(final),
    ...evidence
      .answered("orders.feed")
      .flatMap((call) => faultOfPage(call, final, (position) => indexes.get(position)) ?? []),
    ...evidence.of("orders.feed").flatMap(({ name, error }) => {
      const known = shown.get(String(error.position))
      return error._tag === "PositionUnknown" && known !== undefined
        ? [broken(known.event.orderId, `${known.name} returned a position that ${name} could not use`)]
        : []
    })
  ]
}
