import { expect, test } from "vitest"
import { created, expectFaults, expectProblem, ok } from "../support/Expect.ts"
import {
  books,
  historyOf,
  newOrder,
  newProduct,
  orderIn,
  pay,
  paymentsOf,
  productNow,
  seen
} from "../support/Given.ts"
import { suite } from "../support/Shop.ts"
import type { Items, Payment } from "../support/Types.ts"

suite("Payments over HTTP", (shop) => {
  const unpaid = async (stock = 5, quantity = 2) => {
    const customer = await shop.newCustomer()
    const mug = await newProduct(shop, { stock })
    return { customer, mug, order: await newOrder(customer, [mug, quantity]) }
  }

  test("an approved payment makes an order PAID and keeps the stock", async () => {
    const { customer, mug, order } = await unpaid()
    const payment = await pay(customer, order, "sim_approve")
    expect(payment).toMatchObject({
      orderId: order.id,
      status: "APPROVED",
      amount: order.total,
      paymentMethod: "sim_approve",
      orderStatus: "PAID"
    })
    expect(await seen(shop, order)).toMatchObject({ status: "PAID", version: 2 })
    expect((await productNow(shop, mug)).stock).toBe(3)
    expect(await paymentsOf(shop, order)).toEqual([payment])
    const own = await ok(customer.get<Items<Payment>>(`/orders/${order.id}/payments`))
    expect(own.items).toEqual([payment])
  })

  test("a declined payment is an answer: the order is FAILED and its stock back, once", async () => {
    const { customer, mug, order } = await unpaid()
    const payment = await pay(customer, order, "sim_decline")
    expect(payment).toMatchObject({ status: "DECLINED", orderStatus: "FAILED" })
    expect(await seen(shop, order)).toMatchObject({ status: "FAILED", version: 2 })
    expect((await productNow(shop, mug)).stock).toBe(5)
    expect((await historyOf(shop, order)).map(({ event }) => event)).toEqual(["placed", "declined"])
    const again = await customer.post(`/orders/${order.id}/payments`, { paymentMethod: "sim_approve" })
    expectProblem(again, 409, "order-not-payable", { orderStatus: "FAILED" })
    expect((await productNow(shop, mug)).stock).toBe(5)
  })

  test.each(["PAID", "SHIPPED", "COMPLETED", "FAILED"] as const)(
    "an order that is %s cannot be paid",
    async (status) => {
      const customer = await shop.newCustomer()
      const mug = await newProduct(shop)
      const order = await orderIn(status, shop, customer, [mug, 1])
      const before = await books(shop, customer, mug)
      for (const paymentMethod of ["sim_approve", "sim_decline"]) {
        const answer = await customer.post(`/orders/${order.id}/payments`, { paymentMethod })
        expectProblem(answer, 409, "order-not-payable", { orderId: order.id, orderStatus: status })
      }
      expect(await books(shop, customer, mug)).toEqual(before)
    }
  )

  test("a payment that was not charged leaves the order payable", async () => {
    const { customer, order } = await unpaid()
    const cancelled = await pay(customer, order, "sim_cancel")
    expect(cancelled).toMatchObject({ status: "CANCELLED", orderStatus: "CREATED" })
    const paid = await pay(customer, order, "sim_approve")
    expect(paid).toMatchObject({ status: "APPROVED", orderStatus: "PAID" })
    expect(await paymentsOf(shop, order)).toEqual([{ ...cancelled, orderStatus: "PAID" }, paid])
  })

  test("a payment without an answer is PENDING: no second one, and no expiry, until it is settled", async () => {
    const { customer, order } = await unpaid()
    const pending = await pay(customer, order, "sim_timeout")
    expect(pending).toMatchObject({ status: "PENDING", orderStatus: "CREATED" })
    const again = await customer.post(`/orders/${order.id}/payments`, { paymentMethod: "sim_approve" })
    expectProblem(again, 409, "payment-in-progress", { orderId: order.id })
    expectProblem(await shop.admin.post(`/orders/${order.id}/expire`), 409, "payment-in-progress")
    expect(await paymentsOf(shop, order)).toEqual([pending])
  })

  test.each(["sim_unknown", "", " ", "x".repeat(201), "nul \u0000", 1, null, undefined])(
    "a payment by %j is refused",
    async (paymentMethod) => {
      const { customer, order } = await unpaid()
      expectFaults(await customer.post(`/orders/${order.id}/payments`, { paymentMethod }), "/paymentMethod")
      expect(await paymentsOf(shop, order)).toEqual([])
      expect(await seen(shop, order)).toEqual(order)
    }
  )

  test("an order for nothing is paid like any other", async () => {
    const customer = await shop.newCustomer()
    const gift = await newProduct(shop, { price: { amount: 0, currency: "USD" } })
    const order = await newOrder(customer, [gift, 1])
    expect(await pay(customer, order)).toMatchObject({ status: "APPROVED", amount: order.total })
  })

  test("of many payments at once, one counts", async () => {
    const { customer, mug, order } = await unpaid()
    const attempts = Array.from({ length: 8 }, () =>
      customer.post<Payment>(`/orders/${order.id}/payments`, { paymentMethod: "sim_approve" })
    )
    const answers = await Promise.all(attempts)
    const [winner, ...others] = answers.sort((a, b) => a.status - b.status)
    expect(winner?.status).toBe(201)
    for (const other of others) {
      expect(["payment-in-progress", "order-not-payable"], other.request).toContain(Object(other.body).code)
    }
    expect(await paymentsOf(shop, order)).toEqual([
      await created(Promise.resolve(winner ?? (answers[0] as never)))
    ])
    expect((await productNow(shop, mug)).stock).toBe(3)
  })
})
