import { Context, type Effect, type Option } from "effect"
import type { DatedOrderTotals, DateRange } from "../domain/analytics/Sales.ts"
import type { OrderTotals, Period } from "../domain/analytics/Summary.ts"
import type { ProductSales } from "../domain/analytics/TopProducts.ts"
import type { StoreUnavailable } from "./errors.ts"

/** Counts and sums orders. The domain computes the reports from these numbers. */
export class AnalyticsStore extends Context.Service<
  AnalyticsStore,
  {
    /** Returns the number, the total and the approved refunds of the orders of a period, by status and currency. */
    readonly orderTotals: (period: Period) => Effect.Effect<ReadonlyArray<OrderTotals>, StoreUnavailable>
    /** Returns the times of the first and the last order of a period. Returns none if there are no orders. */
    readonly dateRange: (period: Period) => Effect.Effect<Option.Option<DateRange>, StoreUnavailable>
    /**
     * Returns the totals of a period for each interval. An interval lasts from one start to the next; `starts` is
     * ascending. Orders before the first start are left out.
     */
    readonly orderTotalsFrom: (
      starts: ReadonlyArray<Date>,
      period: Period
    ) => Effect.Effect<ReadonlyArray<DatedOrderTotals>, StoreUnavailable>
    /**
     * Returns up to `take` products by units sold in a period, in the order of `byUnitsSold`. Only orders that
     * count as revenue are included.
     */
    readonly bestSellers: (
      period: Period,
      take: number
    ) => Effect.Effect<ReadonlyArray<ProductSales>, StoreUnavailable>
  }
>()("effect-commerce/ports/AnalyticsStore") {}
