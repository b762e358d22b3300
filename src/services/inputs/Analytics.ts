import { type Interval, SalesQuery } from "../../domain/analytics/Sales.ts"
import { Period } from "../../domain/analytics/Summary.ts"
import { TopProductsQuery } from "../../domain/analytics/TopProducts.ts"
import { decodeInput } from "./Decode.ts"

/** Which orders to count: those placed in `[from, to)`. */
export interface PeriodInput {
  /** The first moment, of the years 1 to 9999. Defaults to the first order. Fails with `InvalidInput`. */
  readonly from?: Date | undefined
  /** The moment after the last, of the years 1 to 9999. Defaults to no end. Fails with `InvalidInput`. */
  readonly to?: Date | undefined
}

/** How to split sales by time. */
export interface SalesQueryInput extends PeriodInput {
  /** By day, by week from Monday on, or by month. Fails with `InvalidInput` if a period has more than 3660 of them. */
  readonly interval: Interval
  /** The IANA time zone in which days begin, such as "Europe/Berlin". Defaults to "UTC". Fails with `InvalidInput`. */
  readonly timeZone?: string | undefined
}

/** How many of the best-selling products to return. */
export interface TopProductsQueryInput extends PeriodInput {
  /** Maximum number of products to return, 1 to 100. Defaults to 10. Fails with `InvalidInput`. */
  readonly limit?: number | undefined
}

export const decodePeriod = decodeInput<PeriodInput>()(Period)
export const decodeSalesQuery = decodeInput<SalesQueryInput>()(SalesQuery)
export const decodeTopProductsQuery = decodeInput<TopProductsQueryInput>()(TopProductsQuery)
