import { Context, type Effect, type Option } from "effect"
import type { FeedEvent } from "../domain/orders/Feed.ts"
import type { IllegalTransition, OrderStatus } from "../domain/orders/Lifecycle.ts"
import type { Order, OrderEvent, OrderNotFound, PaymentInProgress } from "../domain/orders/Order.ts"
import type { Draft, PlacingRefusal } from "../domain/orders/PlaceOrder.ts"
import type { Answer, IdempotencyKeyReused, Once } from "../domain/shared/Idempotency.ts"
import type { CustomerId, OrderId } from "../domain/shared/Ids.ts"
import type { StoreUnavailable } from "./errors.ts"

/** A draft with all that placing it needs besides the products. */
export interface Placement {
  readonly draft: Draft
  readonly id: OrderId
  readonly at: Date
  readonly by: string
  readonly once: Once | undefined
}

/** When something is done, and by whom. */
export interface Stamp {
  readonly at: Date
  readonly by: string
}

/** The next `take` orders after an id, newest first. */
export interface OrderListing {
  readonly status: OrderStatus | undefined
  readonly customerId: CustomerId | undefined
  readonly after: OrderId | undefined
  readonly take: number
}

/** Keeps orders and all that happens to them. */
export class OrderStore extends Context.Service<
  OrderStore,
  {
    /** The domain's `place`, saved with its event and the stock it takes; all or nothing. Replays as placed. */
    readonly place: (
      placement: Placement
    ) => Effect.Effect<Answer<Order>, PlacingRefusal | IdempotencyKeyReused | StoreUnavailable>
    /** The domain's `advance`, saved with its event. */
    readonly advance: (
      id: OrderId,
      step: "shipped" | "completed",
      stamp: Stamp
    ) => Effect.Effect<Order, OrderNotFound | IllegalTransition | StoreUnavailable>
    /** The domain's `expire`, saved with its event and the stock it gives back. */
    readonly expire: (
      id: OrderId,
      stamp: Stamp
    ) => Effect.Effect<Order, OrderNotFound | IllegalTransition | PaymentInProgress | StoreUnavailable>
    /** Expires up to `take` orders that were placed before a moment; those with a pending payment are left alone. */
    readonly expireUnpaid: (
      before: Date,
      take: number,
      stamp: Stamp
    ) => Effect.Effect<ReadonlyArray<OrderId>, StoreUnavailable>
    readonly get: (id: OrderId) => Effect.Effect<Option.Option<Order>, StoreUnavailable>
    readonly list: (listing: OrderListing) => Effect.Effect<ReadonlyArray<Order>, StoreUnavailable>
    /** All events of an order in sequence; empty if there is no such order. */
    readonly history: (id: OrderId) => Effect.Effect<ReadonlyArray<OrderEvent>, StoreUnavailable>
    /** The next `take` events of all orders after a position, in the order of their commits; never skips a late one. */
    readonly feed: (
      after: string | undefined,
      take: number
    ) => Effect.Effect<ReadonlyArray<FeedEvent>, StoreUnavailable>
  }
>()("effect-commerce/ports/OrderStore") {}
