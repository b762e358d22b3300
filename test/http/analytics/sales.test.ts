import { expect, test } from "vitest"
import { expectFaults, ok } from "../support/Expect.ts"
import { newProduct, orderIn, usd } from "../support/Given.ts"
import { suite } from "../support/Shop.ts"
import type { Items, OrderStatus, Product, Sale, Summary, TopProduct } from "../support/Types.ts"

const eur = (amount: number) => ({ amount, currency: "EUR" })

suite("Sales over HTTP", (shop) => {
  const sales = (query: string) => ok(shop.admin.get<Items<Sale>>(`/analytics/sales?${query}`))
  const top = (query = "") => ok(shop.admin.get<Items<TopProduct>>(`/analytics/top-products${query}`))
  const sell = async (status: OrderStatus, product: Product, quantity: number) =>
    orderIn(status, shop, await shop.newCustomer(), [product, quantity])

  test("of an empty shop there are none", async () => {
    expect(await sales("interval=day")).toEqual({ items: [] })
    expect(await top()).toEqual({ items: [] })
  })

  test("are orders and revenue of what is paid or completed, from when the day, week or month began", async () => {
    const [mug, tea] = [
      await newProduct(shop, { price: usd(100), stock: 100 }),
      await newProduct(shop, { price: eur(7) })
    ]
    for (const status of ["CREATED", "SHIPPED", "FAILED"] as const) await sell(status, mug, 10)
    await sell("PAID", mug, 2)
    await sell("COMPLETED", tea, 3)
    const { createdAt } = await sell("PAID", mug, 1)

    for (const interval of ["day", "week", "month"]) {
      for (const zone of ["UTC", "Pacific/Kiritimati", "America/St_Johns"]) {
        const { items } = await sales(`interval=${interval}&timeZone=${zone}`)
        expect(items.reduce((sum, { orders }) => sum + orders, 0)).toBe(3)
        const [last] = items.slice(-1)
        expect(last && last.start <= createdAt).toBe(true)
        const clock = new Date(last?.start ?? "").toLocaleTimeString("en-GB", { timeZone: zone })
        expect(clock).toBe("00:00:00")
        const weekday = new Date(last?.start ?? "").toLocaleDateString("en", {
          timeZone: zone,
          weekday: "long"
        })
        if (interval === "week") expect(weekday).toBe("Monday")
      }
    }
    const { items } = await sales("interval=month")
    const { revenue } = await ok(shop.admin.get<Summary>("/analytics/summary"))
    expect(revenue).toEqual([eur(21), usd(300)])
    if (items.length === 1) expect(items[0]?.revenue).toEqual(revenue)

    const at = encodeURIComponent(createdAt)
    expect((await sales(`interval=day&from=${at}`)).items).toMatchObject([{ orders: 1, revenue: [usd(100)] }])
    expect(await sales(`interval=day&to=2000-01-01T00:00:00Z`)).toEqual({ items: [] })
    expect(await top(`?from=${at}`)).toMatchObject({ items: [{ productId: mug.id, units: 1 }] })
  })

  test("of products come with their present names, most units first", async () => {
    const [mug, tea] = [await newProduct(shop, { stock: 5000 }), await newProduct(shop, { stock: 5000 })]
    await sell("PAID", mug, 1000)
    await sell("PAID", tea, 2000)
    await ok(shop.admin.patch(`/products/${mug.id}`, { name: "Cup" }))
    const { items } = await top("?limit=2")
    expect(items).toEqual([
      {
        productId: tea.id,
        name: tea.name,
        units: 2000,
        revenue: [{ ...tea.price, amount: 2000 * tea.price.amount }]
      },
      {
        productId: mug.id,
        name: "Cup",
        units: 1000,
        revenue: [{ ...mug.price, amount: 1000 * mug.price.amount }]
      }
    ])
    expect((await top()).items.slice(0, 2)).toEqual(items)
  })

  test.each([
    ["sales", "/interval"],
    ["sales?interval=year", "/interval"],
    ["sales?interval=Day", "/interval"],
    ["sales?interval=day&timeZone=Mars/Olympus", "/timeZone"],
    ["sales?interval=day&timeZone=%2B01:00", "/timeZone"],
    ["sales?interval=day&timeZone=", "/timeZone"],
    ["sales?interval=day&timeZone=UTC&timeZone=UTC", "/timeZone"],
    ["sales?interval=day&from=yesterday", "/from"],
    ["top-products?limit=0", "/limit"],
    ["top-products?limit=101", "/limit"],
    ["top-products?limit=ten", "/limit"],
    ["top-products?to=2026-01-01", "/to"]
  ])("%s is refused at %s", async (query, path) => {
    expectFaults(await shop.admin.get(`/analytics/${query}`), path)
  })

  test("that JSON cannot carry exactly are named as text in their interval, and change nothing else [R2]", async () => {
    const dear = await newProduct(shop, { price: { amount: 10 ** 12, currency: "CHF" }, stock: 20_000 })
    await sell("PAID", dear, 9007)
    const { createdAt } = await sell("PAID", dear, 1)
    const revenueOverflow = [{ amount: `${9008n * 10n ** 12n}`, currency: "CHF" }]
    for (const query of ["sales?interval=month", "top-products?limit=100"]) {
      const { items } = await ok(shop.admin.get<{ items: ReadonlyArray<object> }>(`/analytics/${query}`))
      const large = items.filter((item) => "revenueOverflow" in item)
      expect(large).toMatchObject([{ revenueOverflow }])
    }
    const since = `/analytics/sales?interval=day&from=${encodeURIComponent(createdAt)}`
    const { items } = await ok(shop.admin.get<{ items: ReadonlyArray<object> }>(since))
    expect(items).toMatchObject([{ revenue: [{ amount: 10 ** 12, currency: "CHF" }] }])
    expect(items[0]).not.toHaveProperty("revenueOverflow")
  })
})
