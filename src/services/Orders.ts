import { Context, Duration, Effect, Layer, Metric, Option, Stream, Struct } from "effect"
import type { Fulfilment } from "../domain/fulfilment/Fulfilment.ts"
import { type IllegalStage, statusThatBegins, withStage } from "../domain/fulfilment/Stage.ts"
import type { InsufficientUnits } from "../domain/fulfilment/Units.ts"
import type { FeedEvent, PositionUnknown } from "../domain/orders/Feed.ts"
import type { IllegalTransition } from "../domain/orders/Lifecycle.ts"
import { type Order, type OrderEvent, OrderNotFound, type PaymentInProgress } from "../domain/orders/Order.ts"
import type { OrderRefused } from "../domain/orders/OrderChange.ts"
import { OrderKey } from "../domain/orders/OrderListing.ts"
import type { Draft, PlaceOrderRefusal, Quote } from "../domain/orders/PlaceOrder.ts"
import type { PricingDefect } from "../domain/pricing/Pricing.ts"
import { type Attribution, systemActor } from "../domain/shared/Attribution.ts"
import {
  claimFor,
  type IdempotencyClaim,
  type IdempotencyKeyReused,
  type IdempotentResult,
  type Operation,
  resultOf
} from "../domain/shared/Idempotency.ts"
import { OperationId, OrderId } from "../domain/shared/Ids.ts"
import { type InvalidInput, invalidAt } from "../domain/shared/InvalidInput.ts"
import { defaultLimit, keyset, type Page } from "../domain/shared/Page.ts"
import type { StoreUnavailable } from "../ports/errors.ts"
import { OrderStore } from "../ports/OrderStore.ts"
import { Pricing } from "../ports/Pricing.ts"
import { Stages } from "../ports/Stages.ts"
import { ordersPlaced, ordersRefused } from "../telemetry/Metrics.ts"
import { traced } from "../telemetry/Traced.ts"
import { allPages } from "./AllPages.ts"
import { bounded } from "./BoundedPricing.ts"
import { Ids, now } from "./Ids.ts"
import type { ChangeOptions } from "./inputs/Options.ts"
import {
  type CancelOptions,
  decodeCancellation,
  decodeFeed,
  decodeFollow,
  decodeMove,
  decodeOrderChange,
  decodeOrderFilter,
  decodeOrderId,
  decodeOrderQuery,
  decodePlaceOrder,
  decodeQuote,
  decodeReturn,
  decodeShipment,
  type FeedInput,
  type FollowInput,
  type OrderFilterInput,
  type OrderQueryInput,
  type PlaceOrderInput,
  type ReturnOptions,
  type ShipOptions
} from "./inputs/Orders.ts"
import { OperationRunner } from "./OperationRunner.ts"

/** A bug of the host's pricing is a defect and not a refusal. */
type Refusal = InvalidInput | OrderRefused | Exclude<PlaceOrderRefusal, PricingDefect>

type Place<A> = (
  input: PlaceOrderInput,
  options?: ChangeOptions
) => Effect.Effect<A, Refusal | IdempotencyKeyReused | StoreUnavailable>

type Advance<E = never, Options = ChangeOptions, A = Order> = (
  orderId: string,
  options?: Options
) => Effect.Effect<
  A,
  | E
  | InvalidInput
  | OrderNotFound
  | IllegalTransition
  | OrderRefused
  | IdempotencyKeyReused
  | StoreUnavailable
>

type Ship<A> = Advance<InsufficientUnits | IllegalStage, ShipOptions, A>
type Cancel<A> = Advance<PaymentInProgress | InsufficientUnits, CancelOptions, A>
type Move<A> = (
  orderId: string,
  stage: string,
  options?: ChangeOptions
) => Effect.Effect<
  A,
  InvalidInput | OrderNotFound | IllegalStage | OrderRefused | IdempotencyKeyReused | StoreUnavailable
>
type TakeBack<A> = Advance<InsufficientUnits, ReturnOptions, A>

