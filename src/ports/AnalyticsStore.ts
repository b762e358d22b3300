import { Context, type Effect, type Option } from "effect"
import type { DatedTally, Span } from "../domain/analytics/Sales.ts"
import type { Period, Tally } from "../domain/analytics/Summary.ts"
import type { Sold } from "../domain/analytics/TopProducts.ts"
import type { StoreUnavailable } from "./errors.ts"

/** Counts and adds up orders; what it comes to is for the domain to say. */
export class AnalyticsStore extends Context.Service<
  AnalyticsStore,
  {
    /** Number and total of the orders of a period, by status and currency. */
    readonly tallies: (period: Period) => Effect.Effect<ReadonlyArray<Tally>, StoreUnavailable>
    /** When the first order of a period was placed, and when the last; none if there are no orders. */
    readonly span: (period: Period) => Effect.Effect<Option.Option<Span>, StoreUnavailable>
    /**
     * The tallies of a period once more for each of some moments, which are in order: of the orders placed from it on
     * and before the next. Orders before the first moment do not count.
     */
    readonly talliesFrom: (
      starts: ReadonlyArray<Date>,
      period: Period
    ) => Effect.Effect<ReadonlyArray<DatedTally>, StoreUnavailable>
    /** What was sold of the products in the orders of a period that count as revenue, `bestFirst`, of `take` at most. */
    readonly bestSellers: (
      period: Period,
      take: number
    ) => Effect.Effect<ReadonlyArray<Sold>, StoreUnavailable>
  }
>()("effect-commerce/ports/AnalyticsStore") {}
