import { expect, test } from "vitest"
import { created, expectFaults, ok } from "../support/Expect.ts"
import { cancel, newOrder, newProduct, orderIn, pay, refund, seen, usd } from "../support/Given.ts"
import { suite } from "../support/Shop.ts"
import type { Order, OrderStatus, Sale, Summary } from "../support/Types.ts"

const eur = (amount: number) => ({ amount, currency: "EUR" })
const yen = (amount: number) => ({ amount, currency: "JPY" })

interface Items {
  readonly items: ReadonlyArray<unknown>
}

suite("Analytics over HTTP", (shop) => {
  const summary = (query = "") => ok(shop.admin.get<Summary>(`/analytics/summary${query}`))
  const nothing = {
    orders: 0,
    revenue: [],
    inTransit: [],
    ordersByStatus: { CREATED: 0, PAID: 0, SHIPPED: 0, COMPLETED: 0, FAILED: 0 }
  }

  test("an empty shop, then every status and three currencies", async () => {
    expect(await summary()).toEqual(nothing)
    const customer = await shop.newCustomer()
    const prices = {
      USD: await newProduct(shop, { price: usd(100), stock: 100 }),
      EUR: await newProduct(shop, { price: eur(7), stock: 100 }),
      JPY: await newProduct(shop, { price: yen(10 ** 12), stock: 100 })
    }
    const placed: ReadonlyArray<readonly [OrderStatus, keyof typeof prices, number]> = [
      ["CREATED", "USD", 50],
      ["PAID", "USD", 1],
      ["PAID", "EUR", 3],
      ["SHIPPED", "USD", 5],
      ["SHIPPED", "JPY", 2],
      ["COMPLETED", "USD", 7],
      ["COMPLETED", "EUR", 11],
      ["FAILED", "USD", 13]
    ]
    for (const [status, currency, quantity] of placed) {
      await orderIn(status, shop, customer, [prices[currency], quantity])
    }
    expect(await summary()).toEqual({
      orders: 8,
      revenue: [eur(7 * 14), usd(100 * 8)],
      inTransit: [yen(2 * 10 ** 12), usd(500)],
      ordersByStatus: { CREATED: 1, PAID: 2, SHIPPED: 2, COMPLETED: 2, FAILED: 1 }
    })
  })

  test("a period is [from, to) by the time an order was placed", async () => {
    const customer = await shop.newCustomer()
    const mug = await newProduct(shop, { price: usd(10) })
    const order = await newOrder(customer, [mug, 2])
    await pay(customer, order)
    const later = async (than: Order) => {
      for (;;) {
        const next = await newOrder(customer, [mug, 1])
        if (next.createdAt > than.createdAt) return next
      }
    }
    const next = await later(order)
    const at = ({ createdAt }: Order) => encodeURIComponent(createdAt)
    expect(await summary(`?from=${at(order)}&to=${at(next)}`)).toMatchObject({ revenue: [usd(20)] })
    expect(await summary(`?from=${at(order)}&to=${at(order)}`)).toEqual(nothing)
    expect(await summary(`?from=2100-01-01T00:00:00Z`)).toEqual(nothing)
    expect(await summary(`?to=2000-01-01T00:00:00%2B02:00`)).toEqual(nothing)
    expect((await summary(`?from=${at(next)}`)).ordersByStatus.CREATED).toBeGreaterThan(0)
    expect(await seen(shop, next)).toMatchObject({ status: "CREATED" })
  })

  test("refunds are a sum of their own, and absent until one was approved", async () => {
    const customer = await shop.newCustomer()
    const [mug, tea] = [
      await newProduct(shop, { price: usd(1000), stock: 100 }),
      await newProduct(shop, { price: eur(500) })
    ]
    const since = await orderIn("COMPLETED", shop, customer, [mug, 2])
    const cancelled = await orderIn("PAID", shop, customer, [tea, 3])
    const period = `?from=${encodeURIComponent(since.createdAt)}`
    const before = await summary(period)
    expect(Object.keys(before)).toEqual(["orders", "revenue", "inTransit", "ordersByStatus"])
    expect(before.revenue).toEqual([eur(1500), usd(2000)])
    const sales = async () =>
      (await ok(shop.admin.get<{ items: ReadonlyArray<Sale> }>(`/analytics/sales${period}&interval=month`)))
        .items
    expect((await sales()).map((sale) => Object.keys(sale))).toEqual([["start", "orders", "revenue"]])

    await refund(shop, since, { amount: usd(300) })
    await refund(shop, since, { amount: usd(45) })
    await created(
      shop.admin.post(`/orders/${since.id}/payment-operations`, { kind: "chargeback", amount: usd(700) })
    )
    const refunds = [usd(345)]
    expect(await summary(period)).toEqual({ ...before, refunds })
    expect(await sales()).toMatchObject([{ orders: 2, revenue: before.revenue, refunds }])

    await cancel(shop, cancelled, { refund: true })
    const all = { revenue: [usd(2000)], refunds: [eur(1500), usd(345)] }
    expect(await summary(period)).toMatchObject(all)
    expect(await sales()).toMatchObject([{ orders: 1, ...all }])
  })

  test("an offset says the same moment", async () => {
    const customer = await shop.newCustomer()
    const { createdAt } = await newOrder(customer, [await newProduct(shop), 1])
    const inTokyo = new Date(Date.parse(createdAt) + 9 * 3_600_000).toISOString().replace("Z", "+09:00")
    const [utc, tokyo] = [createdAt, inTokyo].map((from) => summary(`?from=${encodeURIComponent(from)}`))
    expect(await tokyo).toEqual(await utc)
  })

  test.each([
    "yesterday",
    "2026-01-01",
    "2026-13-01T00:00:00Z",
    "2026-02-30T00:00:00Z",
    "2026-04-31T00:00:00Z",
    "2026-04-30T24:00:00Z",
    "2026-01-01T00:00:00",
    "1",
    ""
  ])("%j is no time", async (from) => {
    expectFaults(await shop.admin.get(`/analytics/summary?from=${from}`), "/from")
  })

  test("every fault of a period is listed", async () => {
    expectFaults(await shop.admin.get("/analytics/summary?from=x&to=y"), "/from", "/to")
  })

  test("revenue that JSON cannot carry exactly is named as text, beside the other currencies", async () => {
    const customer = await shop.newCustomer()
    const dear = await newProduct(shop, { price: { amount: 10 ** 12, currency: "CHF" }, stock: 20_000 })
    await orderIn("PAID", shop, customer, [dear, 9007])
    const before = await summary()
    expect(before).not.toHaveProperty("revenueOverflow")
    await orderIn("PAID", shop, customer, [dear, 1])
    const revenueOverflow = [{ amount: `${9008n * 10n ** 12n}`, currency: "CHF" }]
    const after = await summary()
    expect(after).toMatchObject({ orders: before.orders + 1, revenueOverflow })
    expect(after.revenue).toEqual(before.revenue.filter(({ currency }) => currency !== "CHF"))
    const { items: sales } = await ok(shop.admin.get<Items>("/analytics/sales?interval=month"))
    expect(sales).toMatchObject([{ revenueOverflow }])
    const { items: products } = await ok(shop.admin.get<Items>("/analytics/top-products?limit=1"))
    expect(products).toMatchObject([{ productId: dear.id, units: 9008, revenue: [], revenueOverflow }])
  })
})
