import { Schema } from "effect"
import { ProductName, Sku } from "../catalog/Product.ts"
import { CustomerId, OrderId, ProductId } from "../shared/Ids.ts"
import { Integer } from "../shared/Integer.ts"
import { Money, Price } from "../shared/Money.ts"
import { Actor, Text } from "../shared/Text.ts"
import { OrderEventName, OrderStatus } from "./Lifecycle.ts"

/** Units of one product in one order. */
export const Quantity = Integer(1, 1_000_000)

const utf8 = new TextEncoder()
const isKey = Schema.is(Text(200))

/** The host's own words about an order: an object of strings, at most 4 KiB as JSON. */
export const Metadata = Schema.Record(Schema.String, Text(4096)).check(
  // A record drops the keys that its key schema refuses; nothing of a request may vanish like that.
  Schema.makeFilter((metadata) => Object.keys(metadata).every(isKey), {
    expected: "keys of at most 200 characters without U+0000 or lone surrogates"
  }),
  Schema.makeFilter((metadata) => utf8.encode(JSON.stringify(metadata)).length <= 4096, {
    expected: "at most 4096 bytes of JSON"
  })
)
export type Metadata = typeof Metadata.Type

/** One product of an order with its price snapshot: name, SKU and unit price as they were when it was placed. */
export const OrderItem = Schema.Struct({
  productId: ProductId,
  name: ProductName,
  sku: Schema.NullOr(Sku),
  unitPrice: Price,
  quantity: Quantity,
  total: Money
}).annotate({ identifier: "OrderItem" })
export interface OrderItem extends Schema.Schema.Type<typeof OrderItem> {}

/**
 * A draft that was placed. `total` is the sum of its items; `version` counts its events; times are when it was
 * placed and last changed.
 */
export const Order = Schema.Struct({
  id: OrderId,
  customerId: CustomerId,
  status: OrderStatus,
  items: Schema.NonEmptyArray(OrderItem),
  total: Money,
  metadata: Metadata,
  version: Schema.Int,
  createdAt: Schema.Date,
  updatedAt: Schema.Date
}).annotate({ identifier: "Order" })
export interface Order extends Schema.Schema.Type<typeof Order> {}

/** One step in the history of an order, and in the feed. */
export const OrderEvent = Schema.Struct({
  sequence: Schema.Int,
  event: OrderEventName,
  from: Schema.NullOr(OrderStatus),
  to: OrderStatus,
  at: Schema.Date,
  actor: Actor
}).annotate({ identifier: "OrderEvent" })
export interface OrderEvent extends Schema.Schema.Type<typeof OrderEvent> {}

/** No order has this id, or it is not for the asker to know. */
export class OrderNotFound extends Schema.TaggedError<OrderNotFound>()("OrderNotFound", {
  orderId: Schema.String
}) {
  override get message() {
    return `There is no order ${this.orderId}`
  }
}

/** An order as it was when it was placed, whatever happened since. */
export const asPlaced = (order: Order): Order => ({
  ...order,
  status: "CREATED",
  version: 1,
  updatedAt: order.createdAt
})

/** A payment of this order is pending: until its outcome is known nothing else may happen to the order. */
export class PaymentInProgress extends Schema.TaggedError<PaymentInProgress>()("PaymentInProgress", {
  orderId: Schema.String
}) {
  override get message() {
    return "A payment of this order is in progress"
  }
}
