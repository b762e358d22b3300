import { DateTime, Result, Schema } from "effect"
import { Instant } from "../shared/Instant.ts"
import { type InvalidInput, invalidAt } from "../shared/InvalidInput.ts"
import { totals } from "../shared/Money.ts"
import { type OrderTotals, Period, refundsOf, Summary, thatCountAs } from "./Summary.ts"

/** Bucket size of sales: a day, a week that starts on Monday (ISO 8601), or a month. */
export const Interval = Schema.Literals(["day", "week", "month"]).annotate({ identifier: "Interval" })
export type Interval = typeof Interval.Type

/** Returns the canonical IANA name of a time zone. Returns `undefined` if the zone is unknown. */
const canonical = (name: string): string | undefined => {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone
  } catch {
    return undefined
  }
}

/** Schema of an IANA time zone, for example "Europe/Berlin". */
export const TimeZone = Schema.String.check(
  Schema.makeFilter((name) => /^[A-Za-z]/.test(name) && canonical(name) !== undefined, {
    expected: "an IANA time zone",
    toJsonSchema: () => ({ pattern: "^[A-Za-z]" })
  })
)

/** Query of sales. `timeZone` decides where days begin. Defaults to UTC. */
export const SalesQuery = Schema.Struct({
  interval: Interval,
  timeZone: Schema.optional(TimeZone),
  ...Period.fields
})

/**
 * Orders placed in the day, week or month that begins at `start`. Only `PAID` and `COMPLETED` orders count. `refunds` is the total of the
 * approved refunds of the orders placed then, in any status, as in `Summary`; it is absent if there are none.
 */
export const Sale = Schema.Struct({
  start: Instant,
  orders: Summary.fields.orders,
  revenue: Summary.fields.revenue,
  revenueOverflow: Summary.fields.revenueOverflow,
  refunds: Summary.fields.refunds,
  refundsOverflow: Summary.fields.refundsOverflow
}).annotate({ identifier: "Sale" })
export interface Sale extends Schema.Schema.Type<typeof Sale> {}

/** The times of the first and the last order of a period. */
export interface DateRange {
  readonly first: Date
  readonly last: Date
}

/** Maximum number of intervals in one response: ten years of days. It bounds the work of one request. */
const maxIntervals = 3660

const steps = { day: { days: 1 }, week: { weeks: 1 }, month: { months: 1 } } as const

const weekStartsOn = 1

/**
 * Returns the start of every interval that a date range touches.
 *
 * An interval starts when the clocks of the zone first show its date. This may be 01:00 at a change to daylight
 * saving time. Fails with `InvalidInput` for more than 3660 intervals.
 */
export const bucketStarts = (
  interval: Interval,
  timeZone: string,
  { first, last }: DateRange
): Result.Result<ReadonlyArray<Date>, InvalidInput> => {
  const zone = DateTime.zoneMakeNamedUnsafe(canonical(timeZone) ?? timeZone)
  const shown = DateTime.toDate(DateTime.makeZonedUnsafe(first, { timeZone: zone }))
  let date = DateTime.startOf(DateTime.fromDateUnsafe(shown), interval, { weekStartsOn })
  const found: Array<Date> = []
  for (;;) {
    const start = DateTime.makeZonedUnsafe(date, { timeZone: zone, adjustForTimeZone: true })
    if (start.epochMilliseconds > last.getTime()) return Result.succeed(found)
    if (found.length === maxIntervals) {
      return Result.fail(invalidAt("/interval", `Expected a period of at most ${maxIntervals} intervals`))
    }
    found.push(DateTime.toDateUtc(start))
    date = DateTime.add(date, steps[interval])
  }
}

/** Totals of the orders placed from `start` until the next start. */
export interface DatedOrderTotals extends OrderTotals {
  readonly start: Date
}

/** Computes sales from the totals that a store counted. Intervals without revenue and refunds are left out. Sorted by time. */
export const salesOf = (datedTotals: ReadonlyArray<DatedOrderTotals>): ReadonlyArray<Sale> => {
  const byStart = Map.groupBy(datedTotals, ({ start }) => start.getTime())
  return [...byStart]
    .map(([start, placed]) => ({
      start,
      sold: thatCountAs(placed, "revenue"),
      refunds: refundsOf(placed)
    }))
    .filter(({ sold, refunds }) => sold.length > 0 || refunds.refunds !== undefined)
    .sort((a, b) => a.start - b.start)
    .map(({ start, sold, refunds }) => {
      const { exact, large } = totals(sold)
      return {
        start: new Date(start),
        orders: sold.reduce((all, { orders }) => all + orders, 0),
        revenue: exact,
        ...(large && { revenueOverflow: large }),
        ...refunds
      }
    })
}

/** Returns the last of the sorted starts that is not after `at`. Returns `undefined` if all are after it. */
export const startBefore = (bucketStarts: ReadonlyArray<Date>, at: Date): Date | undefined =>
  bucketStarts.findLast((start) => start <= at)
