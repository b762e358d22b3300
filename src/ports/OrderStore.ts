import { Context, type Effect, type Option } from "effect"
import type { FeedEvent } from "../domain/orders/Feed.ts"
import type { IllegalTransition, OrderStatus } from "../domain/orders/Lifecycle.ts"
import type { Order, OrderEvent, OrderNotFound, PaymentInProgress } from "../domain/orders/Order.ts"
import type { Draft, PlaceOrderRefusal } from "../domain/orders/PlaceOrder.ts"
import type {
  IdempotencyClaim,
  IdempotencyKeyReused,
  IdempotentResult
} from "../domain/shared/Idempotency.ts"
import type { CustomerId, OrderId } from "../domain/shared/Ids.ts"
import type { StoreUnavailable } from "./errors.ts"

/** A draft with all that placing it needs besides the products. */
export interface Placement {
  readonly draft: Draft
  readonly id: OrderId
  readonly at: Date
  readonly actor: string
  readonly idempotency: IdempotencyClaim | undefined
}

/** When something is done, and by whom. */
export interface Attribution {
  readonly at: Date
  readonly actor: string
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
    ) => Effect.Effect<IdempotentResult<Order>, PlaceOrderRefusal | IdempotencyKeyReused | StoreUnavailable>
    /** The domain's `advance`, saved with its event. */
    readonly advance: (
      id: OrderId,
      step: "shipped" | "completed",
      attribution: Attribution
    ) => Effect.Effect<Order, OrderNotFound | IllegalTransition | StoreUnavailable>
    /** The domain's `expire`, saved with its event and the stock it gives back. */
    readonly expire: (
      id: OrderId,
      attribution: Attribution
    ) => Effect.Effect<Order, OrderNotFound | IllegalTransition | PaymentInProgress | StoreUnavailable>
    /** Expires up to `take` orders that were placed before a moment; those with a pending payment are left alone. */
    readonly expireUnpaid: (
      before: Date,
      take: number,
      attribution: Attribution
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
