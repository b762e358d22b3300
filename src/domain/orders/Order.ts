import { Schema } from "effect"
import { UnitCounts } from "../fulfilment/UnitCounts.ts"
import { Adjustment } from "../pricing/Adjustment.ts"
import { OrderId, ProductId, StoredCustomerId, type VoucherId } from "../shared/Ids.ts"
import { Instant } from "../shared/Instant.ts"
import { Integer } from "../shared/Integer.ts"
import { StoredMoney } from "../shared/Money.ts"
import { StoredText, storablePattern, Text } from "../shared/Text.ts"
import { OrderEventName, OrderStatus } from "./Lifecycle.ts"

/** Units of one product in an order, 1 to 1,000,000. */
export const Quantity = Integer(1, 1_000_000)

const utf8 = new TextEncoder()
const isKey = Schema.is(Text(200))

/** Data of the host about an order: an object of strings, at most 4096 bytes as JSON. */
export const Metadata = Schema.Record(Schema.String, Text(4096)).check(
  // Schema.Record silently drops keys that its key schema refuses, so a check of the keys is needed.
  Schema.makeFilter((metadata) => Object.keys(metadata).every(isKey), {
    expected: "keys of at most 200 characters without U+0000 or lone surrogates",
    toJsonSchema: () => ({ propertyNames: { maxLength: 200, pattern: storablePattern } })
  }),
  Schema.makeFilter((metadata) => utf8.encode(JSON.stringify(metadata)).length <= 4096, {
    expected: "at most 4096 bytes of JSON"
  })
)
export type Metadata = typeof Metadata.Type

/** One product of an order with its price snapshot: name, SKU and unit price at the time of placing. */
export const OrderItem = Schema.Struct({
  productId: ProductId,
  name: StoredText,
  sku: Schema.NullOr(StoredText),
  unitPrice: StoredMoney,
  quantity: Integer(1, Number.MAX_SAFE_INTEGER),
  total: StoredMoney
}).annotate({ identifier: "OrderItem" })
export interface OrderItem extends Schema.Schema.Type<typeof OrderItem> {}

/**
 * An order. `stage` is the host's word for the work on it, inside its status; it is absent if the shop has no stages.
 *
 * `total` is the sum of its items, its fees and its added taxes, less its discounts. `adjustments` lists fees, discounts and
 * taxes; it is absent if there are none. `units` says what has become of the units of each line, items then fees; it is absent
 * while they have moved all together or not at all. `currentTotal` is what is left of `total` after cancellations and returns;
 * it is absent if there were none.
 *
 * `version` counts its events. `createdAt` and `updatedAt` are the times of the first and the last event.
 */
export const Order = Schema.Struct({
  id: OrderId,
  customerId: StoredCustomerId,
  status: OrderStatus,
  stage: Schema.optionalKey(StoredText),
  items: Schema.NonEmptyArray(OrderItem),
  adjustments: Schema.optionalKey(Schema.Array(Adjustment)),
  total: StoredMoney,
  units: Schema.optionalKey(Schema.Array(UnitCounts)),
  currentTotal: Schema.optionalKey(StoredMoney),
  metadata: Schema.Record(StoredText, StoredText),
  version: Schema.Int,
  createdAt: Instant,
  updatedAt: Instant
}).annotate({ identifier: "Order" })
export interface Order extends Schema.Schema.Type<typeof Order> {}

const MovedItem = Schema.Struct({
  productId: ProductId,
  quantity: Integer(1, Number.MAX_SAFE_INTEGER),
  restocked: Schema.optionalKey(Integer(0, Number.MAX_SAFE_INTEGER))
})

/**
 * One event in the history of an order. `sequence` starts at 1. `items` and `fees` are those that it shipped, cancelled or took back;
 * they are absent if it moved all at once. `restocked` units of a returned item went back into the stock. `carrier`, `trackingCode`
 * and `reason` are what the host has noted. `amount` is what was authorized, charged late, refunded or charged back.
 * `stage` is the one that the order has moved to.
 */
export const OrderEvent = Schema.Struct({
  sequence: Schema.Int,
  event: OrderEventName,
  from: Schema.NullOr(OrderStatus),
  to: OrderStatus,
  at: Instant,
  actor: StoredText,
  stage: Schema.optionalKey(StoredText),
  items: Schema.optionalKey(Schema.Array(MovedItem)),
  fees: Schema.optionalKey(Schema.Array(StoredText)),
  carrier: Schema.optionalKey(StoredText),
  trackingCode: Schema.optionalKey(StoredText),
  reason: Schema.optionalKey(StoredText),
  amount: Schema.optionalKey(StoredMoney)
}).annotate({ identifier: "OrderEvent" })
export interface OrderEvent extends Schema.Schema.Type<typeof OrderEvent> {}

/** Refusal: no order has this id, or the caller may not see it. */
export class OrderNotFound extends Schema.TaggedError<OrderNotFound>()("OrderNotFound", {
  orderId: Schema.String
}) {
  override get message() {
    return `No order has the id ${this.orderId}.`
  }
}

/** Returns a text that no other state of this order has, and no other order. Its stage may come from the rules of the shop. */
export const orderVersion = ({ id, stage, updatedAt, version }: Order): string =>
  `${id} ${version} ${updatedAt.getTime()}${stage === undefined ? "" : ` ${JSON.stringify(stage)}`}`

/** Returns the vouchers that an order has redeemed. */
export const vouchersOf = ({ adjustments = [] }: Pick<Order, "adjustments">): ReadonlyArray<VoucherId> => [
  ...new Set(adjustments.flatMap(({ voucherId }) => (voucherId === undefined ? [] : [voucherId])))
]

/** Returns the order without its stage, as it enters a status. */
export const withoutStage = ({ stage, ...order }: Order): Order => order

/** Returns the order in its state at the time of placing. */
export const asPlaced = ({ stage, units, currentTotal, ...order }: Order): Order => ({
  ...order,
  status: "CREATED",
  version: 1,
  updatedAt: order.createdAt
})

/**
 * Refusal: a payment of this order is pending. Until its outcome is known, the order cannot be paid again or
 * expire.
 */
export class PaymentInProgress extends Schema.TaggedError<PaymentInProgress>()("PaymentInProgress", {
  orderId: Schema.String
}) {
  override get message() {
    return "A payment of this order is in progress."
  }
}
