import { expect, test } from "vitest"
import { expectFaults, expectProblem, ok } from "../support/Expect.ts"
import { books, historyOf, newOrder, newProduct, orderIn, productNow, seen } from "../support/Given.ts"
import { suite } from "../support/Shop.ts"
import type { Items, Order, OrderEvent } from "../support/Types.ts"

suite("The life of an order over HTTP", (shop) => {
  const { admin } = shop

  test("a paid order is shipped and completed, and its history says by whom", async () => {
    const customer = await shop.newCustomer()
    const order = await orderIn("COMPLETED", shop, customer, [await newProduct(shop), 1])
    expect(order).toMatchObject({ status: "COMPLETED", version: 4 })
    const history = await historyOf(shop, order)
    expect(history.map(({ sequence, event, from, to }) => [sequence, event, from, to])).toEqual([
      [1, "placed", null, "CREATED"],
      [2, "paid", "CREATED", "PAID"],
      [3, "shipped", "PAID", "SHIPPED"],
      [4, "completed", "SHIPPED", "COMPLETED"]
    ])
    const [placed, paid, shipped, completed] = history.map(({ actor }) => actor)
    expect([placed, paid]).toEqual([customer.id, customer.id])
    expect(shipped).toBe(completed)
    expect(shipped).not.toBe(customer.id)
    expect(order.updatedAt).toBe(history.at(-1)?.at)
    const own = await ok(customer.get<Items<OrderEvent>>(`/orders/${order.id}/history`))
    expect(own.items).toEqual(history)
  })

  test.each([
    ["CREATED", "SHIPPED"],
    ["CREATED", "COMPLETED"],
    ["PAID", "COMPLETED"],
    ["SHIPPED", "SHIPPED"],
    ["COMPLETED", "COMPLETED"],
    ["COMPLETED", "SHIPPED"],
    ["FAILED", "SHIPPED"],
    ["FAILED", "COMPLETED"]
  ] as const)("an order that is %s cannot become %s", async (from, to) => {
    const customer = await shop.newCustomer()
    const mug = await newProduct(shop)
    const order = await orderIn(from, shop, customer, [mug, 1])
    const before = await books(shop, customer, mug)
    expectProblem(await admin.patch(`/orders/${order.id}`, { status: to }), 409, "illegal-transition", {
      from,
      to
    })
    expect(await books(shop, customer, mug)).toEqual(before)
  })

  test.each(["PAID", "FAILED", "CREATED", "shipped", "", null, 1])(
    "an admin cannot make an order %j by hand",
    async (status) => {
      const order = await orderIn("PAID", shop, await shop.newCustomer(), [await newProduct(shop), 1])
      expectFaults(await admin.patch(`/orders/${order.id}`, { status }), "/status")
      expect(await seen(shop, order)).toEqual(order)
    }
  )

  test("an admin expires an unpaid order, once, and its stock comes back", async () => {
    const customer = await shop.newCustomer()
    const mug = await newProduct(shop, { stock: 5 })
    const order = await newOrder(customer, [mug, 5])
    expect((await ok(admin.post<Order>(`/orders/${order.id}/expire`))).status).toBe("FAILED")
    expect((await productNow(shop, mug)).stock).toBe(5)
    const again = await admin.post(`/orders/${order.id}/expire`)
    expectProblem(again, 409, "illegal-transition", { from: "FAILED", to: "FAILED" })
    expect((await productNow(shop, mug)).stock).toBe(5)
    expect((await historyOf(shop, order)).map(({ event }) => event)).toEqual(["placed", "expired"])
  })
})
