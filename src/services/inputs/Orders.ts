import { Duration, Option, Schema, Struct } from "effect"
import {
  CancellationRequest,
  namesSomething,
  ReturnRequest,
  ShipmentRequest
} from "../../domain/fulfilment/Fulfilment.ts"
import { Stage } from "../../domain/fulfilment/Stage.ts"
import { FeedPosition } from "../../domain/orders/Feed.ts"
import type { OrderStatus } from "../../domain/orders/Lifecycle.ts"
import { OrderQuery } from "../../domain/orders/OrderListing.ts"
import { Draft } from "../../domain/orders/PlaceOrder.ts"
import type { AdjustmentRequest } from "../../domain/pricing/Adjustment.ts"
import { OrderId } from "../../domain/shared/Ids.ts"
import { Limit } from "../../domain/shared/Page.ts"
import { decodeCall, decodeInput } from "./Decode.ts"
import { ChangeFields, type ChangeOptions } from "./Options.ts"
import type { MoneyInput, PageInput } from "./Shared.ts"

/** Units of one product. */
export interface OrderLineInput {
  /** The id of the product, a UUID. Fails with `ProductNotFound`, and with `ProductUnavailable` if it is inactive. */
  readonly productId: string
  /** Units to order, 1 to 1,000,000. Fails with `InsufficientStock` if fewer are left, and with `InvalidInput`. */
  readonly quantity: number
}

/**
 * A fee, a discount or a tax of yours: `kind`, `code`, `name`, and an `amount` in minor units or a `rate` in millionths. A
 * discount and a tax may say `on` which products and fees; a tax says whether it is `included` in the prices.
 */
export type AdjustmentInput = typeof AdjustmentRequest.Encoded

/** What an order is placed with. */
export interface PlaceOrderInput {
  /**
   * Whom the order belongs to: the id of an account, or of a user of yours such as "user_2abc". 1 to 255 characters, kept
   * exactly as they are. Fails with `InvalidInput`.
   */
  readonly customerId: string
  /**
   * 1 to 100 products; lines of the same product are added up. Fails with `MixedCurrencies` if their prices have several
   * currencies, with `AmountOverflow` if the total exceeds 9007199254740991 minor units, and with `InvalidInput`.
   */
  readonly items: ReadonlyArray<OrderLineInput>
  /** At most 10 codes of vouchers. Defaults to none. Fails with `VoucherNotValid`, and with `InvalidInput`. */
  readonly codes?: ReadonlyArray<string> | undefined
  /**
   * What a tax service or a carrier has said before, added to what the pricing of the shop says. At most 50. Defaults to none.
   * Fails with `InvalidInput`.
   */
  readonly adjustments?: ReadonlyArray<AdjustmentInput> | undefined
  /** The total that the customer has seen, with all adjustments. Defaults to any. Fails with `PriceChanged` if the total is another. */
  readonly expectedTotal?: MoneyInput | undefined
  /** Text of yours that is kept with the order, at most 4096 bytes of JSON. Defaults to none. Fails with `InvalidInput`. */
  readonly metadata?: Readonly<Record<string, string>> | undefined
}

/** Units of an item to take back. */
export interface ReturnedItemInput extends OrderLineInput {
  /** Units that go back into the stock, 0 to `quantity`. Defaults to `quantity`. Fails with `InvalidInput`. */
  readonly restock?: number | undefined
}

/** The options of a shipment. */
export interface ShipOptions extends ChangeOptions {
  /** The items to ship. Defaults to all that are open. Fails with `InsufficientUnits`, and with `InvalidInput`. */
  readonly items?: ReadonlyArray<OrderLineInput> | undefined
  /** Kept with the event, 1 to 100 characters. Defaults to none. Fails with `InvalidInput`. */
  readonly carrier?: string | undefined
  /** Kept with the event, 1 to 100 characters. Defaults to none. Fails with `InvalidInput`. */
  readonly trackingCode?: string | undefined
}

/** The options of a cancellation. */
export interface CancelOptions extends ChangeOptions {
  /** The items to cancel. Defaults to all that is open, unless `fees` are given. Fails with `InsufficientUnits`, and with `InvalidInput`. */
  readonly items?: ReadonlyArray<OrderLineInput> | undefined
  /** Codes of fees that the customer need not pay. Defaults to none. Fails with `InsufficientUnits`, and with `InvalidInput`. */
  readonly fees?: ReadonlyArray<string> | undefined
  /** Kept with the event, 1 to 500 characters. Defaults to none. Fails with `InvalidInput`. */
  readonly reason?: string | undefined
  /**
   * Whether to refund what is due afterwards. The refund begins in the same transaction, and the gateway is asked after the commit.
   * Returns once the gateway has answered or its timeout has passed. Check before who may ask for it. Defaults to `false`.
   * Fails with `InvalidInput` if the payment gateway cannot refund.
   */
  readonly refund?: boolean | undefined
  /** Whether to refuse an order that has been paid meanwhile. Defaults to `false`. Fails with `IllegalTransition`. */
  readonly onlyUnpaid?: boolean | undefined
}

