import { Effect, Fiber } from "effect"
import { type FeedEvent, PositionUnknown, toPosition } from "../../../domain/orders/Feed.ts"
import type { OrderId } from "../../../domain/shared/Ids.ts"
import { OrderStore } from "../../../ports/OrderStore.ts"
import { PaymentStore } from "../../../ports/PaymentStore.ts"
import { FeedPatience } from "../../FeedPatience.ts"
import { newAttempt, newAttribution, newPlacement, orderIn, shop } from "../Given.ts"
import { concurrently, type Law, law, refused, same } from "../Law.ts"

/** Waits by the real clock, also in tests that stop Effect's clock. */
const aMoment = Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 5)))

/** Returns all events after a position, page by page. */
const readOn = Effect.fnUntraced(function* (after: string | undefined, take: number) {
  const store = yield* OrderStore
  const events: Array<FeedEvent> = []
  for (;;) {
    const page = yield* store.feed(events.at(-1)?.position ?? after, take)
    events.push(...page)
    if (page.length < take) return events
  }
})

/** Reads until the given number of events of these orders has arrived, or `FeedPatience` ends. */
const readUntil = Effect.fnUntraced(function* (
  after: string | undefined,
  orders: ReadonlyArray<OrderId>,
  wanted: number,
  take: number
) {
  const events: Array<FeedEvent> = []
  const end = performance.now() + (yield* FeedPatience)
  while (events.length < wanted && performance.now() < end) {
    const found = yield* readOn(after, take)
    events.push(...found.filter(({ orderId }) => orders.includes(orderId)))
    after = found.at(-1)?.position ?? after
    yield* aMoment
  }
  return events
})

const end = Effect.map(readOn(undefined, 1000), (events) => events.at(-1)?.position)

const withoutPosition = ({ position: _, ...event }: FeedEvent) => event

export const feedLaws: ReadonlyArray<Law> = [
  law(
    "the feed returns every event of every order once, in order, from any position",
    Effect.gen(function* () {
      const store = yield* OrderStore
      const own = yield* shop(100)
      const start = yield* end
      const happened: Array<Omit<FeedEvent, "position">> = []
      const ids: Array<OrderId> = []
      for (const status of ["COMPLETED", "CREATED", "FAILED"] as const) {
        const { id: orderId } = yield* orderIn(status, own, [[own.products[0], 1]])
        ids.push(orderId)
        happened.push(...(yield* store.history(orderId)).map((event) => ({ ...event, orderId })))
      }
      const all = yield* readUntil(start, ids, happened.length, 100)
      yield* same(all.map(withoutPosition), happened)
      for (const take of [1, 3]) yield* same(yield* readUntil(start, ids, happened.length, take), all)
      for (const [i, { position }] of all.entries()) {
        const rest = all.slice(i + 1)
        yield* same(yield* readUntil(position, ids, rest.length, 100), rest)
      }
    })
  ),

  law(
    "the latest position is that of the last event, and events after it are those that come later",
    Effect.gen(function* () {
      const store = yield* OrderStore
      const own = yield* shop(10)
      const { id: first } = yield* orderIn("CREATED", own, [[own.products[0], 1]])
      const [before] = yield* readUntil(undefined, [first], 1, 100)
      const start = yield* store.latestPosition()
      const passed = (yield* readOn(before?.position, 1000)).map(({ position }) => position)
      yield* same([before?.position, ...passed].includes(start), true)
      const { id: second } = yield* orderIn("PAID", own, [[own.products[0], 1]])
      const later = yield* readUntil(start, [first, second], 2, 100)
      yield* same(
        later.map(({ orderId, sequence }) => ({ orderId, sequence })),
        [1, 2].map((sequence) => ({ orderId: second, sequence }))
      )
      const last = later.at(-1)?.position
      const end = yield* store.latestPosition()
      const rest = yield* readOn(last, 1000)
      yield* same([last, ...rest.map(({ position }) => position)].includes(end), true)
    })
  ),

  law(
    "a position of no event fails with PositionUnknown [D4]",
    Effect.gen(function* () {
      const store = yield* OrderStore
      const own = yield* shop(1)
      const { id: orderId } = yield* orderIn("CREATED", own, [[own.products[0], 1]])
      const lost = toPosition({ epoch: 1, transaction: "1", orderId, sequence: 2 })
      yield* refused(store.feed(lost, 10), new PositionUnknown({ position: lost }))
      const next = toPosition({ epoch: 2, transaction: "1", orderId, sequence: 2 })
      yield* refused(store.feed(next, 10), new PositionUnknown({ position: next }))
    })
  ),

  law(
    "a reader that follows concurrent orders and payments gets every event exactly once",
    Effect.gen(function* () {
      const [orders, payments] = [yield* OrderStore, yield* PaymentStore]
      const own = yield* shop(100)
      const start = yield* end
      const placements = yield* Effect.replicateEffect(newPlacement(own, [[own.products[0], 1]]), 20)
      const ids = placements.map(({ id }) => id)
      const reader = yield* Effect.forkChild(readUntil(start, ids, 40, 3))
      yield* concurrently(
        placements.map((placement) =>
          Effect.gen(function* () {
            yield* orders.place(placement)
            const { value } = yield* payments.begin(yield* newAttempt(placement), undefined)
            yield* payments.settle(value.id, "APPROVED", yield* newAttribution, undefined)
          })
        )
      )
      const seen = yield* Fiber.join(reader)
      const bySequence = (a: FeedEvent, b: FeedEvent) => a.sequence - b.sequence
      for (const id of ids) {
        const told = seen.filter(({ orderId }) => orderId === id)
        yield* same(told.toSorted(bySequence), told)
        const history = yield* orders.history(id)
        yield* same(
          told.map(withoutPosition),
          history.map((event) => ({ ...event, orderId: id }))
        )
      }
    })
  )
]
