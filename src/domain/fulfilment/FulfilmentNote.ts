import { Schema } from "effect"
import { Name } from "../shared/Text.ts"

/** What the host notes about a shipment, a cancellation or a return: 1 to 100 characters each, a reason 1 to 500. */
export const FulfilmentNote = Schema.Struct({
  carrier: Schema.optional(Name(100)),
  trackingCode: Schema.optional(Name(100)),
  reason: Schema.optional(Name(500))
})
