import { Schema } from "effect"
import { type OrderStatus, revenueTreatment } from "../orders/Lifecycle.ts"
import type { Order } from "../orders/Order.ts"
import { Moment } from "../shared/Instant.ts"
import { LargeSum, StoredMoney, totals } from "../shared/Money.ts"

/** Half-open period `[from, to)` of the time of placing. A missing end is unbounded. */
export const Period = Schema.Struct({
  from: Schema.optional(Moment),
  to: Schema.optional(Moment)
})
export interface Period extends Schema.Schema.Type<typeof Period> {}

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

const Totals = Schema.Array(StoredMoney)

/** Sums that `revenue` cannot carry. Absent if there are none. */
const Overflow = Schema.optionalKey(Schema.Array(LargeSum))

/**
 * Summary of the orders of a period. `revenue` is the total of `PAID` and `COMPLETED` orders, `inTransit` of
 * `SHIPPED` orders. Both have one amount per currency, sorted by currency code. A sum beyond 2^53 − 1 is in
 * `revenueOverflow` or `inTransitOverflow` instead. `CANCELLED` is absent if there are none.
 */
export const Summary = Schema.Struct({
  orders: Count,
  revenue: Totals,
  revenueOverflow: Overflow,
  inTransit: Totals,
  inTransitOverflow: Overflow,
  ordersByStatus: Schema.Struct({
    CREATED: Count,
    PAID: Count,
    SHIPPED: Count,
    COMPLETED: Count,
    FAILED: Count,
    CANCELLED: Schema.optionalKey(Count)
  })
}).annotate({ identifier: "Summary" })
export interface Summary extends Schema.Schema.Type<typeof Summary> {}

/** Number of orders of one status and currency, and the sum of their totals in minor units. */
export interface OrderTotals {
  readonly status: OrderStatus
  readonly currency: string
  readonly orders: number
  readonly amount: bigint
}

/** Returns the totals whose status counts as revenue or as in transit. */
export const thatCountAs = <T extends { readonly status: OrderStatus }>(
  totalsByStatus: ReadonlyArray<T>,
  as: "revenue" | "in transit"
): ReadonlyArray<T> => totalsByStatus.filter(({ status }) => revenueTreatment[status] === as)

/** Computes the summary from the totals that a store counted. */
export const summarize = (totalsByStatus: ReadonlyArray<OrderTotals>): Summary => {
  const ordersByStatus = { CREATED: 0, PAID: 0, SHIPPED: 0, COMPLETED: 0, FAILED: 0, CANCELLED: 0 }
  for (const { status, orders } of totalsByStatus) ordersByStatus[status] += orders
  const { CANCELLED, ...others } = ordersByStatus
  const revenue = totals(thatCountAs(totalsByStatus, "revenue"))
  const inTransit = totals(thatCountAs(totalsByStatus, "in transit"))
  return {
    orders: totalsByStatus.reduce((all, { orders }) => all + orders, 0),
    revenue: revenue.exact,
    ...(revenue.large && { revenueOverflow: revenue.large }),
    inTransit: inTransit.exact,
    ...(inTransit.large && { inTransitOverflow: inTransit.large }),
    ordersByStatus: CANCELLED > 0 ? ordersByStatus : others
  }
}

/** Returns whether a time is in `[from, to)`. */
export const within = (period: Period, at: Date): boolean =>
  (period.from === undefined || at >= period.from) && (period.to === undefined || at < period.to)

/** Returns the totals of a single order. */
export const orderTotals = (order: Order): OrderTotals => ({
  status: order.status,
  currency: order.total.currency,
  orders: 1,
  amount: BigInt(order.total.amount)
})
