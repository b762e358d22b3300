import { Context, Duration, Effect, Layer, Metric, Option, Schema, Stream } from "effect"
import { type FeedEvent, FeedPosition } from "../domain/orders/Feed.ts"
import type { IllegalTransition } from "../domain/orders/Lifecycle.ts"
import { type Order, type OrderEvent, OrderNotFound, type PaymentInProgress } from "../domain/orders/Order.ts"
import { OrderKey, OrderQuery } from "../domain/orders/OrderListing.ts"
import { Draft, type PlaceOrderRefusal } from "../domain/orders/PlaceOrder.ts"
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
import { defaultLimit, keyset, Limit, type Page } from "../domain/shared/Page.ts"
import type { StoreUnavailable } from "../ports/errors.ts"
import { OrderStore } from "../ports/OrderStore.ts"
import { ordersPlaced, ordersRefused } from "../telemetry/Metrics.ts"
import { traced } from "../telemetry/Traced.ts"
import { makeIds, now } from "./Ids.ts"
import { actor, actorOf, decodeInput, idempotency } from "./Input.ts"

const PlaceOrder = Schema.Struct({ ...Draft.fields, ...idempotency })
const AdvanceOrder = Schema.Struct({ orderId: OrderId, ...actor })

const ReadFeed = Schema.Struct({ after: Schema.optional(FeedPosition), limit: Schema.optional(Limit) })

type Place<A> = (
  input: typeof PlaceOrder.Encoded
) => Effect.Effect<A, InvalidInput | PlaceOrderRefusal | IdempotencyKeyReused | StoreUnavailable>

type Advance = (
  orderId: string,
  options?: { readonly actor?: string | undefined }
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
      options?: { readonly actor?: string | undefined }
    ) => Effect.Effect<
      Order,
      InvalidInput | OrderNotFound | IllegalTransition | PaymentInProgress | StoreUnavailable
    >
    /** Expires unpaid orders that are older than this, in bounded sweeps; answers with how many. */
    readonly expireUnpaid: (age: Duration.Input) => Effect.Effect<number, StoreUnavailable>
    readonly get: (orderId: string) => Effect.Effect<Order, InvalidInput | OrderNotFound | StoreUnavailable>
    /** The newest first. */
    readonly list: (
      query?: typeof OrderQuery.Encoded
    ) => Effect.Effect<Page<Order>, InvalidInput | StoreUnavailable>
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
      input?: typeof ReadFeed.Encoded
    ) => Effect.Effect<ReadonlyArray<FeedEvent>, InvalidInput | StoreUnavailable>
    /** The same without end: asks again every `every` (a second if absent) once it has caught up. */
    readonly follow: (input?: {
      readonly after?: string | undefined
      readonly every?: Duration.Input | undefined
    }) => Stream.Stream<FeedEvent, InvalidInput | StoreUnavailable>
  }
>()("effect-commerce/services/Orders") {
  static readonly layer = Layer.effect(
    Orders,
    Effect.suspend(() => make)
  )
}

const readPlaceOrder = decodeInput(PlaceOrder)
const readAdvance = decodeInput(AdvanceOrder)
const readOrderId = decodeInput(OrderId)
const readOrderQuery = decodeInput(OrderQuery)
const orderPages = keyset(OrderKey)

const readFeed = decodeInput(ReadFeed)

/** Orders that one sweep expires in one transaction. */
const expiredAtOnce = 100

const make = Effect.gen(function* () {
  const store = yield* OrderStore
  const newId = yield* makeIds

  const decide: Place<IdempotentResult<Order>> = Effect.fnUntraced(function* (input) {
    const { actor, idempotencyKey: key, ...draft } = yield* readPlaceOrder(input)
    const id = yield* newId(OrderId)
    const answer = yield* store.place({
      draft,
      id,
      at: yield* now,
      actor: actor ?? draft.customerId,
      idempotency: claimFor("place order", draft.customerId, key, draft)
    })
    // A replay of this very attempt: it was placed, and the store had to ask again whether it was.
    return answer.value.id === id ? firstTime(answer.value) : answer
  })

  const placeOrReplay: Place<IdempotentResult<Order>> = (input) =>
    decide(input).pipe(
      Effect.tap(({ replayed }) => (replayed ? Effect.void : Metric.update(ordersPlaced, 1))),
      Effect.tapError(({ _tag }) => Metric.update(ordersRefused(_tag), 1))
    )

  const advance = (step: "shipped" | "completed"): Advance =>
    Effect.fnUntraced(function* (orderId, options) {
      const input = yield* readAdvance({ orderId, ...options })
      return yield* store.advance(input.orderId, step, { at: yield* now, actor: actorOf(input) })
    })

  const get = Effect.fnUntraced(function* (input: string) {
    const orderId = yield* readOrderId(input)
    const found = yield* store.get(orderId)
    return yield* Option.isSome(found) ? Effect.succeed(found.value) : new OrderNotFound({ orderId })
  })

  const list = Effect.fnUntraced(function* (input: typeof OrderQuery.Encoded = {}) {
    const { limit = defaultLimit, cursor, status, customerId } = yield* readOrderQuery(input)
    const pages = orderPages({ status, customerId })
    const after = yield* Effect.fromResult(pages.after(cursor))
    const found = yield* store.list({ status, customerId, after: after?.[0], take: limit + 1 })
    return pages.page(found, limit, ({ id }) => [id] as const)
  })

  const history = Effect.fnUntraced(function* (input: string) {
    const orderId = yield* readOrderId(input)
    const events = yield* store.history(orderId)
    return events.length > 0 ? events : yield* new OrderNotFound({ orderId })
  })

  const expire = Effect.fnUntraced(function* (
    orderId: string,
    options?: { readonly actor?: string | undefined }
  ) {
    const input = yield* readAdvance({ orderId, ...options })
    return yield* store.expire(input.orderId, { at: yield* now, actor: actorOf(input) })
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

  const feed = Effect.fnUntraced(function* (input: typeof ReadFeed.Encoded = {}) {
    const { after, limit = 100 } = yield* readFeed(input)
    return yield* store.feed(after, limit)
  })

  const follow: Orders["Service"]["follow"] = ({ after, every = "1 second" } = {}) =>
    Stream.paginate(after, (position) =>
      Effect.map(feed({ after: position }), (events) => {
        const next = Option.some(events.at(-1)?.position ?? position)
        return [events, next] as const
      }).pipe(Effect.tap(([events]) => (events.length === 0 ? Effect.sleep(every) : Effect.void)))
    )

  return Orders.of(
    traced("Orders", {
      place: (input) => Effect.map(placeOrReplay(input), resultOf),
      placeOrReplay,
      ship: advance("shipped"),
      complete: advance("completed"),
      expire,
      expireUnpaid,
      feed,
      follow,
      get,
      list,
      history
    })
  )
})
