import { describe, it } from "@effect/vitest"
import { assertFailure, assertSuccess, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Arbitrary, Result, Schema } from "effect"
import {
  type OrderTotals,
  orderTotals,
  Period,
  Summary,
  summarize,
  within
} from "../../../src/domain/analytics/Summary.ts"
import { AmountOverflow } from "../../../src/domain/shared/Money.ts"
import * as Generators from "../../../src/testing/Generators.ts"
import { faultsIn, shuffle, untouched } from "../support.ts"

const { int, order, period, time } = Generators
const tallies = Arbitrary.array(Generators.orderTotals)

/** Σ amounts of the tallies in some statuses, one per currency, or nothing if one is too large for JSON. */
const totals = (tallies: ReadonlyArray<OrderTotals>, statuses: ReadonlyArray<OrderTotals["status"]>) => {
  const counted = tallies.filter(({ status }) => statuses.includes(status))
  const sums = ["EUR", "JPY", "KWD", "USD"].flatMap((currency) => {
    const same = counted.filter((tally) => tally.currency === currency)
    return same.length === 0 ? [] : [{ currency, amount: same.reduce((sum, { amount }) => sum + amount, 0n) }]
  })
  return sums.some(({ amount }) => amount > 9007199254740991n)
    ? undefined
    : sums.map(({ currency, amount }) => ({ amount: Number(amount), currency }))
}

const ordersIn = (tallies: ReadonlyArray<OrderTotals>, status: OrderTotals["status"]) =>
  tallies.reduce((sum, tally) => (tally.status === status ? sum + tally.orders : sum), 0)

describe("the summary", () => {
  it.prop(
    "counts orders and adds up totals per currency, or is an overflow",
    { tallies },
    ({ tallies }) => {
      const summary = untouched(tallies, summarize)
      const revenue = totals(tallies, ["PAID", "COMPLETED"])
      const inTransit = totals(tallies, ["SHIPPED"])
      if (revenue === undefined || inTransit === undefined) {
        assertFailure(summary, new AmountOverflow())
        return
      }
      assertSuccess(summary, {
        orders: tallies.reduce((sum, { orders }) => sum + orders, 0),
        revenue,
        inTransit,
        ordersByStatus: {
          CREATED: ordersIn(tallies, "CREATED"),
          PAID: ordersIn(tallies, "PAID"),
          SHIPPED: ordersIn(tallies, "SHIPPED"),
          COMPLETED: ordersIn(tallies, "COMPLETED"),
          FAILED: ordersIn(tallies, "FAILED"),
          ...(ordersIn(tallies, "CANCELLED") > 0 && { CANCELLED: ordersIn(tallies, "CANCELLED") })
        }
      })
      assertTrue(Schema.is(Summary)(Result.getOrThrow(summary)))
    },
    { arbitrary: { runs: 200 } }
  )

  it.prop(
    "does not depend on the order of the tallies",
    { tallies, seed: int(0, 1e6) },
    ({ tallies, seed }) => {
      deepStrictEqual(summarize(shuffle(tallies, seed)), summarize(tallies))
    }
  )

  it.prop("is made of single orders just as well", { orders: Arbitrary.array(order) }, ({ orders }) => {
    const sum = (statuses: ReadonlyArray<string>) =>
      orders
        .filter(({ status }) => statuses.includes(status))
        .reduce((sum, { total }) => sum + total.amount, 0)
    const summary = Result.getOrThrow(summarize(orders.map(orderTotals)))
    strictEqual(summary.orders, orders.length)
    strictEqual(summary.revenue[0]?.amount ?? 0, sum(["PAID", "COMPLETED"]))
    strictEqual(summary.inTransit[0]?.amount ?? 0, sum(["SHIPPED"]))
  })

  it("reaches the largest safe integer in each currency and not one unit more", () => {
    const paid = (amount: bigint, currency = "EUR"): OrderTotals => ({
      status: "PAID",
      currency,
      orders: 1,
      amount
    })
    const most = 9007199254740991n
    assertTrue(Result.isSuccess(summarize([paid(most), paid(most, "USD")])))
    assertTrue(Result.isSuccess(summarize([paid(most - 1n), paid(1n)])))
    assertFailure(summarize([paid(most), paid(1n)]), new AmountOverflow())
    assertFailure(summarize([paid(most + 1n)]), new AmountOverflow())
    assertTrue(Result.isSuccess(summarize([{ ...paid(most + 1n), status: "FAILED" }])))
  })

  it("is empty without orders", () => {
    const ordersByStatus = { CREATED: 0, PAID: 0, SHIPPED: 0, COMPLETED: 0, FAILED: 0 }
    assertSuccess(summarize([]), { orders: 0, revenue: [], inTransit: [], ordersByStatus })
  })
})

describe("a period", () => {
  it.prop("holds its beginning and not its end", { from: time, length: int(1, 1e9) }, ({ from, length }) => {
    const later = (milliseconds: number) => new Date(from.getTime() + milliseconds)
    const period = { from, to: later(length) }
    assertTrue(within(period, from))
    assertTrue(within(period, later(length - 1)))
    assertTrue(!within(period, later(length)))
    assertTrue(!within(period, later(-1)))
  })

  it.prop("is open where it has no end", { period, at: time }, ({ period, at }) => {
    const start = period.from?.getTime() ?? Number.NEGATIVE_INFINITY
    const end = period.to?.getTime() ?? Number.POSITIVE_INFINITY
    strictEqual(within(period, at), start <= at.getTime() && at.getTime() < end)
    assertTrue(within({}, at))
  })

  it.prop(
    "and the next one share no moment and miss none",
    { times: Arbitrary.all([time, time, time]), at: time },
    ({ times, at }) => {
      const [from, between, to] = times.toSorted((a, b) => a.getTime() - b.getTime())
      const halves = [
        { from, to: between },
        { from: between, to }
      ].filter((half) => within(half, at)).length
      strictEqual(halves, within({ from, to }, at) ? 1 : 0)
    }
  )

  it("never begins or ends at an invalid time", () => {
    deepStrictEqual(faultsIn(Period, { from: new Date(Number.NaN), to: "2026-01-01" }), ["/from", "/to"])
    deepStrictEqual(faultsIn(Period, {}), [])
  })
})
