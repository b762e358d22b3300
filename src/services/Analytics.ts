import { Context, Effect, Layer, Option } from "effect"
import { bucketStarts, type Sale, salesOf } from "../domain/analytics/Sales.ts"
import { type Summary, summarize } from "../domain/analytics/Summary.ts"
import { defaultTop, type TopProduct, topProducts } from "../domain/analytics/TopProducts.ts"
import type { InvalidInput } from "../domain/shared/InvalidInput.ts"
import { AnalyticsStore } from "../ports/AnalyticsStore.ts"
import type { StoreUnavailable } from "../ports/errors.ts"
import { traced } from "../telemetry/Traced.ts"
import {
  decodePeriod,
  decodeSalesQuery,
  decodeTopProductsQuery,
  type PeriodInput,
  type SalesQueryInput,
  type TopProductsQueryInput
} from "./inputs/Analytics.ts"

type Report<A> = Effect.Effect<A, InvalidInput | StoreUnavailable>

/** Reports revenue and sales. */
export class Analytics extends Context.Service<
  Analytics,
  {
    /** Returns counts, totals and refunds of the orders placed in `[from, to)`. Defaults to all orders. */
    readonly summary: (period?: PeriodInput) => Report<Summary>
    /**
     * Returns revenue by day, week or month of a time zone, in order of time. Counts the orders that are `PAID` or `COMPLETED`.
     * Intervals without sales and refunds are left out.
     */
    readonly sales: (query: SalesQueryInput) => Report<ReadonlyArray<Sale>>
    /** Returns the products with the most units sold, in orders that are `PAID` or `COMPLETED`. */
    readonly topProducts: (query?: TopProductsQueryInput) => Report<ReadonlyArray<TopProduct>>
  }
>()("effect-commerce/services/Analytics") {
  static readonly layer = Layer.effect(
    Analytics,
    Effect.suspend(() => make)
  )
}

const make = Effect.gen(function* () {
  const store = yield* AnalyticsStore

  const summary = Effect.fnUntraced(function* (input: PeriodInput = {}) {
    return summarize(yield* store.orderTotals(yield* decodePeriod(input)))
  })

  const sales = Effect.fnUntraced(function* (input: SalesQueryInput) {
    const { interval, timeZone = "UTC", ...period } = yield* decodeSalesQuery(input)
    const span = yield* store.dateRange(period)
    if (Option.isNone(span)) return []
    const begin = yield* Effect.fromResult(bucketStarts(interval, timeZone, span.value))
    return salesOf(yield* store.orderTotalsFrom(begin, period))
  })

  const top = Effect.fnUntraced(function* (input: TopProductsQueryInput = {}) {
    const { limit = defaultTop, ...period } = yield* decodeTopProductsQuery(input)
    return topProducts(yield* store.bestSellers(period, limit))
  })

  return Analytics.of(traced("Analytics", { summary, sales, topProducts: top }))
})
