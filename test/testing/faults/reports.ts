import { Effect, Option } from "effect"
import type { ProductSales } from "../../../src/domain/analytics/TopProducts.ts"
import { AnalyticsStore } from "../../../src/ports/AnalyticsStore.ts"
import { IntegrityChecker } from "../../../src/ports/IntegrityChecker.ts"
import { faulty, seeing } from "../../support/faulty.ts"
import type { Fault } from "./Fault.ts"

const bestSelling =
  "the best-selling products are sorted by units in revenue orders, then by id, with their current names"

const refunds =
  "approved refunds count in the period and interval in which their order was placed, for every status and currency"

type State = Parameters<Parameters<typeof faulty>[1]>[1]
type Operation = Parameters<State["operations"]["set"]>[1]

/** Totals as if payment operations were otherwise. */
const operations = (does: string, see: (entry: Operation) => Operation): Fault => ({
  does,
  stores: faulty(AnalyticsStore, (store, state) => ({
    ...store,
    orderTotals: (period) => seeing(state.operations, see, store.orderTotals(period)),
    orderTotalsFrom: (starts, period) => seeing(state.operations, see, store.orderTotalsFrom(starts, period))
  })),
  breaks: [refunds]
})

/** Something done to all best-selling products. */
const sellers = (
  does: string,
  spoil: (sold: ReadonlyArray<ProductSales>) => ReadonlyArray<ProductSales>
): ReadonlyArray<Fault> => [
  {
    does,
    stores: faulty(AnalyticsStore, (store) => ({
      ...store,
      bestSellers: (period, take) =>
        Effect.map(store.bestSellers(period, 100), (sold) => spoil(sold).slice(0, take))
    })),
    breaks: [bestSelling]
  }
]

