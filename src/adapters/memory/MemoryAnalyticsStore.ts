import { Array as Arr, Effect, Layer, Option } from "effect"
import { startBefore } from "../../domain/analytics/Sales.ts"
import { type Period, tally, thatCountAs, within } from "../../domain/analytics/Summary.ts"
import { bestFirst, type Sold } from "../../domain/analytics/TopProducts.ts"
import type { ProductId } from "../../domain/shared/Ids.ts"
import { AnalyticsStore } from "../../ports/AnalyticsStore.ts"
import { Shop, type State } from "./MemoryState.ts"

const ordersOf = ({ orders }: State, period: Period) =>
  [...orders.values()].filter(({ createdAt }) => within(period, createdAt))

const soldIn = (state: State, period: Period): Iterable<Sold> => {
  const sold = new Map<ProductId, Sold>()
  for (const { productId, name, quantity, total } of thatCountAs(ordersOf(state, period), "revenue").flatMap(
    ({ items }) => items
  )) {
    const { units, revenue } = sold.get(productId) ?? { units: 0, revenue: [] }
    sold.set(productId, {
      productId,
      name: state.products.get(productId)?.name ?? name,
      units: units + quantity,
      revenue: [...revenue, { currency: total.currency, amount: BigInt(total.amount) }]
    })
  }
  return sold.values()
}

export const MemoryAnalyticsStore = Layer.effect(
  AnalyticsStore,
  Effect.map(Shop, (state) =>
    AnalyticsStore.of({
      tallies: (period) => Effect.sync(() => ordersOf(state, period).map(tally)),
      span: (period) =>
        Effect.sync(() => {
          const times = ordersOf(state, period)
            .map(({ createdAt }) => createdAt.getTime())
            .sort((a, b) => a - b)
          return Arr.isReadonlyArrayNonEmpty(times)
            ? Option.some({ first: new Date(times[0]), last: new Date(Arr.lastNonEmpty(times)) })
            : Option.none()
        }),
      talliesFrom: (starts, period) =>
        Effect.sync(() =>
          ordersOf(state, period).flatMap((order) => {
            const start = startBefore(starts, order.createdAt)
            return start === undefined ? [] : [{ ...tally(order), start }]
          })
        ),
      bestSellers: (period, take) =>
        Effect.sync(() => [...soldIn(state, period)].sort(bestFirst).slice(0, take))
    })
  )
)
