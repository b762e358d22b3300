import { Context, type Effect, type Option } from "effect"
import type { DatedOrderTotals, DateRange } from "../domain/analytics/Sales.ts"
import type { OrderTotals, Period } from "../domain/analytics/Summary.ts"
import type { ProductSales } from "../domain/analytics/TopProducts.ts"
import type { StoreUnavailable } from "./errors.ts"

/** Counts and adds up orders; what it comes to is for the domain to say. */
export class AnalyticsStore extends Context.Service<
  AnalyticsStore,
  {
    /** Number and total of the orders of a period, by status and currency. */
    readonly orderTotals: (period: Period) => Effect.Effect<ReadonlyArray<OrderTotals>, StoreUnavailable>
    /** When the first order of a period was placed, and when the last; none if there are no orders. */
    readonly dateRange: (period: Period) => Effect.Effect<Option.Option<DateRange>, StoreUnavailable>
    /**
     * The tallies of a period once more for each of some moments, which are in order: of the orders placed from it on
     * and before the next. Orders before the first moment do not count.
     */
    readonly orderTotalsFrom: (
      starts: ReadonlyArray<Date>,
      period: Period
    ) => Effect.Effect<ReadonlyArray<DatedOrderTotals>, StoreUnavailable>
    /** What was sold of the products in the orders of a period that count as revenue, `byUnitsSold`, of `take` at most. */
    readonly bestSellers: (
      period: Period,
      take: number
    ) => Effect.Effect<ReadonlyArray<ProductSales>, StoreUnavailable>
  }
>()("effect-commerce/ports/AnalyticsStore") {}
