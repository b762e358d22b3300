import { describe, it } from "@effect/vitest"
import { assertFailure, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Arbitrary, Result } from "effect"
import {
  bucketStarts,
  SalesQuery,
  salesOf,
  startBefore,
  TimeZone
} from "../../../src/domain/analytics/Sales.ts"
import { type OrderTotals, summarize } from "../../../src/domain/analytics/Summary.ts"
import { invalidAt } from "../../../src/domain/shared/InvalidInput.ts"
import { int, orderTotals, time } from "../../../src/testing/Generators.ts"
import { interval, timeZone } from "../../../src/testing/RequestGenerators.ts"
import { accepts, faultsIn, shuffle } from "../support.ts"

const day = 86_400_000

const startsIn = (interval: "day" | "week" | "month", zone: string, first: string, last: string) =>
  Result.getOrThrow(bucketStarts(interval, zone, { first: new Date(first), last: new Date(last) })).map(
    (start) => start.toISOString().replace(":00.000Z", "Z")
  )

describe("a day, a week or a month begins", () => {
  it("at midnight, on Monday, on the first", () => {
    const of = (interval: "day" | "week" | "month") =>
      startsIn(interval, "UTC", "2026-02-27T10:00:00Z", "2026-03-02T00:00:00Z")
    deepStrictEqual(of("day"), [
      "2026-02-27T00:00Z",
      "2026-02-28T00:00Z",
      "2026-03-01T00:00Z",
      "2026-03-02T00:00Z"
    ])
    deepStrictEqual(of("week"), ["2026-02-23T00:00Z", "2026-03-02T00:00Z"])
    deepStrictEqual(of("month"), ["2026-02-01T00:00Z", "2026-03-01T00:00Z"])
  })

  it("by the clocks of its zone, so that days have 23 and 25 hours", () => {
    deepStrictEqual(startsIn("day", "Europe/Berlin", "2026-03-29T12:00:00Z", "2026-03-30T12:00:00Z"), [
      "2026-03-28T23:00Z",
      "2026-03-29T22:00Z"
    ])
    deepStrictEqual(startsIn("day", "Europe/Berlin", "2026-10-25T12:00:00Z", "2026-10-26T12:00:00Z"), [
      "2026-10-24T22:00Z",
      "2026-10-25T23:00Z"
    ])
    deepStrictEqual(startsIn("week", "America/New_York", "2026-03-08T12:00:00Z", "2026-03-09T12:00:00Z"), [
      "2026-03-02T05:00Z",
      "2026-03-09T04:00Z"
    ])
    deepStrictEqual(startsIn("month", "Asia/Kathmandu", "2026-01-31T18:15:00Z", "2026-02-01T00:00:00Z"), [
      "2026-01-31T18:15Z"
    ])
  })

  it("an hour after midnight where that hour is left out", () => {
    deepStrictEqual(startsIn("day", "America/Santiago", "2026-09-06T12:00:00Z", "2026-09-07T12:00:00Z"), [
      "2026-09-06T04:00Z",
      "2026-09-07T03:00Z"
    ])
  })

  it("at the first of two midnights", () => {
    deepStrictEqual(startsIn("day", "America/Havana", "2026-11-01T12:00:00Z", "2026-11-02T12:00:00Z"), [
      "2026-11-01T04:00Z",
      "2026-11-02T05:00Z"
    ])
  })

  it("with the day after one that a zone has left out", () => {
    const days = startsIn("day", "Pacific/Apia", "2011-12-29T12:00:00Z", "2011-12-31T12:00:00Z")
    deepStrictEqual([...new Set(days)], ["2011-12-29T10:00Z", "2011-12-30T10:00Z", "2011-12-31T10:00Z"])
  })

  it.prop(
    "each once, in order, and all that is between is in one [R1]",
    { interval, timeZone, from: time, length: int(0, 1000 * day), part: int(0, 1000) },
    ({ interval, timeZone, from, length, part }) => {
      const last = new Date(from.getTime() + length)
      const found = Result.getOrThrow(bucketStarts(interval, timeZone, { first: from, last }))
      assertTrue(
        found.every((start, i) => start.getTime() > (found[i - 1]?.getTime() ?? Number.NEGATIVE_INFINITY))
      )
      assertTrue(found.slice(1).every((start) => start > from && start <= last))
      const at = new Date(from.getTime() + Math.floor((length * part) / 1000))
      const start = startBefore(found, at)
      assertTrue(start !== undefined && start <= at)
      deepStrictEqual(Result.getOrThrow(bucketStarts(interval, timeZone, { first: at, last: at })), [start])
    }
  )

  it("no more than 3660 times", () => {
    const first = new Date("2020-01-01")
    const of = (days: number) =>
      bucketStarts("day", "UTC", { first, last: new Date(first.getTime() + days * day) })
    strictEqual(Result.getOrThrow(of(3659)).length, 3660)
    assertFailure(of(3660), invalidAt("/interval", "Expected a period of at most 3660 intervals"))
  })
})

