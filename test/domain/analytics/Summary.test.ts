import { describe, it } from "@effect/vitest"
import { assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Arbitrary, Schema } from "effect"
import {
  type OrderTotals,
  orderTotals,
  orderTotalsWithRefunds,
  Period,
  Summary,
  summarize,
  within
} from "../../../src/domain/analytics/Summary.ts"
import { OrderStatus } from "../../../src/domain/orders/Lifecycle.ts"
import { OperationKind, OperationStatus } from "../../../src/domain/payments/PaymentOperation.ts"
import * as Generators from "../../../src/testing/Generators.ts"
import { faultsIn, shuffle } from "../support.ts"

const { int, order, period, time } = Generators
const operation = Arbitrary.all({
  kind: Generators.pick(OperationKind.literals),
  status: Generators.pick(OperationStatus.literals),
  amount: int(1, 1_000_000)
})
const tallies = Arbitrary.array(Generators.orderTotals)

const max = 9007199254740991n

/** Σ amounts of the tallies in some statuses, one per currency: those that JSON carries, and the others. */
const totals = (tallies: ReadonlyArray<OrderTotals>, statuses: ReadonlyArray<OrderTotals["status"]>) => {
  const counted = tallies.filter(({ status }) => statuses.includes(status))
  const sums = ["EUR", "JPY", "KWD", "USD"].flatMap((currency) => {
    const same = counted.filter((tally) => tally.currency === currency)
    return same.length === 0 ? [] : [{ currency, amount: same.reduce((sum, { amount }) => sum + amount, 0n) }]
  })
  const over = sums.filter(({ amount }) => amount > max)
  return {
    exact: sums
      .filter(({ amount }) => amount <= max)
      .map(({ currency, amount }) => ({ amount: Number(amount), currency })),
    over: (name: string) =>
      over.length === 0
        ? {}
        : { [name]: over.map(({ currency, amount }) => ({ amount: `${amount}`, currency })) }
  }
}

const ordersIn = (tallies: ReadonlyArray<OrderTotals>, status: OrderTotals["status"]) =>
  tallies.reduce((sum, tally) => (tally.status === status ? sum + tally.orders : sum), 0)

