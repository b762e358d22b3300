import { Context, Duration, Effect, Layer, Metric, Option, Stream } from "effect"
import type { FeedEvent } from "../domain/orders/Feed.ts"
import type { IllegalTransition } from "../domain/orders/Lifecycle.ts"
import { type Order, type OrderEvent, OrderNotFound, type PaymentInProgress } from "../domain/orders/Order.ts"
import { OrderKey } from "../domain/orders/OrderListing.ts"
import type { PlaceOrderRefusal } from "../domain/orders/PlaceOrder.ts"
import { systemActor } from "../domain/shared/Attribution.ts"
import {
  claimFor,
  firstTime,
  type IdempotencyKeyReused,
  type IdempotentResult,
  resultOf
} from "../domain/shared/Idempotency.ts"
import { OrderId } from "../domain/shared/Ids.ts"
import type { InvalidInput } from "../domain/shared/InvalidInput.ts"
import { defaultLimit, keyset, type Page } from "../domain/shared/Page.ts"
import type { StoreUnavailable } from "../ports/errors.ts"
import { OrderStore } from "../ports/OrderStore.ts"
import { ordersPlaced, ordersRefused } from "../telemetry/Metrics.ts"
import { traced } from "../telemetry/Traced.ts"
import { allPages } from "./AllPages.ts"
import { makeIds, now } from "./Ids.ts"
import type { ActorOptions, ChangeOptions } from "./inputs/Options.ts"
import {
  decodeFeed,
  decodeFollow,
  decodeOrderChange,
  decodeOrderFilter,
  decodeOrderId,
  decodeOrderQuery,
  decodePlaceOrder,
  type FeedInput,
  type FollowInput,
  type OrderFilterInput,
  type OrderQueryInput,
  type PlaceOrderInput
} from "./inputs/Orders.ts"

type Place<A> = (
  input: PlaceOrderInput,
  options?: ChangeOptions
) => Effect.Effect<A, InvalidInput | PlaceOrderRefusal | IdempotencyKeyReused | StoreUnavailable>

type Advance = (
  orderId: string,
  options?: ActorOptions
) => Effect.Effect<Order, InvalidInput | OrderNotFound | IllegalTransition | StoreUnavailable>

/** Placing orders, seeing them, and what happens to them besides payments. Whose they are is for the caller to ask. */
export class Orders extends Context.Service<
  Orders,
  {
    /** Checks stock, copies prices, takes the units: all in one transaction, or nothing. */
    readonly place: Place<Order>
    /** The same, and says whether the answer was given before. */
    readonly placeOrReplay: Place<IdempotentResult<Order>>
    /** `PAID` to `SHIPPED`. */
    readonly ship: Advance
    /** `SHIPPED` to `COMPLETED`. */
    readonly complete: Advance
    /** `CREATED` to `FAILED`, with the stock given back; not while a payment is pending. */
    readonly expire: (
      orderId: string,
      options?: ActorOptions
    ) => Effect.Effect<
      Order,
      InvalidInput | OrderNotFound | IllegalTransition | PaymentInProgress | StoreUnavailable
    >
    /** Expires unpaid orders that are older than this, in bounded sweeps; answers with how many. */
    readonly expireUnpaid: (age: Duration.Input) => Effect.Effect<number, StoreUnavailable>
    readonly get: (orderId: string) => Effect.Effect<Order, InvalidInput | OrderNotFound | StoreUnavailable>
    /** The newest first. */
    readonly list: (query?: OrderQueryInput) => Effect.Effect<Page<Order>, InvalidInput | StoreUnavailable>
    /** Every order, newest first. Reads the pages one after the other, each when its first order is needed. */
    readonly listAll: (filter?: OrderFilterInput) => Stream.Stream<Order, InvalidInput | StoreUnavailable>
    /** All that happened to an order, in sequence. */
    readonly history: (
      orderId: string
    ) => Effect.Effect<ReadonlyArray<OrderEvent>, InvalidInput | OrderNotFound | StoreUnavailable>
    /**
     * What happened to all orders, in the order of the commits: the next page after a position, which a reader keeps
     * where it keeps what it made of it. Every event comes at least once, and none is skipped, however late its
     * transaction commits. An empty page has no position: nothing has happened since.
     */
    readonly feed: (
      input?: FeedInput
    ) => Effect.Effect<ReadonlyArray<FeedEvent>, InvalidInput | StoreUnavailable>
    /** The same without end: asks again every `every` (a second if absent) once it has caught up. */
    readonly follow: (input?: FollowInput) => Stream.Stream<FeedEvent, InvalidInput | StoreUnavailable>
  }
