import { Schema } from "effect"

/** Invariants of the data of a shop, which `verify` checks. */
export const invariants = {
  stock: "stock is never negative, and stock + units that orders hold = opening stock + adjustments",
  total:
    "an order has items, its total is their sum plus fees and added taxes less discounts, and shares sum to their figure",
  history: "the history of an order is a legal path of the lifecycle without gaps, up to its current status",
  feed: "the feed has the events of each order in sequence, and none from another server's transactions",
  payment:
    "an order that is paid, shipped or completed has one approved payment that covers what is left of it; each approved payment has its event, and an unpaid order has none; only an unpaid order has a pending payment, and a cancelled one voids its authorization",
  operation:
    "an authorization ends once, by a capture or a void; refunds never exceed what was captured, and a payment has the sum of them",
  outcome:
    "no payment or operation is pending for more than 20 hours, since its gateway is not asked any more: record what became of it",
  units:
    "the counts of an order are what its events have moved, nothing is open in an order that is shipped, completed or cancelled, and its current total is what is left",
  stage: "the stage of an order is the one that it was last moved to in its status",
  voucher:
    "uses left + uses in orders that have neither failed nor been cancelled = all uses of a voucher, and each use belongs to a discount",
  key: "an idempotency key has exactly one effect"
} as const
/** Name of an invariant. */
export type Invariant = keyof typeof invariants

/** A violated invariant. `id` is the id of the product, order, payment or operation, or the idempotency key. */
export const Violation = Schema.Struct({
  invariant: Schema.Literals([
    "stock",
    "total",
    "history",
    "feed",
    "payment",
    "operation",
    "outcome",
    "units",
    "stage",
    "voucher",
    "key"
  ]),
  id: Schema.String,
  detail: Schema.String
}).annotate({ identifier: "Violation" })
export interface Violation extends Schema.Schema.Type<typeof Violation> {}