/** Quotes, places, advances and lists orders. Trusts its caller: check access before. */
export class Orders extends Context.Service<
  Orders,
  {
    /** Places an order: checks and takes the stock and copies the prices, in one transaction. */
    readonly place: Place<Order>
    /** Does the same, and tells whether the result is a replay of an earlier call with the same key. */
    readonly placeOrReplay: Place<IdempotentResult<Order>>
    /**
     * Returns the items, the adjustments and the total that `place` would make of the same input now. Stores and locks nothing.
     * Place with this total as `expectedTotal`, so that the customer pays what they have seen.
     */
    readonly quote: (
      input: PlaceOrderInput
    ) => Effect.Effect<Quote, Exclude<Refusal, OrderRefused> | StoreUnavailable>
    /**
     * Ships an order, or some of its items: it stays `PAID` until the last item, and is `SHIPPED` then. `carrier` and `trackingCode`
     * are kept with the event. Fails with `IllegalStage` in a stage that may not be left.
     */
    readonly ship: Ship<Order>
    /** Does the same, and tells whether the result is a replay of an earlier call with the same key. */
    readonly shipOrReplay: Ship<IdempotentResult<Order>>
    /**
     * Cancels an order, or some of its items and fees, and gives the units back to the stock. `currentTotal` is what is left of the
     * total. Without open items the order is `CANCELLED`, or `SHIPPED` if anything was shipped. With `refund` the gateway is asked after
     * the commit to return what is due; in a transaction of the caller it is asked by the maintenance. Fails with `PaymentInProgress` while a payment
     * is pending, and with `IllegalTransition` unless the order is `CREATED` or `PAID`.
     */
    readonly cancel: Cancel<Order>
    /** Does the same, and tells whether the result is a replay of an earlier call with the same key. */
    readonly cancelOrReplay: Cancel<IdempotentResult<Order>>
    /** Takes back shipped items that have arrived, and fees. `restock` of the units go back into the stock. */
    readonly returnItems: TakeBack<Order>
    /** Does the same, and tells whether the result is a replay of an earlier call with the same key. */
    readonly returnItemsOrReplay: TakeBack<IdempotentResult<Order>>
    /**
     * Moves an order to another stage of its status, as the `Stages` of the shop allow. Changes neither status, units nor money. Fails
     * with `IllegalStage`.
     */
    readonly move: Move<Order>
    /** Does the same, and tells whether the result is a replay of an earlier call with the same key. */
    readonly moveOrReplay: Move<IdempotentResult<Order>>
    /** Completes an order: `SHIPPED` to `COMPLETED`. Fails with `IllegalStage` in a stage that may not be left. */
    readonly complete: Advance<IllegalStage>
    /** Expires an order: `CREATED` to `FAILED`, and restocks its units. Fails with `PaymentInProgress` while a payment is pending. */
    readonly expire: Advance<PaymentInProgress>
    /** Expires unpaid orders older than `age`, in bounded batches, but those that the hook of the host keeps. Returns their number. */
    readonly expireUnpaid: (age: Duration.Input) => Effect.Effect<number, StoreUnavailable>
    /** Returns an order. */
    readonly get: (orderId: string) => Effect.Effect<Order, InvalidInput | OrderNotFound | StoreUnavailable>
    /** Returns a page of orders, newest first. */
    readonly list: (query?: OrderQueryInput) => Effect.Effect<Page<Order>, InvalidInput | StoreUnavailable>
    /** Streams all orders, newest first. Reads a page when its first order is needed. */
    readonly listAll: (filter?: OrderFilterInput) => Stream.Stream<Order, InvalidInput | StoreUnavailable>
    /** Returns all events of an order, in sequence. */
    readonly history: (
      orderId: string
    ) => Effect.Effect<ReadonlyArray<OrderEvent>, InvalidInput | OrderNotFound | StoreUnavailable>
    /**
     * Returns the events of all orders after a position, in the order of their commits. No event is skipped, however late its
     * transaction commits. Keep the `position` of the last event together with the result of processing it. An empty page means that
     * there are no later events yet. Fails with `PositionUnknown` if a failover or a restored backup has lost that event.
     */
    readonly feed: (
      input?: FeedInput
    ) => Effect.Effect<ReadonlyArray<FeedEvent>, InvalidInput | PositionUnknown | StoreUnavailable>
    /**
     * Returns the position of the last event of the feed, from which a reader starts who wants later events only. Returns `null` if the
     * feed has no event: such a reader starts at the beginning.
     */
    readonly latestPosition: Effect.Effect<string | null, StoreUnavailable>
    /** Streams the feed without end. Polls for new events once it has returned all. */
    readonly follow: (
      input?: FollowInput
    ) => Stream.Stream<FeedEvent, InvalidInput | PositionUnknown | StoreUnavailable>
  }
>()("effect-commerce/services/Orders") {
  static readonly layer = Layer.effect(
    Orders,
    Effect.suspend(() => make)
  ).pipe(Layer.provide(Ids.layer))
}

const orderPages = keyset(OrderKey)

/** Maximum number of orders that one transaction expires. */
const expiredAtOnce = 100

/** Returns what is the same in each repetition of a request. Without metadata an order has an empty object: both are one request. */
const requestOf = (draft: Draft) =>
  Object.keys(draft.metadata ?? {}).length === 0 ? Struct.omit(draft, ["metadata"]) : draft