>()("effect-commerce/services/Orders") {
  static readonly layer = Layer.effect(
    Orders,
    Effect.suspend(() => make)
  )
}

const orderPages = keyset(OrderKey)

/** Orders that one sweep expires in one transaction. */
const expiredAtOnce = 100

const make = Effect.gen(function* () {
  const store = yield* OrderStore
  const newId = yield* makeIds

  const decide: Place<IdempotentResult<Order>> = Effect.fnUntraced(function* (input, options) {
    const [draft, { actor = draft.customerId, idempotencyKey }] = yield* decodePlaceOrder(input, options)
    const id = yield* newId(OrderId)
    const answer = yield* store.place({
      draft,
      id,
      at: yield* now,
      actor,
      idempotency: claimFor("place order", draft.customerId, idempotencyKey, draft)
    })
    // A replay of this very attempt: it was placed, and the store had to ask again whether it was.
    return answer.value.id === id ? firstTime(answer.value) : answer
  })

  const placeOrReplay: Place<IdempotentResult<Order>> = (input, options) =>
    decide(input, options).pipe(
      Effect.tap(({ replayed }) => (replayed ? Effect.void : Metric.update(ordersPlaced, 1))),
      Effect.tapError(({ _tag }) => Metric.update(ordersRefused(_tag), 1))
    )

  const advance = (step: "shipped" | "completed"): Advance =>
    Effect.fnUntraced(function* (orderId, options) {
      const [order, { actor = systemActor }] = yield* decodeOrderChange({ orderId }, options)
      return yield* store.advance(order.orderId, step, { at: yield* now, actor })
    })

  const get = Effect.fnUntraced(function* (input: string) {
    const orderId = yield* decodeOrderId(input)
    const found = yield* store.get(orderId)
    return yield* Option.isSome(found) ? Effect.succeed(found.value) : new OrderNotFound({ orderId })
  })

  const list = Effect.fnUntraced(function* (input: OrderQueryInput = {}) {
    const { limit = defaultLimit, cursor, status, customerId } = yield* decodeOrderQuery(input)
    const pages = orderPages({ status, customerId })
    const after = yield* Effect.fromResult(pages.after(cursor))
    const found = yield* store.list({ status, customerId, after: after?.[0], take: limit + 1 })
    return pages.page(found, limit, ({ id }) => [id] as const)
  })

  const listAll = (input: OrderFilterInput = {}) =>
    Stream.unwrap(
      Effect.map(decodeOrderFilter(input), (filter) => allPages((page) => list({ ...filter, ...page })))
    )

  const history = Effect.fnUntraced(function* (input: string) {
    const orderId = yield* decodeOrderId(input)
    const events = yield* store.history(orderId)
    return events.length > 0 ? events : yield* new OrderNotFound({ orderId })
  })

  const expire = Effect.fnUntraced(function* (orderId: string, options?: ActorOptions) {
    const [order, { actor = systemActor }] = yield* decodeOrderChange({ orderId }, options)
    return yield* store.expire(order.orderId, { at: yield* now, actor })
  })

  const expireUnpaid = Effect.fnUntraced(function* (age: Duration.Input) {
    let expired = 0
    for (;;) {
      const at = yield* now
      const before = new Date(at.getTime() - Duration.toMillis(age))
      const swept = yield* store.expireUnpaid(before, expiredAtOnce, { at, actor: systemActor })
      expired += swept.length
      if (swept.length < expiredAtOnce) return expired
    }
  })

  const feed = Effect.fnUntraced(function* (input: FeedInput = {}) {
    const { after, limit = 100 } = yield* decodeFeed(input)
    return yield* store.feed(after, limit)
  })

  const follow: Orders["Service"]["follow"] = (input = {}) =>
    Stream.unwrap(
      Effect.map(decodeFollow(input), ({ after, every = "1 second" }) =>
        Stream.paginate(after, (position) =>
          Effect.map(feed({ after: position }), (events) => {
            const next = Option.some(events.at(-1)?.position ?? position)
            return [events, next] as const
          }).pipe(Effect.tap(([events]) => (events.length === 0 ? Effect.sleep(every) : Effect.void)))
        )
      )
    )

  return Orders.of(
    traced("Orders", {
      place: (input, options) => Effect.map(placeOrReplay(input, options), resultOf),
      placeOrReplay,
      ship: advance("shipped"),
      complete: advance("completed"),
      expire,
      expireUnpaid,
      feed,
      follow,
      get,
      list,
      listAll,
      history
    })
  )
})
