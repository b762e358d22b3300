import { Result, Schema } from "effect"
import { type OrderStatus, revenueTreatment } from "../orders/Lifecycle.ts"
import type { Order } from "../orders/Order.ts"
import { type AmountOverflow, Money, totals } from "../shared/Money.ts"

/** A moment of the years 1 to 9999, which every store and RFC 3339 can hold. */
const Moment = Schema.Date.check(
  Schema.isBetweenDate(
    { minimum: new Date("0001-01-01T00:00:00Z"), maximum: new Date("9999-12-31T23:59:59.999Z") },
    { expected: "a date of the years 1 to 9999" }
  )
)

/** `[from, to)` by the time an order was placed; an end that is absent is open. */
export const Period = Schema.Struct({
  from: Schema.optional(Moment),
  to: Schema.optional(Moment)
})
export interface Period extends Schema.Schema.Type<typeof Period> {}

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

const Totals = Schema.Array(Money)

/**
 * `revenue` is the sum of the totals of `PAID` and `COMPLETED` orders, `inTransit` that of `SHIPPED` ones:
 * one amount per currency, sorted by it.
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
    FAILED: Count
  })
}).annotate({ identifier: "Summary" })
export interface Summary extends Schema.Schema.Type<typeof Summary> {}

/** How many orders of a status and currency there are, and what they come to in minor units. */
export interface OrderTotals {
  readonly status: OrderStatus
  readonly currency: string
  readonly orders: number
  readonly amount: bigint
}

/** Those that count as this. */
export const thatCountAs = <T extends { readonly status: OrderStatus }>(
  totalsByStatus: ReadonlyArray<T>,
  as: "revenue" | "in transit"
): ReadonlyArray<T> => totalsByStatus.filter(({ status }) => revenueTreatment[status] === as)

/** The definition of the summary; stores only count and add up. A sum that JSON cannot carry exactly is refused. */
export const summarize = (
  totalsByStatus: ReadonlyArray<OrderTotals>
): Result.Result<Summary, AmountOverflow> =>
  Result.gen(function* () {
    const ordersByStatus = { CREATED: 0, PAID: 0, SHIPPED: 0, COMPLETED: 0, FAILED: 0 }
    for (const { status, orders } of totalsByStatus) ordersByStatus[status] += orders
    return {
      orders: totalsByStatus.reduce((all, { orders }) => all + orders, 0),
      revenue: yield* totals(thatCountAs(totalsByStatus, "revenue")),
      inTransit: yield* totals(thatCountAs(totalsByStatus, "in transit")),
      ordersByStatus
    }
  })

/** Whether a moment is in `[from, to)`. */
export const within = (period: Period, at: Date): boolean =>
  (period.from === undefined || at >= period.from) && (period.to === undefined || at < period.to)

/** An order counted by itself. */
export const orderTotals = (order: Order): OrderTotals => ({
  status: order.status,
  currency: order.total.currency,
  orders: 1,
  amount: BigInt(order.total.amount)
})
