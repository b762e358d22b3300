import { Array as Arr, Effect, Layer, Option } from "effect"
import { startBefore } from "../../domain/analytics/Sales.ts"
import { orderTotalsWithRefunds, type Period, thatCountAs, within } from "../../domain/analytics/Summary.ts"
import { byUnitsSold, type ProductSales } from "../../domain/analytics/TopProducts.ts"
import type { ProductId } from "../../domain/shared/Ids.ts"
import { AnalyticsStore } from "../../ports/AnalyticsStore.ts"
import { MemoryState, type MemoryTables } from "./MemoryState.ts"
import { MemoryTransactions } from "./MemoryTransactions.ts"

const ordersOf = ({ orders }: MemoryTables, period: Period) =>
  [...orders.values()].filter(({ createdAt }) => within(period, createdAt))

const ordersWithTotals = (state: MemoryTables, period: Period) => {
  const operations = Map.groupBy(
    [...state.operations.values()].map(({ operation }) => operation),
    ({ orderId }) => orderId
  )
  return ordersOf(state, period).map((order) => ({
    createdAt: order.createdAt,
    totals: orderTotalsWithRefunds(order, operations.get(order.id) ?? [])
  }))
}

const salesByProduct = (state: MemoryTables, period: Period): Iterable<ProductSales> => {
  const sales = new Map<ProductId, ProductSales>()
  for (const { productId, name, quantity, total } of thatCountAs(ordersOf(state, period), "revenue").flatMap(
    ({ items }) => items
  )) {
    const { units, revenue } = sales.get(productId) ?? { units: 0, revenue: [] }
    sales.set(productId, {
      productId,
      name: state.products.get(productId)?.name ?? name,
      units: units + quantity,
      revenue: [...revenue, { currency: total.currency, amount: BigInt(total.amount) }]
    })
  }
  return sales.values()
}

export const MemoryAnalyticsStore = Layer.effect(
  AnalyticsStore,
  Effect.map(Effect.all([MemoryState, MemoryTransactions]), ([state, transactions]) =>
    transactions.transactional<AnalyticsStore["Service"]>({
      orderTotals: (period) => Effect.sync(() => ordersWithTotals(state, period).map(({ totals }) => totals)),
      dateRange: (period) =>
        Effect.sync(() => {
          const times = ordersOf(state, period)
            .map(({ createdAt }) => createdAt.getTime())
            .sort((a, b) => a - b)
          return Arr.isReadonlyArrayNonEmpty(times)
            ? Option.some({ first: new Date(times[0]), last: new Date(Arr.lastNonEmpty(times)) })
            : Option.none()
        }),
      orderTotalsFrom: (starts, period) =>
        Effect.sync(() =>
          ordersWithTotals(state, period).flatMap(({ createdAt, totals }) => {
            const start = startBefore(starts, createdAt)
            return start === undefined ? [] : [{ ...totals, start }]
          })
        ),
      bestSellers: (period, take) =>
        Effect.sync(() => [...salesByProduct(state, period)].sort(byUnitsSold).slice(0, take))
    })
  )
)
