import { Order as By, Effect, Random } from "effect"
import { type Period, summarize, type Tally, tally } from "../../domain/Analytics.ts"
import { statuses } from "../../domain/Lifecycle.ts"
import { largest } from "../../domain/Money.ts"
import type { Order } from "../../domain/Order.ts"
import { AnalyticsStore } from "../../ports/AnalyticsStore.ts"
import { category, newCustomer, newNoon, orderIn, product, type Shop } from "./Given.ts"
import { type Law, law, same } from "./Law.ts"

const day = 86_400_000

const at = (time: number) => new Date(time)

const byStatus = By.mapInput(By.String, ({ status, currency }: Tally) => `${status} ${currency}`)

/** One tally per status and currency. */
const merged = (tallies: ReadonlyArray<Tally>): ReadonlyArray<Tally> => {
  const sums = new Map<string, Tally>()
  for (const tally of tallies) {
    const key = `${tally.status} ${tally.currency}`
    const known = sums.get(key) ?? { ...tally, orders: 0, amount: 0n }
    sums.set(key, { ...known, orders: known.orders + tally.orders, amount: known.amount + tally.amount })
  }
  return [...sums.values()].sort(byStatus)
}

/** A customer and one product at a price; a customer orders in one currency at a time. */
const shopIn = Effect.fnUntraced(function* (currency: string, amount: number) {
  const { id: categoryId } = yield* category
  const sold = yield* product({ categoryId, stock: 1_000_000, price: { amount, currency } })
  const shop: Shop = { customerId: yield* newCustomer, products: [sold] }
  return shop
})

const tallies = (period: Period) => AnalyticsStore.use((store) => Effect.map(store.tallies(period), merged))

/** What must be tallied are exactly these orders. */
const talliesJust = Effect.fnUntraced(function* (period: Period, orders: ReadonlyArray<Order>) {
  const found = yield* tallies(period)
  const expected = merged(orders.map(tally))
  yield* same(found, expected)
  yield* same(summarize(found), summarize(expected))
})

export const analyticsLaws: ReadonlyArray<Law> = [
  law(
    "the tallies of a period come to the domain's summary of its orders, in every status and currency",
    Effect.gen(function* () {
      const noon = yield* newNoon(2100, 5000)
      const orders: Array<Order> = []
      for (const currency of ["EUR", "USD", "JPY"]) {
        const own = yield* shopIn(currency, 1999)
        for (const [i, status] of [...statuses, ...statuses].entries()) {
          const quantity = i + (yield* Random.nextIntBetween(1, 100))
          orders.push(yield* orderIn(status, own, [[own.products[0], quantity]], { at: at(noon + i) }))
        }
      }
      yield* talliesJust({ from: at(noon), to: at(noon + day) }, orders)
    })
  ),

  law(
    "a period begins with its first millisecond and ends before its last, and counts when an order was placed",
    Effect.gen(function* () {
      const noon = yield* newNoon(5000, 8000)
      const own = yield* shopIn("EUR", 5)
      const place = (time: number) => orderIn("PAID", own, [[own.products[0], 1]], { at: at(time) })
      const [before, first, last, after] = yield* Effect.forEach(
        [noon - 1, noon, noon + 999, noon + 1000],
        place
      )
      const all = [before, first, last, after].filter((order) => order !== undefined)
      yield* talliesJust({ from: at(noon), to: at(noon + 1000) }, all.slice(1, 3))
      yield* talliesJust({ from: at(noon - 1), to: at(noon + 1001) }, all)
      yield* talliesJust({ from: at(noon), to: at(noon) }, [])
      yield* talliesJust({ from: at(noon + 1000), to: at(noon) }, [])
      yield* talliesJust({ from: at(noon + day), to: at(noon + 2 * day) }, [])
    })
  ),

  law(
    "an end that is absent is open",
    Effect.gen(function* () {
      const own = yield* shopIn("EUR", 7)
      const [early, late] = [yield* newNoon(1000, 1500), yield* newNoon(8000, 9000)]
      for (const [time, period] of [
        [early, { to: at(early + 1) }],
        [late, { from: at(late) }],
        [late, {}]
      ] as const) {
        const before = yield* tallies(period)
        const order = yield* orderIn("COMPLETED", own, [[own.products[0], 3]], { at: at(time) })
        yield* same(yield* tallies(period), merged([...before, tally(order)]))
      }
    })
  ),

  law(
    "sums are exact, however large",
    Effect.gen(function* () {
      const noon = yield* newNoon(2100, 5000)
      const own = yield* shopIn("EUR", largest - 1)
      const orders = yield* Effect.forEach([9007, 9007, 9006, 1], (quantity, i) =>
        orderIn("PAID", own, [[own.products[0], quantity]], { at: at(noon + i) })
      )
      yield* talliesJust({ from: at(noon), to: at(noon + day) }, orders)
    })
  )
]
