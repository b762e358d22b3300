import { Schema } from "effect"
import { Text } from "../shared/Text.ts"
import type { Order, OrderEvent } from "./Order.ts"

/** One change of an order: the order as it is afterwards, and the event in its history. */
export interface OrderChange {
  readonly order: Order
  readonly event: OrderEvent
}

/** Refusal: the host refuses a change of this order, which keeps everything as it was. `reason` is the host's. */
export class OrderRefused extends Schema.TaggedError<OrderRefused>()("OrderRefused", {
  orderId: Schema.String,
  reason: Text(500)
}) {
  override get message() {
    return this.reason
  }
}
