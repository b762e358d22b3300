import { Schema } from "effect"
import { CustomerId, OrderId } from "../shared/Ids.ts"
import { paging } from "../shared/Page.ts"
import { OrderStatus } from "./Lifecycle.ts"

/** What of the orders to list. */
export const OrderQuery = Schema.Struct({
  status: Schema.optional(OrderStatus),
  customerId: Schema.optional(CustomerId),
  ...paging
})

/** Orders and categories have one sort each, by id: the newest first, or in the order they were made. */
export const OrderKey = Schema.Tuple([OrderId])
