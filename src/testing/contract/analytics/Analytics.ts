import { Order as By, Effect, Option, Random } from "effect"
import { type DatedOrderTotals, salesOf, startBefore } from "../../../domain/analytics/Sales.ts"
import { type OrderTotals, orderTotals, type Period, summarize } from "../../../domain/analytics/Summary.ts"
import { byUnitsSold, type ProductSales, topProducts } from "../../../domain/analytics/TopProducts.ts"
import type { Product } from "../../../domain/catalog/Product.ts"
import { statuses } from "../../../domain/orders/Lifecycle.ts"
import type { Order } from "../../../domain/orders/Order.ts"
import { maxPriceMinor } from "../../../domain/shared/Money.ts"
import { AnalyticsStore } from "../../../ports/AnalyticsStore.ts"
import { CatalogStore } from "../../../ports/CatalogStore.ts"
import { PaymentStore } from "../../../ports/PaymentStore.ts"
import {
  category,
  type Fixture,
  type Lines,
  newAttribution,
  newCustomer,
  newNoon,
  newOperation,
  orderIn,
  product
} from "../Given.ts"
import { type Law, law, same } from "../Law.ts"

const day = 86_400_000

const at = (time: number) => new Date(time)

const byStatus = By.mapInput(By.String, ({ status, currency }: OrderTotals) => `${status} ${currency}`)

/** Merges totals with the same status and currency. */
const merged = (list: ReadonlyArray<OrderTotals>): ReadonlyArray<OrderTotals> => {
  const sums = new Map<string, OrderTotals>()
  for (const totals of list) {
    const key = `${totals.status} ${totals.currency}`
    const { status, currency } = totals
    const known: OrderTotals = sums.get(key) ?? { status, currency, orders: 0, amount: 0n }
    const refunds = [known.refunded, totals.refunded].filter((amount) => amount !== undefined)
    sums.set(key, {
      ...known,
      orders: known.orders + totals.orders,
      amount: known.amount + totals.amount,
      ...(refunds.length > 0 && { refunded: refunds.reduce((sum, amount) => sum + amount) })
    })
  }
  return [...sums.values()].sort(byStatus)
}

/** Makes a customer and one product at a price. An order has one currency. */
const shopIn = Effect.fnUntraced(function* (currency: string, amount: number) {
  const { id: categoryId } = yield* category
  const sold = yield* product({ categoryId, stock: 1_000_000, price: { amount, currency } })
  const shop: Fixture = { customerId: yield* newCustomer, products: [sold] }
  return shop
})

const readTotals = (period: Period) =>
  AnalyticsStore.use((store) => Effect.map(store.orderTotals(period), merged))

/** Checks that the order totals of a period are those of exactly these orders. */
const totalsOnly = Effect.fnUntraced(function* (period: Period, orders: ReadonlyArray<Order>) {
  const found = yield* readTotals(period)
  const expected = merged(orders.map(orderTotals))
  yield* same(found, expected)
  yield* same(summarize(found), summarize(expected))
})

/** Refunds an order twice, charges it back, and makes operations that are no refunds: pending, refused, or failed later. */
const refundTwice = Effect.fnUntraced(function* ({ id: orderId, total: { currency } }: Order, each: number) {
  const store = yield* PaymentStore
  const money = (amount: number) => ({ amount, currency })
  const record = function* (kind: "refund" | "chargeback", amount: number) {
    return yield* store.recordOperation(
      { kind, orderId, amount: money(amount) },
      yield* newOperation,
      undefined
    )
  }
  for (const amount of [each, each]) yield* record("refund", amount)
  yield* record("chargeback", 100)
  for (const outcomes of [[], ["CANCELLED"], ["APPROVED", "DECLINED"]] as const) {
    const request = { kind: "refund", orderId, amount: money(1000) } as const
    const { value } = yield* store.reserve(request, yield* newOperation, undefined, undefined)
    for (const outcome of outcomes)
      yield* store.settleOperation(value.operation.id, outcome, yield* newAttribution, undefined)
  }
})

