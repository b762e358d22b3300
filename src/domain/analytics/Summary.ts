import { Schema } from "effect"
import { type OrderStatus, revenueTreatment } from "../orders/Lifecycle.ts"
import type { Order } from "../orders/Order.ts"
import type { PaymentOperation } from "../payments/PaymentOperation.ts"
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

/** Sums that a number cannot carry. Absent if there are none. */
const Overflow = Schema.optionalKey(Schema.Array(LargeSum))

/**
 * Summary of the orders of a period. `revenue` is the total of `PAID` and `COMPLETED` orders, `inTransit` of
 * `SHIPPED` orders. Both have one amount per currency, sorted by currency code. A sum beyond 2^53 − 1 is in
 * `revenueOverflow`, `inTransitOverflow` or `refundsOverflow` instead. `CANCELLED` is absent if there are none.
 *
 * `refunds` is the total of the approved refunds of these orders, in any status; it is absent if there are none. The time of placing counts,
 * as for revenue, so that a later refund changes the period of its order. Refunds are not subtracted from `revenue`. They include those of
 * cancelled orders, which are no revenue. Chargebacks are left out: the bank decides about them and may reverse them, and one may exceed
 * what was charged.
 */
export const Summary = Schema.Struct({
  orders: Count,
  revenue: Totals,
  revenueOverflow: Overflow,
  inTransit: Totals,
  inTransitOverflow: Overflow,
  refunds: Schema.optionalKey(Totals),
  refundsOverflow: Overflow,
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

/**
 * Number of orders of one status and currency, and the sum of their totals in minor units. `refunded` is the sum of their approved refunds,
 * absent if there are none.
 */
export interface OrderTotals {
  readonly status: OrderStatus
  readonly currency: string
  readonly orders: number
  readonly amount: bigint
  readonly refunded?: bigint
}

/** Returns the totals whose status counts as revenue or as in transit. */
export const thatCountAs = <T extends { readonly status: OrderStatus }>(
  totalsByStatus: ReadonlyArray<T>,
  as: "revenue" | "in transit"
): ReadonlyArray<T> => totalsByStatus.filter(({ status }) => revenueTreatment[status] === as)

/** Returns the sums of the refunds, as a summary has them. */
export const refundsOf = (
  totalsByStatus: ReadonlyArray<OrderTotals>
): Pick<Summary, "refunds" | "refundsOverflow"> => {
  const refunded = totalsByStatus.flatMap(({ currency, refunded: amount }) =>
    amount === undefined ? [] : [{ currency, amount }]
  )
  if (refunded.length === 0) return {}
  const { exact, large } = totals(refunded)
  return { refunds: exact, ...(large && { refundsOverflow: large }) }
}

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
    ...refundsOf(totalsByStatus),
    ordersByStatus: CANCELLED > 0 ? ordersByStatus : others
  }
}

/** Returns whether a time is in `[from, to)`. */
export const within = (period: Period, at: Date): boolean =>
  (period.from === undefined || at >= period.from) && (period.to === undefined || at < period.to)

/** Returns the totals of a single order without refunds. */
export const orderTotals = (order: Order): OrderTotals => ({
  status: order.status,
  currency: order.total.currency,
  orders: 1,
  amount: BigInt(order.total.amount)
})

/** Returns the totals of a single order with its payment operations. Only approved refunds count. */
export const orderTotalsWithRefunds = (
  order: Order,
  operations: ReadonlyArray<Pick<PaymentOperation, "kind" | "status" | "amount">>
): OrderTotals => {
  const refunds = operations.filter(({ kind, status }) => kind === "refund" && status === "APPROVED")
  return {
    ...orderTotals(order),
    ...(refunds.length > 0 && {
      refunded: refunds.reduce((sum, { amount }) => sum + BigInt(amount.amount), 0n)
    })
  }
}
