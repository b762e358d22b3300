import { Result, Schema } from "effect"
import { type OrderStatus, revenueTreatment } from "../orders/Lifecycle.ts"
import type { Order } from "../orders/Order.ts"
import { type AmountOverflow, StoredMoney, totals } from "../shared/Money.ts"

/** A time in the years 1 to 9999, the range of RFC 3339. */
const Moment = Schema.Date.check(
  Schema.isBetweenDate(
    { minimum: new Date("0001-01-01T00:00:00Z"), maximum: new Date("9999-12-31T23:59:59.999Z") },
    { expected: "a date of the years 1 to 9999" }
  )
)

/** Half-open period `[from, to)` of the time of placing. A missing end is unbounded. */
export const Period = Schema.Struct({
  from: Schema.optional(Moment),
  to: Schema.optional(Moment)
})
export interface Period extends Schema.Schema.Type<typeof Period> {}

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

const Totals = Schema.Array(StoredMoney)

/**
 * Summary of the orders of a period. `revenue` is the total of `PAID` and `COMPLETED` orders, `inTransit` of
 * `SHIPPED` orders. Both have one amount per currency, sorted by currency code. `CANCELLED` is absent if there are none.
 */
export const Summary = Schema.Struct({
  orders: Count,
  revenue: Totals,
  inTransit: Totals,
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

/** Computes the summary from the totals that a store counted. Fails with `AmountOverflow`. */
export const summarize = (
  totalsByStatus: ReadonlyArray<OrderTotals>
): Result.Result<Summary, AmountOverflow> =>
  Result.gen(function* () {
    const ordersByStatus = { CREATED: 0, PAID: 0, SHIPPED: 0, COMPLETED: 0, FAILED: 0, CANCELLED: 0 }
    for (const { status, orders } of totalsByStatus) ordersByStatus[status] += orders
    const { CANCELLED, ...others } = ordersByStatus
    return {
      orders: totalsByStatus.reduce((all, { orders }) => all + orders, 0),
      revenue: yield* totals(thatCountAs(totalsByStatus, "revenue")),
      inTransit: yield* totals(thatCountAs(totalsByStatus, "in transit")),
      ordersByStatus: CANCELLED > 0 ? ordersByStatus : others
    }
  })

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