export const analyticsLaws: ReadonlyArray<Law> = [
  law(
    "the order totals of a period agree with the domain's summary, for every status and currency",
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
      yield* totalsOnly({ from: at(noon), to: at(noon + day) }, orders)
    })
  ),

  law(
    "a period includes its start, excludes its end, and selects orders by the time of placing",
    Effect.gen(function* () {
      const noon = yield* newNoon(5000, 8000)
      const own = yield* shopIn("EUR", 5)
      const place = (time: number) => orderIn("PAID", own, [[own.products[0], 1]], { at: at(time) })
      const [before, first, last, after] = yield* Effect.forEach(
        [noon - 1, noon, noon + 999, noon + 1000],
        place
      )
      const all = [before, first, last, after].filter((order) => order !== undefined)
      yield* totalsOnly({ from: at(noon), to: at(noon + 1000) }, all.slice(1, 3))
      yield* totalsOnly({ from: at(noon - 1), to: at(noon + 1001) }, all)
      yield* totalsOnly({ from: at(noon), to: at(noon) }, [])
      yield* totalsOnly({ from: at(noon + 1000), to: at(noon) }, [])
      yield* totalsOnly({ from: at(noon + day), to: at(noon + 2 * day) }, [])
    })
  ),

  law(
    "a missing end of a period is unbounded",
    Effect.gen(function* () {
      const own = yield* shopIn("EUR", 7)
      const [early, late] = [yield* newNoon(1000, 1500), yield* newNoon(8000, 9000)]
      for (const [time, period] of [
        [early, { to: at(early + 1) }],
        [late, { from: at(late) }],
        [late, {}]
      ] as const) {
        const before = yield* readTotals(period)
        const order = yield* orderIn("COMPLETED", own, [[own.products[0], 3]], { at: at(time) })
        yield* same(yield* readTotals(period), merged([...before, orderTotals(order)]))
      }
    })
  ),

  law(
    "sums are exact, however large [R2]",
    Effect.gen(function* () {
      const noon = yield* newNoon(2100, 5000)
      const own = yield* shopIn("EUR", maxPriceMinor - 1)
      const orders = yield* Effect.forEach([9007, 9007, 9006, 1], (quantity, i) =>
        orderIn("PAID", own, [[own.products[0], quantity]], { at: at(noon + i) })
      )
      yield* totalsOnly({ from: at(noon), to: at(noon + day) }, orders)
    })
  ),

  law(
    "the date range of a period extends from its first order to its last, in any status",
    Effect.gen(function* () {
      const noon = yield* newNoon(2100, 5000)
      const own = yield* shopIn("EUR", 5)
      const place = (status: Order["status"], time: number) =>
        orderIn(status, own, [[own.products[0], 1]], { at: at(time) })
      yield* place("CREATED", noon + 7)
      yield* place("PAID", noon + 3000)
      yield* place("FAILED", noon + 2000)
      const store = yield* AnalyticsStore
      const spanOf = (from: number, to: number) => store.dateRange({ from: at(from), to: at(to) })
      const span = (first: number, last: number) => Option.some({ first: at(first), last: at(last) })
      yield* same(yield* spanOf(noon, noon + day), span(noon + 7, noon + 3000))
      yield* same(yield* spanOf(noon + 8, noon + 3000), span(noon + 2000, noon + 2000))
      yield* same(yield* spanOf(noon + 8, noon + 9), Option.none())
    })
  ),

  law(
    "orders are totalled from each start until the next, for every status and currency [R1]",
    Effect.gen(function* () {
      const noon = yield* newNoon(2100, 5000)
      const store = yield* AnalyticsStore
      const begin = [noon + 10, noon + 20, noon + 500, noon + 1000].map(at)
      const period = { from: at(noon), to: at(noon + 5000) }
      const expected: Array<DatedOrderTotals> = []
      for (const currency of ["EUR", "JPY"]) {
        const own = yield* shopIn(currency, 3)
        for (const [i, after] of [0, 9, 10, 19, 20, 400, 1000, 4999, 5000].entries()) {
          const status = statuses[i % statuses.length] ?? "PAID"
          const order = yield* orderIn(status, own, [[own.products[0], i + 1]], { at: at(noon + after) })
          const start = startBefore(begin, order.createdAt)
          if (start !== undefined && after < 5000) expected.push({ ...orderTotals(order), start })
        }
      }
      const found = yield* store.orderTotalsFrom(begin, period)
      const from = (list: ReadonlyArray<DatedOrderTotals>) =>
        begin.map((start) => merged(list.filter((totals) => totals.start.getTime() === start.getTime())))
      yield* same(from(found), from(expected))
      yield* same(salesOf(found), salesOf(expected))
    })
  ),

  law(
    "approved refunds count in the period and interval in which their order was placed, for every status and currency",
    Effect.gen(function* () {
      const noon = yield* newNoon(2100, 5000)
      const store = yield* AnalyticsStore
      const begin = [noon, noon + 1000].map(at)
      const period = { from: at(noon), to: at(noon + 2000) }
      const expected: Array<DatedOrderTotals> = []
      const charged = ["PAID", "SHIPPED", "COMPLETED", "CANCELLED"] as const
      for (const [shift, currency] of [
        [0, "EUR"],
        [2, "JPY"]
      ] as const) {
        const own = yield* shopIn(currency, 2000)
        for (const [i, after] of [-1, 0, 999, 1000, 1999, 2000].entries()) {
          const status = charged[(i + shift) % charged.length] ?? "PAID"
          const order = yield* orderIn(status, own, [[own.products[0], 5]], { at: at(noon + after) })
          const each = 2 ** i
          yield* refundTwice(order, each)
          const start = startBefore(begin, order.createdAt)
          if (start !== undefined && after < 2000)
            expected.push({ ...orderTotals(order), refunded: BigInt(2 * each), start })
        }
        for (const status of ["PAID", "FAILED", "CREATED"] as const) {
          const order = yield* orderIn(status, own, [[own.products[0], 1]], { at: at(noon) })
          expected.push({ ...orderTotals(order), start: at(noon) })
        }
      }
      yield* same(yield* readTotals(period), merged(expected))
      yield* same(summarize(yield* store.orderTotals(period)), summarize(expected))
      const found = yield* store.orderTotalsFrom(begin, period)
      const from = (list: ReadonlyArray<DatedOrderTotals>) =>
        begin.map((start) => merged(list.filter((totals) => totals.start.getTime() === start.getTime())))
      yield* same(from(found), from(expected))
      yield* same(salesOf(found), salesOf(expected))
    })
  ),

  law(
    "the best-selling products are sorted by units in revenue orders, then by id, with their current names",
    Effect.gen(function* () {
      const noon = yield* newNoon(2100, 5000)
      const store = yield* AnalyticsStore
      const catalog = yield* CatalogStore
      const { id: categoryId } = yield* category
      const newOne = product({ categoryId, stock: 1000 })
      const [a, b, c, d] = [yield* newOne, yield* newOne, yield* newOne, yield* newOne]
      const own: Fixture = { customerId: yield* newCustomer, products: [a, b, c, d] }
      const sell = (lines: Lines, status: Order["status"] = "PAID", after = 0) =>
        orderIn(status, own, lines, { at: at(noon + after) })
      yield* sell([
        [a, 2],
        [b, 5]
      ])
      yield* sell(
        [
          [b, 4],
          [c, 9]
        ],
        "COMPLETED",
        999
      )
      yield* sell([[d, 1]])
      yield* sell([[d, 1]])
      for (const status of ["CREATED", "SHIPPED", "FAILED"] as const) yield* sell([[a, 100]], status)
      for (const after of [-1, 1000]) yield* sell([[a, 100]], "PAID", after)
      const dearer = { amount: b.price.amount + 1, currency: "JPY" }
      yield* catalog.changeProduct(b.id, { name: "renamed", price: dearer }, at(noon), undefined)
      yield* sell([[b, 1]], "PAID", 500)

      const sold = ({ id: productId, name, price }: Product, units: number): ProductSales => ({
        productId,
        name,
        units,
        revenue: [{ currency: price.currency, amount: BigInt(price.amount * units) }]
      })
      const two = [...sold(b, 9).revenue, ...sold({ ...b, price: dearer }, 1).revenue]
      const expected = [
        { ...sold(b, 10), name: "renamed", revenue: two },
        sold(c, 9),
        ...[sold(a, 2), sold(d, 2)].sort(byUnitsSold)
      ]
      const period = { from: at(noon), to: at(noon + 1000) }
      for (const take of [1, 2, 3, 4, 100]) {
        const found = yield* store.bestSellers(period, take)
        yield* same(topProducts(found), topProducts(expected.slice(0, take)))
      }
      yield* same(yield* store.bestSellers({ from: at(noon), to: at(noon) }, 100), [])
    })
  )
]
