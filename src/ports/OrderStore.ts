import { Context, type Effect, type Option } from "effect"
import type { Fulfilment, FulfilmentRefusal } from "../domain/fulfilment/Fulfilment.ts"
import type { IllegalStage, StageTable } from "../domain/fulfilment/Stage.ts"
import type { FeedEvent, PositionUnknown } from "../domain/orders/Feed.ts"
import type { IllegalTransition, OrderStatus } from "../domain/orders/Lifecycle.ts"
import type { Order, OrderEvent, OrderNotFound, PaymentInProgress } from "../domain/orders/Order.ts"
import type { OrderRefused } from "../domain/orders/OrderChange.ts"
import type { Draft, PlaceOrderRefusal, Quote } from "../domain/orders/PlaceOrder.ts"
import type { FulfilmentAttempt } from "../domain/payments/FulfilWithMoney.ts"
import type { PricingFunction } from "../domain/pricing/Pricing.ts"
import type { Attribution } from "../domain/shared/Attribution.ts"
import type {
  IdempotencyClaim,
  IdempotencyKeyReused,
  IdempotentResult
} from "../domain/shared/Idempotency.ts"
import type { CustomerId, OrderId } from "../domain/shared/Ids.ts"
import type { StoreUnavailable } from "./errors.ts"

/** A draft with the id, time, actor and idempotency claim of the order, and the pricing of the shop. */
export interface Placement {
  readonly draft: Draft
  readonly price: PricingFunction
  readonly id: OrderId
  readonly at: Date
  readonly actor: string
  readonly idempotency: IdempotencyClaim | undefined
}

/** Orders in a stage: those that were moved to it, and those of a status in no stage, if it is the first of that status. */
export interface StageFilter {
  readonly stage: string
  readonly firstOf: OrderStatus | undefined
}

/** Selects up to `take` orders, newest first, that come after the order `after`. */
export interface OrderListing {
  readonly status: OrderStatus | undefined
  readonly stage?: StageFilter | undefined
  readonly customerId: CustomerId | undefined
  readonly after: OrderId | undefined
  readonly take: number
}

/** What a sweep has made of unpaid orders: the ids of those that have expired, and of those that the hook of the host kept, sorted. */
export interface Sweep {
  readonly expired: ReadonlyArray<OrderId>
  readonly kept: ReadonlyArray<OrderId>
}

/** Stores orders, their items and their events. A write stores all its effects atomically or none of them. */
export class OrderStore extends Context.Service<
  OrderStore,
  {
    /**
     * Places an order: stores the result of `placeOrder` with its event, subtracts the stock, and takes the voucher uses.
     *
     * Returns the order as it was placed, also for a replay. Fails with a `PlaceOrderRefusal`, `OrderRefused` or
     * `IdempotencyKeyReused`.
     */
    readonly place: (
      placement: Placement
    ) => Effect.Effect<
      IdempotentResult<Order>,
      PlaceOrderRefusal | OrderRefused | IdempotencyKeyReused | StoreUnavailable
    >
    /**
     * Returns what `place` would make of a placement now. Stores and locks nothing. Fails with a `PlaceOrderRefusal`.
     */
    readonly quote: (
      placement: Omit<Placement, "idempotency">
    ) => Effect.Effect<Quote, PlaceOrderRefusal | StoreUnavailable>
    /**
     * Applies `advanceFromStage` to the order and stores its event. `stages` defaults to none.
     *
     * A replay returns the order as it was after the first call. Fails with `OrderNotFound`, `IllegalTransition`, `IllegalStage`,
     * `OrderRefused` or `IdempotencyKeyReused`.
     */
    readonly advance: (
      id: OrderId,
      step: "shipped" | "completed",
      attribution: Attribution,
      idempotency: IdempotencyClaim | undefined,
      stages?: StageTable
    ) => Effect.Effect<
      IdempotentResult<Order>,
      | OrderNotFound
      | IllegalTransition
      | IllegalStage
      | OrderRefused
      | IdempotencyKeyReused
      | StoreUnavailable
    >
    /**
     * Applies `expire` to the order, stores its event, restocks the items and gives back the voucher uses.
     *
     * A replay returns the order as it was after the first call. Fails with `OrderNotFound`, `IllegalTransition`,
     * `PaymentInProgress`, `OrderRefused` or `IdempotencyKeyReused`.
     */
    readonly expire: (
      id: OrderId,
      attribution: Attribution,
      idempotency: IdempotencyClaim | undefined
    ) => Effect.Effect<
      IdempotentResult<Order>,
      | OrderNotFound
      | IllegalTransition
      | PaymentInProgress
      | OrderRefused
      | IdempotencyKeyReused
      | StoreUnavailable
    >
    /**
     * Applies `fulfilWithMoney` to the order, stores its event, restocks units, gives back the voucher uses of a cancelled order, and
     * stores the payment operation that begins.
     *
     * A replay returns the order as it was after the first call. Fails with `OrderNotFound`, a `FulfilmentRefusal`, `OrderRefused`
     * or `IdempotencyKeyReused`.
     */
    readonly fulfil: (
      id: OrderId,
      fulfilment: Fulfilment,
      attempt: FulfilmentAttempt,
      idempotency: IdempotencyClaim | undefined
    ) => Effect.Effect<
      IdempotentResult<Order>,
      OrderNotFound | FulfilmentRefusal | OrderRefused | IdempotencyKeyReused | StoreUnavailable
    >
    /**
     * Tries to expire up to `take` unpaid orders that were placed before a time, in the order of their ids, after the id `after`. Skips
     * orders with a pending payment. The hook of the host keeps no other order from expiring. `after` defaults to none.
     */
    readonly expireUnpaid: (
      before: Date,
      take: number,
      attribution: Attribution,
      after?: OrderId
    ) => Effect.Effect<Sweep, StoreUnavailable>
    /** Returns an order, or none if the id is unknown. */
    readonly get: (id: OrderId) => Effect.Effect<Option.Option<Order>, StoreUnavailable>
    /** Returns the orders of a listing. */
    readonly list: (listing: OrderListing) => Effect.Effect<ReadonlyArray<Order>, StoreUnavailable>
    /** Returns all events of an order by sequence. Returns an empty list if the id is unknown. */
    readonly history: (id: OrderId) => Effect.Effect<ReadonlyArray<OrderEvent>, StoreUnavailable>
    /**
     * Returns up to `take` events of all orders after a position, in commit order.
     *
     * An event that commits later never gets a position before one that was already returned. A reader therefore
     * misses no event. Fails with `PositionUnknown` if no event has the position.
     */
    readonly feed: (
      after: string | undefined,
      take: number
    ) => Effect.Effect<ReadonlyArray<FeedEvent>, PositionUnknown | StoreUnavailable>
    /** Returns the position of the last event that `feed` returns now, or `undefined` if it returns none. */
    readonly latestPosition: () => Effect.Effect<string | undefined, StoreUnavailable>
  }
>()("effect-commerce/ports/OrderStore") {}
