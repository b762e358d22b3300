import { Schema } from "effect"
import { Stage } from "../fulfilment/Stage.ts"
import { CustomerId, OrderId } from "../shared/Ids.ts"
import { paging } from "../shared/Page.ts"
import { OrderStatus } from "./Lifecycle.ts"

/** Filters and paging of a list of orders. */
export const OrderQuery = Schema.Struct({
  status: Schema.optional(OrderStatus),
  stage: Schema.optional(Stage),
  customerId: Schema.optional(CustomerId),
  ...paging
})

/** Sort key of a list of orders, newest first. */
export const OrderKey = Schema.Tuple([OrderId])