describe("sales", () => {
  const tallies = Arbitrary.array(
    Arbitrary.map(Arbitrary.all({ orderTotals, hour: int(0, 3) }), ({ orderTotals, hour }) => ({
      ...orderTotals,
      amount: orderTotals.amount % 1_000_000n,
      start: new Date(hour * 3_600_000)
    }))
  )

  it.prop(
    "count the orders that count as revenue, and add them up, whatever order they come in",
    { tallies, seed: int(0, 1e6) },
    ({ tallies, seed }) => {
      const sales = salesOf(tallies)
      deepStrictEqual(salesOf(shuffle(tallies, seed)), sales)
      const counted = tallies.filter(
        ({ status, refunded }) => status === "PAID" || status === "COMPLETED" || refunded !== undefined
      )
      const sold = tallies.filter(({ status }) => status === "PAID" || status === "COMPLETED")
      deepStrictEqual(
        sales.map(({ start }) => start.getTime()),
        [...new Set(counted.map(({ start }) => start.getTime()))].sort((a, b) => a - b)
      )
      for (const { start, orders, revenue } of sales) {
        const own = sold.filter((orderTotals) => orderTotals.start.getTime() === start.getTime())
        strictEqual(
          orders,
          own.reduce((sum, { orders }) => sum + orders, 0)
        )
        deepStrictEqual(
          revenue.map(({ currency }) => currency),
          [...new Set(own.map(({ currency }) => currency))].sort()
        )
        for (const { currency, amount } of revenue) {
          const same = own.filter((orderTotals) => orderTotals.currency === currency)
          strictEqual(
            BigInt(amount),
            same.reduce((sum, { amount }) => sum + amount, 0n)
          )
        }
      }
    }
  )

  it.prop(
    "have the refunds of all orders of their interval, as many as the summary",
    { tallies },
    ({ tallies }) => {
      const refundsOf = (own: ReadonlyArray<OrderTotals>) => {
        const { refunds, refundsOverflow } = summarize(own)
        return { ...(refunds && { refunds }), ...(refundsOverflow && { refundsOverflow }) }
      }
      const seen = salesOf(tallies).map(
        ({ start, orders: _, revenue: __, revenueOverflow: ___, ...refunds }) => {
          const own = tallies.filter((orderTotals) => orderTotals.start.getTime() === start.getTime())
          deepStrictEqual(refunds, refundsOf(own))
          return own.filter(({ refunded }) => refunded !== undefined).length
        }
      )
      strictEqual(
        seen.reduce((sum, count) => sum + count, 0),
        tallies.filter(({ refunded }) => refunded !== undefined).length
      )
    }
  )

  it("of an interval that has only refunds are no orders and no revenue", () => {
    const start = new Date(day)
    const cancelled = { status: "CANCELLED" as const, currency: "EUR", orders: 1, amount: 9n, start }
    deepStrictEqual(salesOf([{ ...cancelled, refunded: 7n }]), [
      { start, orders: 0, revenue: [], refunds: [{ amount: 7, currency: "EUR" }] }
    ])
    deepStrictEqual(salesOf([cancelled]), [])
  })

  it("that JSON cannot carry are named with their interval and currency, beside the others", () => {
    const sold = (amount: bigint, currency: string, start: number) => ({
      ...{ status: "PAID" as const, orders: 1, amount, currency },
      start: new Date(start)
    })
    const max = 9007199254740991n
    deepStrictEqual(salesOf([sold(max, "EUR", 0)]), [
      { start: new Date(0), orders: 1, revenue: [{ amount: Number(max), currency: "EUR" }] }
    ])
    deepStrictEqual(
      salesOf([sold(max, "EUR", 0), sold(1n, "EUR", 0), sold(7n, "USD", 0), sold(2n, "EUR", day)]),
      [
        {
          start: new Date(0),
          orders: 3,
          revenue: [{ amount: 7, currency: "USD" }],
          revenueOverflow: [{ amount: `${max + 1n}`, currency: "EUR" }]
        },
        { start: new Date(day), orders: 1, revenue: [{ amount: 2, currency: "EUR" }] }
      ]
    )
    deepStrictEqual(salesOf([]), [])
  })
})

describe("a time zone", () => {
  it.each([
    "UTC",
    "Europe/Berlin",
    "europe/berlin",
    "America/Argentina/Buenos_Aires",
    "Etc/GMT+5",
    "EST5EDT"
  ])("may be %s", (zone) => assertTrue(accepts(TimeZone, zone)))

  it.each([
    "",
    " ",
    "Berlin",
    "Mars/Olympus",
    "+01:00",
    "-05",
    "UTC+1",
    "Europe/Berlin\u0000",
    "../etc/passwd",
    1
  ])("is not %j", (zone) =>
    deepStrictEqual(faultsIn(SalesQuery, { interval: "day", timeZone: zone }), ["/timeZone"])
  )
})
