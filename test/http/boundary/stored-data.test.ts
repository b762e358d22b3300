import { type Context, Effect, Layer } from "effect"
import { describe, expect, test } from "vitest"
import * as Memory from "../../../src/adapters/memory/index.ts"
import { storeUnderEarlierRules } from "../../../src/testing/contract/operations/StoredData.ts"
import { ok } from "../support/Expect.ts"
import { open } from "../support/Shop.ts"
import type { Order, Page, Product } from "../support/Types.ts"

type Stored = Effect.Success<typeof storeUnderEarlierRules>

describe("What is stored, although no request may bring it today,", () => {
  let stored: Stored | undefined
  const stores = Layer.tap(Memory.layer, (context) =>
    Effect.map(Effect.provideContext(storeUnderEarlierRules, context as Context.Context<never>), (kept) => {
      stored = kept
    })
  )
  const { admin, nobody } = open({ stores: stores as never })
  const kept = () => {
    if (stored === undefined) throw new Error("Nothing is stored")
    return stored
  }

  test("is listed, page by page, in every order", async () => {
    const price = { amount: 700, currency: "ZZZ" }
    for (const sort of ["newest", "name", "price", "-price"]) {
      const page = await ok(nobody.get<Page<Product>>(`/products?sort=${sort}&limit=1`))
      expect(page.items).toMatchObject([{ name: kept().product.name, price: { ...price, amount: 5 } }])
    }
    const { items } = await ok(nobody.get<Page<{ readonly name: string }>>("/categories"))
    expect(items.map(({ name }) => name)).toEqual([kept().category.name])
    const orders = await ok(admin.get<Page<Order>>("/orders"))
    expect(orders.items).toMatchObject([{ customerId: kept().order.customerId }])
  })

  test("is shown by itself", async () => {
    const { order, product } = kept()
    expect(await ok(nobody.get(`/products/${product.id}`))).toMatchObject({ sku: product.sku })
    expect(await ok(admin.get(`/orders/${order.id}`))).toMatchObject({ metadata: order.metadata })
    expect(await ok(admin.get(`/orders/${order.id}/history`))).toMatchObject({ items: [{}, {}, {}, {}, {}] })
    expect(await ok(admin.get(`/orders/${order.id}/payments`))).toMatchObject({ items: [{}] })
  })

  test("is counted in every report", async () => {
    const revenue = [{ amount: 7_500_000, currency: "ZZZ" }]
    expect(await ok(admin.get("/analytics/summary"))).toMatchObject({ revenue })
    expect(await ok(admin.get("/analytics/sales?interval=day"))).toMatchObject({ items: [{ revenue }] })
    expect(await ok(admin.get("/analytics/top-products"))).toMatchObject({
      items: [{ name: kept().product.name, revenue }]
    })
  })
})