/** The options of a return. */
export interface ReturnOptions extends ChangeOptions {
  /** The items that have arrived. Defaults to none. Fails with `InsufficientUnits`, and with `InvalidInput`. */
  readonly items?: ReadonlyArray<ReturnedItemInput> | undefined
  /** Codes of fees that are given back. Defaults to none. Fails with `InsufficientUnits`, and with `InvalidInput`. */
  readonly fees?: ReadonlyArray<string> | undefined
  /** Kept with the event, 1 to 500 characters. Defaults to none. Fails with `InvalidInput`. */
  readonly reason?: string | undefined
}

/** A filter for orders. */
export interface OrderFilterInput {
  /** Only orders of this status. Defaults to all. Fails with `InvalidInput`. */
  readonly status?: OrderStatus | undefined
  /** Only orders in this stage, 1 to 100 characters. Defaults to all. Fails with `InvalidInput`. */
  readonly stage?: string | undefined
  /** Only orders of this customer, by the exact id. Defaults to all. Fails with `InvalidInput`. */
  readonly customerId?: string | undefined
}

/** A filter and a page of orders. */
export interface OrderQueryInput extends OrderFilterInput, PageInput {}

/** The events of the feed to read. */
export interface FeedInput {
  /** The `position` of the last event that was read. Defaults to the start of the feed. Fails with `InvalidInput`. */
  readonly after?: string | undefined
  /** Maximum number of events to return, 1 to 100. Defaults to 100. Fails with `InvalidInput`. */
  readonly limit?: number | undefined
}

/** Where to start following the feed, and how often to poll. */
export interface FollowInput {
  /** The `position` of the last event that was read. Defaults to the start of the feed. Fails with `InvalidInput`. */
  readonly after?: string | undefined
  /**
   * Time between polls once all events are read: milliseconds, or text such as "5 seconds". Defaults to 1 second. Fails with
   * `InvalidInput`.
   */
  readonly every?: Duration.Input | undefined
}

const isDuration = (value: unknown): value is Duration.Input =>
  Option.isSome(Duration.fromInput(value as Duration.Input))

const Every = Schema.declare(isDuration, { expected: `a duration, such as "5 seconds"` })

const withChange = <Fields extends Schema.Struct.Fields>(fields: Fields) =>
  Schema.Struct({ ...fields, ...ChangeFields.fields })

const Target = Schema.Struct({ orderId: OrderId })

export const decodePlaceOrder = decodeCall<PlaceOrderInput, ChangeOptions>()(Draft, ChangeFields)
export const decodeQuote = decodeInput<PlaceOrderInput>()(Draft)
export const decodeOrderChange = decodeCall<{ readonly orderId: string }, ChangeOptions>()(
  Target,
  ChangeFields
)
export const decodeMove = decodeCall<{ readonly orderId: string; readonly stage: string }, ChangeOptions>()(
  Schema.Struct({ orderId: OrderId, stage: Stage }),
  ChangeFields
)
export const decodeShipment = decodeCall<{ readonly orderId: string }, ShipOptions>()(
  Target,
  withChange(ShipmentRequest.fields)
)
export const decodeCancellation = decodeCall<{ readonly orderId: string }, CancelOptions>()(
  Target,
  withChange({ ...CancellationRequest.fields, onlyUnpaid: Schema.optional(Schema.Boolean) })
)
export const decodeReturn = decodeCall<{ readonly orderId: string }, ReturnOptions>()(
  Target,
  withChange(ReturnRequest.fields).check(namesSomething)
)
export const decodeOrderId = decodeInput<string>()(OrderId)
export const decodeOrderQuery = decodeInput<OrderQueryInput>()(OrderQuery)
export const decodeOrderFilter = decodeInput<OrderFilterInput>()(
  OrderQuery.mapFields(Struct.omit(["limit", "cursor"]))
)
export const decodeFeed = decodeInput<FeedInput>()(
  Schema.Struct({ after: Schema.optional(FeedPosition), limit: Schema.optional(Limit) })
)
export const decodeFollow = decodeInput<FollowInput>()(
  Schema.Struct({ after: Schema.optional(FeedPosition), every: Schema.optional(Every) })
)