const make = Effect.gen(function* () {
  const store = yield* OrderStore
  const newId = yield* Ids
  const price = bounded(yield* Pricing)
  const stages = yield* Stages
  const runner = yield* Effect.serviceOption(OperationRunner)
  const staged = (order: Order) => withStage(stages, order)
  const stagedResult = ({ value, replayed }: IdempotentResult<Order>) => ({ value: staged(value), replayed })

  const decide: Place<IdempotentResult<Order>> = Effect.fnUntraced(function* (input, options) {
    const [draft, { actor = draft.customerId, idempotencyKey }] = yield* decodePlaceOrder(input, options)
    const id = yield* newId(OrderId)
    return yield* store
      .place({
        draft,
        price,
        id,
        at: yield* now,
        actor,
        idempotency:
          idempotencyKey === undefined
            ? undefined
            : claimFor("place order", draft.customerId, idempotencyKey, requestOf(draft))
      })
      .pipe(
        Effect.map(stagedResult),
        Effect.catchTag("PricingDefect", ({ cause }) => Effect.die(cause))
      )
  })

  const quote: Orders["Service"]["quote"] = Effect.fnUntraced(function* (input) {
    const draft = yield* decodeQuote(input)
    const attribution = { id: yield* newId(OrderId), at: yield* now, actor: draft.customerId }
    return yield* store
      .quote({ draft, price, ...attribution })
      .pipe(Effect.catchTag("PricingDefect", ({ cause }) => Effect.die(cause)))
  })

  const placeOrReplay: Place<IdempotentResult<Order>> = (input, options) =>
    decide(input, options).pipe(
      Effect.tap(({ replayed }) => (replayed ? Effect.void : Metric.update(ordersPlaced, 1))),
      Effect.tapError(({ _tag }) => Metric.update(ordersRefused(_tag), 1))
    )

  /** Changes one order, once per key. */
  const change = <E>(
    operation: Operation,
    apply: (
      orderId: OrderId,
      attribution: Attribution,
      idempotency: IdempotencyClaim | undefined
    ) => Effect.Effect<IdempotentResult<Order>, E>
  ) =>
    Effect.fnUntraced(function* (orderId: string, options?: ChangeOptions) {
      const [request, { actor = systemActor, idempotencyKey }] = yield* decodeOrderChange(
        { orderId },
        options
      )
      const claim = claimFor(operation, actor, idempotencyKey, request)
      return stagedResult(yield* apply(request.orderId, { at: yield* now, actor }, claim))
    })

  /** Changes some units of an order, once per key. */
  const fulfil = <Options extends ChangeOptions, Request>(
    operation: Operation,
    decode: (
      target: { readonly orderId: string },
      options?: Options
    ) => Effect.Effect<readonly [{ readonly orderId: OrderId }, Request & ChangeOptions], InvalidInput>,
    toFulfilment: (request: Omit<Request & ChangeOptions, keyof ChangeOptions>) => Fulfilment
  ) =>
    Effect.fnUntraced(function* (id: string, options?: Options) {
      const [{ orderId }, { actor = systemActor, idempotencyKey, ...request }] = yield* decode(
        { orderId: id },
        options
      )
      const claim = claimFor(operation, actor, idempotencyKey, { orderId, ...request })
      const fulfilment = toFulfilment(request)
      const operationId = yield* newId(OperationId)
      const at = yield* now
      const operations = fulfilment.kind === "cancel" ? Option.getOrUndefined(runner) : undefined
      const refunds = fulfilment.kind === "cancel" && fulfilment.request.refund === true
      if (refunds && operations?.canOperate === false) {
        return yield* invalidAt("/refund", "Expected false, because the payment gateway cannot refund")
      }
      const movesMoney = refunds || operations?.mayVoid === true
      const leasedUntil = movesMoney ? yield* operations?.leaseUntil(at) ?? Effect.undefined : undefined
      const attempt = { at, actor, operationId, leasedUntil }
      const work = store.fulfil(orderId, fulfilment, attempt, claim)
      if (operations === undefined || leasedUntil === undefined) return stagedResult(yield* work)
      // Once the order is cancelled, its money moves even if the caller is interrupted.
      return yield* Effect.uninterruptibleMask((restore) =>
        Effect.tap(Effect.map(restore(work), stagedResult), ({ replayed }) =>
          replayed ? Effect.void : operations.run({ id: operationId, orderId, actor })
        )
      )
    })

  // A shipment of all and one of some share the operation, so that a key belongs to one of them.
  const shipAll = change("ship order", (id, by, claim) => store.advance(id, "shipped", by, claim, stages))
  const shipSome = fulfil("ship order", decodeShipment, (request) => ({ kind: "ship", request, stages }))
  const takeBack = fulfil("return items", decodeReturn, (request) => ({ kind: "return", request }))
  const returnItemsOrReplay: TakeBack<IdempotentResult<Order>> = (id, options) =>
    Effect.catchTags(takeBack(id, options), { PaymentInProgress: Effect.die, IllegalStage: Effect.die })
  const cancel = fulfil("cancel order", decodeCancellation, ({ onlyUnpaid, ...request }) => ({
    kind: "cancel",
    request,
    onlyUnpaid
  }))
  const cancelOrReplay: Cancel<IdempotentResult<Order>> = (id, options) =>
    Effect.catchTag(cancel(id, options), "IllegalStage", Effect.die)
  const complete = change("complete order", (id, by, claim) =>
    store.advance(id, "completed", by, claim, stages)
  )
  const moveOrReplay: Move<IdempotentResult<Order>> = Effect.fnUntraced(
    function* (id, word, options) {
      const [{ orderId, stage }, { actor = systemActor, idempotencyKey }] = yield* decodeMove(
        { orderId: id, stage: word },
        options
      )
      const claim = claimFor("move order", actor, idempotencyKey, { orderId, stage })
      const moved = yield* store.fulfil(
        orderId,
        { kind: "move", stage, stages },
        { at: yield* now, actor, operationId: yield* newId(OperationId) },
        claim
      )
      return stagedResult(moved)
    },
    Effect.catchTags({
      IllegalTransition: Effect.die,
      PaymentInProgress: Effect.die,
      InsufficientUnits: Effect.die
    })
  )
  const expire = change("expire order", store.expire)

  /** A shipment of all open items without a note is batched with others. */
  const shipOrReplay: Ship<IdempotentResult<Order>> = (id, options) => {
    const { actor, idempotencyKey, ...request }: ShipOptions = Object(options)
    return Object.values(request).some((value) => value !== undefined)
      ? Effect.catchTag(shipSome(id, options), "PaymentInProgress", Effect.die)
      : shipAll(id, options)
  }

  const get = Effect.fnUntraced(function* (input: string) {
    const orderId = yield* decodeOrderId(input)
    const found = yield* store.get(orderId)
    return yield* Option.isSome(found) ? Effect.succeed(staged(found.value)) : new OrderNotFound({ orderId })
  })

  const list = Effect.fnUntraced(function* (input: OrderQueryInput = {}) {
    const { limit = defaultLimit, cursor, status, stage, customerId } = yield* decodeOrderQuery(input)
    const pages = orderPages({ status, customerId, ...(stage !== undefined && { stage }) })
    const after = yield* Effect.fromResult(pages.after(cursor))
    const found = yield* store.list({
      status,
      stage: stage === undefined ? undefined : { stage, firstOf: statusThatBegins(stages, stage) },
      customerId,
      after: after?.[0],
      take: limit + 1
    })
    return pages.page(found.map(staged), limit, ({ id }) => [id] as const)
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

  const expireUnpaid = Effect.fnUntraced(function* (age: Duration.Input) {
    let count = 0
    let after: OrderId | undefined
    for (;;) {
      const at = yield* now
      const before = new Date(at.getTime() - Duration.toMillis(age))
      const attribution = { at, actor: systemActor }
      const { expired, kept } = yield* store.expireUnpaid(before, expiredAtOnce, attribution, after)
      count += expired.length
      if (expired.length + kept.length < expiredAtOnce) return count
      // What the hook of the host keeps is due as before: it is passed over, and not asked about without end.
      if (kept.length > 0) after = [...expired, ...kept].sort().at(-1)
    }
  })

  const feed = Effect.fnUntraced(function* (input: FeedInput = {}) {
    const { after, limit = 100 } = yield* decodeFeed(input)
    return yield* store.feed(after, limit)
  })

  const latestPosition = Effect.map(
    Effect.suspend(() => store.latestPosition()),
    (position) => position ?? null
  )

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
      quote,
      ship: (id, options) => Effect.map(shipOrReplay(id, options), resultOf),
      shipOrReplay,
      cancel: (id, options) => Effect.map(cancelOrReplay(id, options), resultOf),
      cancelOrReplay,
      returnItems: (id, options) => Effect.map(returnItemsOrReplay(id, options), resultOf),
      returnItemsOrReplay,
      move: (id, stage, options) => Effect.map(moveOrReplay(id, stage, options), resultOf),
      moveOrReplay,
      complete: (id, options) => Effect.map(complete(id, options), resultOf),
      expire: (id, options) => Effect.map(expire(id, options), resultOf),
      expireUnpaid,
      feed,
      latestPosition,
      follow,
      get,
      list,
      listAll,
      history
    })
  )
})