describe("the summary", () => {
  it.prop(
    "counts orders and adds up totals per currency, and names those that JSON cannot carry",
    { tallies },
    ({ tallies }) => {
      const summary = summarize(tallies)
      const revenue = totals(tallies, ["PAID", "COMPLETED"])
      const inTransit = totals(tallies, ["SHIPPED"])
      const refunded = tallies.flatMap(({ refunded: amount, ...tally }) =>
        amount === undefined ? [] : [{ ...tally, amount }]
      )
      const refunds = totals(refunded, OrderStatus.literals)
      deepStrictEqual(summary, {
        orders: tallies.reduce((sum, { orders }) => sum + orders, 0),
        revenue: revenue.exact,
        ...revenue.over("revenueOverflow"),
        inTransit: inTransit.exact,
        ...inTransit.over("inTransitOverflow"),
        ...(refunded.length > 0 && { refunds: refunds.exact }),
        ...refunds.over("refundsOverflow"),
        ordersByStatus: {
          CREATED: ordersIn(tallies, "CREATED"),
          PAID: ordersIn(tallies, "PAID"),
          SHIPPED: ordersIn(tallies, "SHIPPED"),
          COMPLETED: ordersIn(tallies, "COMPLETED"),
          FAILED: ordersIn(tallies, "FAILED"),
          ...(ordersIn(tallies, "CANCELLED") > 0 && { CANCELLED: ordersIn(tallies, "CANCELLED") })
        }
      })
      assertTrue(Schema.is(Summary)(summary))
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
    const summary = summarize(orders.map(orderTotals))
    strictEqual(summary.orders, orders.length)
    strictEqual(summary.revenue[0]?.amount ?? 0, sum(["PAID", "COMPLETED"]))
    strictEqual(summary.inTransit[0]?.amount ?? 0, sum(["SHIPPED"]))
  })

  it.prop(
    "adds up the approved refunds of orders in any status, and nothing else of their operations",
    { orders: Arbitrary.array(Arbitrary.all({ order, operations: Arbitrary.array(operation) })) },
    ({ orders }) => {
      const all = orders.flatMap(({ order: { total }, operations }) =>
        operations.map(({ amount, ...operation }) => ({
          ...operation,
          amount: { amount, currency: total.currency },
          cents: BigInt(amount)
        }))
      )
      const refunds = all.filter(({ kind, status }) => kind === "refund" && status === "APPROVED")
      const summary = summarize(
        orders.map(({ order, operations }) =>
          orderTotalsWithRefunds(
            order,
            operations.map(({ amount, ...operation }) => ({
              ...operation,
              amount: { amount, currency: order.total.currency }
            }))
          )
        )
      )
      const { refunds: _, ...others } = summary
      deepStrictEqual(others, summarize(orders.map(({ order }) => orderTotals(order))))
      strictEqual("refunds" in summary, refunds.length > 0)
      strictEqual(
        (summary.refunds ?? []).reduce((sum, { amount }) => sum + BigInt(amount), 0n),
        refunds.reduce((sum, { cents }) => sum + cents, 0n)
      )
      for (const { currency, amount } of summary.refunds ?? []) {
        const own = refunds.filter((refund) => refund.amount.currency === currency)
        strictEqual(
          BigInt(amount),
          own.reduce((sum, { cents }) => sum + cents, 0n)
        )
      }
    }
  )

  it("names refunds that a number cannot carry as text, and has no key for them without any", () => {
    const refunded = (amount: bigint): OrderTotals => ({
      ...{ status: "CANCELLED", currency: "EUR", orders: 1, amount: 5n, refunded: amount }
    })
    deepStrictEqual(summarize([refunded(max)]).refunds, [{ amount: Number(max), currency: "EUR" }])
    const { revenue, refunds, refundsOverflow } = summarize([refunded(max), refunded(1n)])
    deepStrictEqual([revenue, refunds], [[], []])
    deepStrictEqual(refundsOverflow, [{ amount: `${max + 1n}`, currency: "EUR" }])
  })

  it("reaches the largest safe integer in each currency and not one unit more", () => {
    const paid = (amount: bigint, currency = "EUR"): OrderTotals => ({
      status: "PAID",
      currency,
      orders: 1,
      amount
    })
    const [fits, tooLarge] = [Number(max), `${max + 1n}`]
    deepStrictEqual(summarize([paid(max), paid(max, "USD")]).revenue, [
      { amount: fits, currency: "EUR" },
      { amount: fits, currency: "USD" }
    ])
    deepStrictEqual(summarize([paid(max - 1n), paid(1n)]).revenue, [{ amount: fits, currency: "EUR" }])
    const { revenue, revenueOverflow, orders } = summarize([paid(max), paid(1n), paid(5n, "USD")])
    deepStrictEqual(revenue, [{ amount: 5, currency: "USD" }])
    deepStrictEqual(revenueOverflow, [{ amount: tooLarge, currency: "EUR" }])
    strictEqual(orders, 3)
    const shipped = summarize([{ ...paid(max + 1n), status: "SHIPPED" }])
    deepStrictEqual(
      [shipped.inTransit, shipped.inTransitOverflow],
      [[], [{ amount: tooLarge, currency: "EUR" }]]
    )
    deepStrictEqual(Object.keys(summarize([{ ...paid(max + 1n), status: "FAILED" }])), [
      ...["orders", "revenue", "inTransit", "ordersByStatus"]
    ])
  })

  it("is empty without orders", () => {
    const ordersByStatus = { CREATED: 0, PAID: 0, SHIPPED: 0, COMPLETED: 0, FAILED: 0 }
    deepStrictEqual(summarize([]), { orders: 0, revenue: [], inTransit: [], ordersByStatus })
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
