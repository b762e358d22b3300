import { describe, expect, test } from "vitest"
import { categories } from "../../../src/cli/extras/demo/Goods.ts"
import { type PlannedOrder, plan } from "../../../src/cli/extras/demo/Plan.ts"

const day = 86_400_000
const end = Date.UTC(2026, 10, 23)
const options = { products: 200, orders: 5000, seed: 7, end }

describe("A plan of a shop's year", () => {
  const made = plan(options)

  test("is the same for the same seed, and another one for another", () => {
    expect(plan(options)).toEqual(made)
    expect(plan({ ...options, seed: 8 }).orders).not.toEqual(made.orders)
  })

  test("has as many products and orders as it was asked for", () => {
    expect([made.products.length, made.orders.length]).toEqual([200, 5000])
    const known = new Set(categories)
    expect(made.products.every(({ category }) => known.has(category))).toBe(true)
    expect(new Set(made.products.map(({ name }) => name)).size).toBe(200)
    expect(new Set(made.products.map(({ sku }) => sku)).size).toBe(200)
  })

  test("has enough of every product, however much is ordered", () => {
    const demand = new Map<number, number>()
    for (const { product, quantity } of made.orders.flatMap(({ lines }) => lines)) {
      demand.set(product, (demand.get(product) ?? 0) + quantity)
    }
    expect(made.products.every(({ stock }, n) => stock >= (demand.get(n) ?? 0))).toBe(true)
  })

  const times = ({ placed, paid, declined, expired, shipped, completed }: PlannedOrder) =>
    [placed, paid ?? declined ?? expired, shipped, completed].filter((time) => time !== undefined)

  test("is in the order of time, and nothing comes before its year, after it, or before what it follows", () => {
    const placed = made.orders.map((order) => order.placed)
    expect(placed).toEqual(placed.toSorted((a, b) => a - b))
    for (const order of made.orders) {
      expect(times(order)).toEqual(times(order).toSorted((a, b) => a - b))
      expect(order.placed).toBeGreaterThanOrEqual(end - 365 * day)
      expect(Math.max(...times(order))).toBeLessThan(end)
    }
  })

  test("lets most orders be completed, some fail, and the last ones be on their way", () => {
    const share = (matches: (order: PlannedOrder) => boolean) => made.orders.filter(matches).length / 5000
    expect(share(({ completed }) => completed !== undefined)).toBeGreaterThan(0.85)
    expect(share(({ declined, expired }) => (declined ?? expired) !== undefined)).toBeGreaterThan(0.04)
    expect(
      share(({ shipped, completed }) => shipped !== undefined && completed === undefined)
    ).toBeGreaterThan(0)
    expect(made.orders.at(-1)?.completed).toBeUndefined()
  })

  test("grows, and has busier days than others", () => {
    const half = made.orders.filter(({ placed }) => placed >= end - 182 * day).length
    expect(half).toBeGreaterThan(2700)
    const weekend = made.orders.filter(({ placed }) => new Date(placed).getUTCDay() % 6 === 0).length
    expect(weekend / 2).toBeGreaterThan((5000 - weekend) / 5)
  })
})
