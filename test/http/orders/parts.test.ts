import { expect, test } from "vitest"
import { expectProblem, ok } from "../support/Expect.ts"
import {
  books,
  cancel,
  historyOf,
  items,
  newOrder,
  newProduct,
  orderIn,
  productNow
} from "../support/Given.ts"
import { suite } from "../support/Shop.ts"
import type { Order } from "../support/Types.ts"

suite("Parts of an order over HTTP", (shop) => {
  const { admin } = shop
  const ship = ({ id }: Order, wanted: object = {}) =>
    ok(admin.post<Order>(`/orders/${id}/shipments`, wanted))
  const takeBack = ({ id }: Order, wanted: object) => ok(admin.post<Order>(`/orders/${id}/returns`, wanted))

  test("ten are paid, six shipped, and the other four cancelled: SHIPPED, and four are in stock again", async () => {
    const mug = await newProduct(shop, { stock: 10 })
    const order = await orderIn("PAID", shop, await shop.newCustomer(), [mug, 10])
    expect((await ship(order, items([mug, 6]))).status).toBe("PAID")
    const after = await cancel(shop, order, items([mug, 4]))
    expect([after.status, after.currentTotal?.amount]).toEqual(["SHIPPED", 6 * 1999])
    expect((await productNow(shop, mug)).stock).toBe(4)
  })

  test("four are paid and two shipped: the order stays PAID with two open", async () => {
    const mug = await newProduct(shop)
    const order = await orderIn("PAID", shop, await shop.newCustomer(), [mug, 4])
    expect(await ship(order, { ...items([mug, 2]), carrier: "DHL", trackingCode: "00340" })).toMatchObject({
      status: "PAID",
      units: [{ shipped: 2, cancelled: 0 }]
    })
    expect((await historyOf(shop, order)).at(-1)).toMatchObject({
      event: "shipped",
      ...items([mug, 2]),
      carrier: "DHL",
      trackingCode: "00340"
    })
  })

  test("what was cancelled goes back into the stock once, and cannot come back", async () => {
    const mug = await newProduct(shop, { stock: 100 })
    const customer = await shop.newCustomer()
    const order = await newOrder(customer, [mug, 1])
    expect((await productNow(shop, mug)).stock).toBe(99)
    await cancel(shop, order)
    expect((await productNow(shop, mug)).stock).toBe(100)
    const before = await books(shop, customer, mug)
    expectProblem(await admin.post(`/orders/${order.id}/cancellations`, {}), 409, "illegal-transition")
    expectProblem(await admin.post(`/orders/${order.id}/returns`, items([mug, 1])), 409, "illegal-transition")
    expect(await books(shop, customer, mug)).toEqual(before)
  })

  test.each([
    [1, 268],
    [0, 267]
  ])("of one unit that comes back, %i is restocked: the stock is %i", async (restock, stock) => {
    const mug = await newProduct(shop, { stock: 268 })
    const order = await orderIn("SHIPPED", shop, await shop.newCustomer(), [mug, 1])
    await takeBack(order, { items: [{ productId: mug.id, quantity: 1, restock }] })
    expect((await productNow(shop, mug)).stock).toBe(stock)
  })

  test("one unit is taken back once", async () => {
    const mug = await newProduct(shop)
    const customer = await shop.newCustomer()
    const order = await orderIn("COMPLETED", shop, customer, [mug, 1])
    await takeBack(order, items([mug, 1]))
    const before = await books(shop, customer, mug)
    const again = await admin.post(`/orders/${order.id}/returns`, items([mug, 1]))
    expectProblem(again, 409, "insufficient-units", {
      items: [{ productId: mug.id, requested: 1, available: 0 }]
    })
    expect(await books(shop, customer, mug)).toEqual(before)
  })

  test("customers cancel their own unpaid orders as a whole, and nothing else", async () => {
    const mug = await newProduct(shop)
    const customer = await shop.newCustomer()
    const [unpaid, paid] = [
      await newOrder(customer, [mug, 2]),
      await orderIn("PAID", shop, customer, [mug, 1])
    ]
    const part = await customer.post(`/orders/${unpaid.id}/cancellations`, items([mug, 1]))
    expectProblem(part, 403, "forbidden")
    const late = await customer.post(`/orders/${paid.id}/cancellations`, {})
    expectProblem(late, 409, "illegal-transition", { from: "PAID", to: "CANCELLED" })
    const cancelled = await ok(
      customer.post<Order>(`/orders/${unpaid.id}/cancellations`, { reason: "sorry" })
    )
    expect([cancelled.status, cancelled.currentTotal?.amount]).toEqual(["CANCELLED", 0])
    expect((await historyOf(shop, unpaid)).at(-1)).toMatchObject({ actor: customer.id, reason: "sorry" })
    expect((await productNow(shop, mug)).stock).toBe(9)
  })
})