export const reportFaults: ReadonlyArray<Fault> = [
  {
    does: "counts an order that failed as a new one",
    stores: faulty(AnalyticsStore, (store) => ({
      ...store,
      orderTotals: (period) =>
        Effect.map(store.orderTotals(period), (tallies) =>
          tallies.map((tally) => (tally.status === "FAILED" ? { ...tally, status: "CREATED" } : tally))
        )
    })),
    breaks: ["the order totals of a period agree with the domain's summary, for every status and currency"]
  },
  {
    does: "counts the end of a period in",
    stores: faulty(AnalyticsStore, (store) => ({
      ...store,
      orderTotals: (period) =>
        store.orderTotals(
          period.to === undefined ? period : { ...period, to: new Date(period.to.getTime() + 1) }
        )
    })),
    breaks: ["a period includes its start, excludes its end, and selects orders by the time of placing"]
  },
  {
    does: "takes today for the end that is absent",
    stores: faulty(AnalyticsStore, (store) => ({
      ...store,
      orderTotals: (period) => store.orderTotals({ ...period, to: period.to ?? new Date() })
    })),
    breaks: ["a missing end of a period is unbounded"]
  },
  {
    does: "adds up amounts as floating-point numbers",
    stores: faulty(AnalyticsStore, (store) => ({
      ...store,
      orderTotals: (period) =>
        Effect.map(store.orderTotals(period), ([first, ...rest]) => {
          if (first === undefined) return []
          const all = [first, ...rest]
          const amount = all.reduce((sum, tally) => sum + Number(tally.amount), 0)
          return [{ ...first, orders: all.length, amount: BigInt(amount) }]
        })
    })),
    breaks: ["sums are exact, however large"]
  },
  {
    does: "takes the last order for one that was placed before the end of the period",
    stores: faulty(AnalyticsStore, (store) => ({
      ...store,
      dateRange: (period) =>
        Effect.map(
          store.dateRange(period),
          Option.map((span) => ({ ...span, last: period.to ?? span.last }))
        )
    })),
    breaks: ["the date range of a period extends from its first order to its last, in any status"]
  },
  {
    does: "counts an order at the very moment to what was before",
    stores: faulty(AnalyticsStore, (store) => ({
      ...store,
      orderTotalsFrom: (starts, period) =>
        Effect.map(
          store.orderTotalsFrom(
            starts.map((start) => new Date(start.getTime() + 1)),
            period
          ),
          (tallies) => tallies.map((tally) => ({ ...tally, start: new Date(tally.start.getTime() - 1) }))
        )
    })),
    breaks: ["orders are totalled from each start until the next, for every status and currency"]
  },
  {
    does: "counts what came before all moments to the first",
    stores: faulty(AnalyticsStore, (store) => ({
      ...store,
      orderTotalsFrom: ([first, ...rest], period) =>
        first === undefined
          ? Effect.succeed([])
          : Effect.map(store.orderTotalsFrom([new Date(0), ...rest], period), (tallies) =>
              tallies.map((tally) => (tally.start.getTime() === 0 ? { ...tally, start: first } : tally))
            )
    })),
    breaks: ["orders are totalled from each start until the next, for every status and currency"]
  },
  {
    does: "forgets refunds",
    stores: faulty(AnalyticsStore, (store) => ({
      ...store,
      orderTotals: (period) =>
        Effect.map(store.orderTotals(period), (tallies) => tallies.map(({ refunded: _, ...tally }) => tally))
    })),
    breaks: [refunds]
  },
  {
    does: "forgets refunds of what is no revenue",
    stores: faulty(AnalyticsStore, (store) => ({
      ...store,
      orderTotalsFrom: (starts, period) =>
        Effect.map(store.orderTotalsFrom(starts, period), (tallies) =>
          tallies.map(({ refunded, ...tally }) =>
            refunded === undefined || tally.status === "CANCELLED" ? tally : { ...tally, refunded }
          )
        )
    })),
    breaks: [refunds]
  },
  operations("counts a refund that is on its way", (entry) =>
    entry.operation.status === "PENDING"
      ? { ...entry, operation: { ...entry.operation, status: "APPROVED" } }
      : entry
  ),
  operations("counts a chargeback as a refund", (entry) =>
    entry.operation.kind === "chargeback"
      ? { ...entry, operation: { ...entry.operation, kind: "refund" } }
      : entry
  ),
  ...sellers("forgets which of two alike is older", (sold) =>
    sold.toSorted((a, b) => b.units - a.units || (a.productId < b.productId ? 1 : -1))
  ),
  ...sellers("sorts by revenue", (sold) =>
    sold.toSorted((a, b) => Number((b.revenue[0]?.amount ?? 0n) - (a.revenue[0]?.amount ?? 0n)))
  ),
  ...sellers("forgets all currencies but one", (sold) =>
    sold.map((one) => ({ ...one, revenue: one.revenue.filter(({ currency }) => currency === "EUR") }))
  ),
  {
    does: "names products as they were when they were sold",
    stores: faulty(AnalyticsStore, (store, { orders }) => ({
      ...store,
      bestSellers: (period, take) =>
        Effect.map(store.bestSellers(period, take), (sold) => {
          const items = [...orders.values()].flatMap(({ items }) => items)
          return sold.map((one) => ({
            ...one,
            name: items.find(({ productId }) => productId === one.productId)?.name ?? one.name
          }))
        })
    })),
    breaks: [bestSelling]
  },
  {
    does: "counts what is on its way as sold",
    stores: faulty(AnalyticsStore, (store, { orders }) => ({
      ...store,
      bestSellers: (period, take) =>
        seeing(
          orders,
          (order) => (order.status === "SHIPPED" ? { ...order, status: "PAID" as const } : order),
          store.bestSellers(period, take)
        )
    })),
    breaks: [bestSelling]
  },
  {
    does: "leaves a check out",
    stores: faulty(IntegrityChecker, (checker) => ({
      check: (checking, most) =>
        checker.check((invariant) => (invariant === "payment" ? Effect.void : checking(invariant)), most)
    })),
    breaks: ["an integrity check covers every invariant and finds no violation"]
  }
]
