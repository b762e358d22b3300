import { randomUUID } from "node:crypto"
import { expect, test } from "vitest"
import { created, expectFaults, expectProblem, ok } from "../support/Expect.ts"
import {
  advance,
  books,
  historyOf,
  items,
  newCategory,
  newOrder,
  newProduct,
  pay,
  productNow,
  seen,
  usd
} from "../support/Given.ts"
import { suite } from "../support/Shop.ts"
import type { Order } from "../support/Types.ts"

const nowhere = "01890000-0000-7000-8000-000000000000"

suite("Orders over HTTP", (shop) => {
  const { admin } = shop

  test("an order has what was asked for, at today's prices, and takes the stock", async () => {
    const customer = await shop.newCustomer()
    const [mug, bowl] = [
      await newProduct(shop, { name: "Mug", price: usd(1999), stock: 10, sku: randomUUID() }),
      await newProduct(shop, { name: "Bowl", price: usd(1), stock: 3 })
    ]
    const order = await newOrder(customer, [mug, 2], [bowl, 3])
    expect(order).toMatchObject({
      customerId: customer.id,
      status: "CREATED",
      items: [
        {
          productId: mug.id,
          name: "Mug",
          sku: mug.sku,
          unitPrice: usd(1999),
          quantity: 2,
          total: usd(3998)
        },
        { productId: bowl.id, name: "Bowl", sku: null, unitPrice: usd(1), quantity: 3, total: usd(3) }
      ],
      total: usd(4001),
      metadata: {},
      version: 1,
      updatedAt: order.createdAt
    })
    expect((await productNow(shop, mug)).stock).toBe(8)
    expect((await productNow(shop, bowl)).stock).toBe(0)
    expect(await ok(customer.get(`/orders/${order.id}`))).toEqual(order)
    expect(await historyOf(shop, order)).toEqual([
      { sequence: 1, event: "placed", from: null, to: "CREATED", at: order.createdAt, actor: customer.id }
    ])
  })

  test("a product named twice becomes one item, where it was named first", async () => {
    const customer = await shop.newCustomer()
    const [mug, bowl] = [await newProduct(shop), await newProduct(shop)]
    const order = await newOrder(customer, [mug, 1], [bowl, 1], [mug, 2])
    expect(order.items.map(({ productId, quantity }) => [productId, quantity])).toEqual([
      [mug.id, 3],
      [bowl.id, 1]
    ])
    expect((await productNow(shop, mug)).stock).toBe(7)
  })

  test("unknown members of a body are refused, an actor and an idempotency key among them", async () => {
    const customer = await shop.newCustomer()
    const mug = await newProduct(shop)
    const body = {
      items: [{ productId: mug.id, quantity: 1, note: "gift" }],
      customerId: nowhere,
      actor: "somebody else",
      idempotencyKey: "key",
      expected_total: mug.price
    }
    expectFaults(
      await customer.post("/orders", body),
      "/items/0/note",
      "/customerId",
      "/actor",
      "/idempotencyKey",
      "/expected_total"
    )
    expect((await productNow(shop, mug)).stock).toBe(mug.stock)
  })

  test("ids are taken in any case", async () => {
    const customer = await shop.newCustomer()
    const mug = await newProduct(shop)
    const order = await newOrder(customer, [{ id: mug.id.toUpperCase() }, 1], [mug, 1])
    expect(order.items).toMatchObject([{ productId: mug.id, quantity: 2 }])
    expect(await ok(customer.get(`/orders/${order.id.toUpperCase()}`))).toEqual(order)
  })

  test("an order keeps the price, name and SKU of its day", async () => {
    const customer = await shop.newCustomer()
    const mug = await newProduct(shop, { name: "Mug", sku: randomUUID() })
    const order = await newOrder(customer, [mug, 2])
    const change = { name: "Cup", sku: null, price: { amount: 5, currency: "EUR" }, active: false }
    await ok(admin.patch(`/products/${mug.id}`, change))
    expect(await seen(shop, order)).toEqual(order)
    expect(await pay(customer, order)).toMatchObject({ status: "APPROVED", amount: usd(3998) })
    await advance(shop, order, "SHIPPED")
    const { items, total } = await advance(shop, order, "COMPLETED")
    expect({ items, total }).toEqual({ items: order.items, total: order.total })
  })

  test("the host's metadata comes back as it was", async () => {
    const customer = await shop.newCustomer()
    const mug = await newProduct(shop)
    for (const metadata of [
      {},
      { cart: "17", "": "empty key", ключ: "🦊", constructor: "x", toString: "y" },
      { long: "x".repeat(4085) }
    ]) {
      const order = await created(customer.post<Order>("/orders", { ...items([mug, 1]), metadata }))
      expect(order.metadata).toEqual(metadata)
      expect((await seen(shop, order)).metadata).toEqual(metadata)
    }
  })

  test.each([
    [{ long: "x".repeat(4086) }, "/metadata"],
    [{ count: 1 }, "/metadata/count"],
    [{ nested: {} }, "/metadata/nested"],
    [{ "a/b~c": "nul \u0000" }, "/metadata/a~1b~0c"],
    [{ "nul \u0000": "x" }, "/metadata"],
    [["list"], "/metadata"],
    ["text", "/metadata"],
    [null, "/metadata"]
  ])("metadata like %j is refused", async (metadata, path) => {
    const customer = await shop.newCustomer()
    const mug = await newProduct(shop)
    expectFaults(await customer.post("/orders", { ...items([mug, 1]), metadata }), path)
    expect((await productNow(shop, mug)).stock).toBe(mug.stock)
  })

  test("an order is placed only at the total that the customer expects", async () => {
    const customer = await shop.newCustomer()
    const mug = await newProduct(shop, { price: usd(700) })
    const place = (expectedTotal: unknown) =>
      customer.post<Order>("/orders", { ...items([mug, 2]), expectedTotal })
    await created(place(usd(1400)))
    const before = await books(shop, customer, mug)
    for (const wrong of [usd(1399), usd(0), { amount: 1400, currency: "EUR" }]) {
      expectProblem(await place(wrong), 409, "price-changed", { total: usd(1400) })
    }
    expectFaults(await place(null), "/expectedTotal")
    expectFaults(await place({ amount: "1400", currency: "USD" }), "/expectedTotal/amount")
    expect(await books(shop, customer, mug)).toEqual(before)
  })

  test("an admin orders like anybody", async () => {
    const { id: categoryId } = await newCategory(shop)
    const mug = await newProduct(shop, { categoryId })
    const order = await newOrder(admin, [mug, 1])
    expect(await pay(admin, order)).toMatchObject({ status: "APPROVED", orderStatus: "PAID" })
  })

  test("an order that is not there", async () => {
    const data = { orderId: nowhere }
    for (const path of ["", "/history", "/payments"]) {
      expectProblem(await admin.get(`/orders/${nowhere}${path}`), 404, "order-not-found", data)
    }
    expectProblem(
      await admin.patch(`/orders/${nowhere}`, { status: "SHIPPED" }),
      404,
      "order-not-found",
      data
    )
    expectProblem(await admin.post(`/orders/${nowhere}/expire`), 404, "order-not-found", data)
    const payment = { paymentMethod: "sim_approve" }
    expectProblem(await admin.post(`/orders/${nowhere}/payments`, payment), 404, "order-not-found", data)
  })
})
