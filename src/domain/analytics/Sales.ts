import { DateTime, Result, Schema } from "effect"
import { type InvalidInput, invalidAt } from "../shared/InvalidInput.ts"
import { type AmountOverflow, totals } from "../shared/Money.ts"
import { type OrderTotals, Period, Summary, thatCountAs } from "./Summary.ts"

/** Sales are counted by the day, by the week, which begins on Monday, or by the month. */
export const Interval = Schema.Literals(["day", "week", "month"]).annotate({ identifier: "Interval" })
export type Interval = typeof Interval.Type

/** The name that the time zone database has for a zone, however it is spelled; undefined if there is none. */
const canonical = (name: string): string | undefined => {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone
  } catch {
    return undefined
  }
}

/** An IANA time zone, for example "Europe/Berlin". */
export const TimeZone = Schema.String.check(
  Schema.makeFilter((name) => /^[A-Za-z]/.test(name) && canonical(name) !== undefined, {
    expected: "an IANA time zone"
  })
)

/** What sales to see: by which interval, beginning in which time zone (UTC if absent), of the orders of which period. */
export const SalesQuery = Schema.Struct({
  interval: Interval,
  timeZone: Schema.optional(TimeZone),
  ...Period.fields
})

/** The orders that count as revenue, `PAID` and `COMPLETED`, of the day, week or month that begins at `start`. */
export const Sale = Schema.Struct({
  start: Schema.Date,
  orders: Summary.fields.orders,
  revenue: Summary.fields.revenue
}).annotate({ identifier: "Sale" })
export interface Sale extends Schema.Schema.Type<typeof Sale> {}

/** From the first of some moments to the last. */
export interface DateRange {
  readonly first: Date
  readonly last: Date
}

/** How many intervals one answer has at most: ten years of days. */
const most = 3660

const steps = { day: { days: 1 }, week: { weeks: 1 }, month: { months: 1 } } as const

const weekStartsOn = 1

/**
 * When each interval that a span touches begins: as soon as the clocks of the zone show its first date, which may be an
 * hour after midnight. Its length is what the clocks make of it.
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
    if (found.length === most) {
      return Result.fail(invalidAt("/interval", `Expected a period of at most ${most} of them`))
    }
    found.push(DateTime.toDateUtc(start))
    date = DateTime.add(date, steps[interval])
  }
}

/** A tally of the orders that were placed from a moment on, until the next one. */
export interface DatedOrderTotals extends OrderTotals {
  readonly start: Date
}

/** The definition of sales; stores only count and add up. Where nothing was sold there is nothing, in order of time. */
export const salesOf = (
  tallies: ReadonlyArray<DatedOrderTotals>
): Result.Result<ReadonlyArray<Sale>, AmountOverflow> =>
  Result.gen(function* () {
    const byStart = Map.groupBy(thatCountAs(tallies, "revenue"), ({ start }) => start.getTime())
    const sales: Array<Sale> = []
    for (const [start, sold] of [...byStart].sort(([a], [b]) => a - b)) {
      const orders = sold.reduce((all, { orders }) => all + orders, 0)
      sales.push({ start: new Date(start), orders, revenue: yield* totals(sold) })
    }
    return sales
  })

/** The last of these moments, which are in order, that is not after this one; undefined if all are. */
export const startBefore = (bucketStarts: ReadonlyArray<Date>, at: Date): Date | undefined =>
  bucketStarts.findLast((start) => start <= at)
