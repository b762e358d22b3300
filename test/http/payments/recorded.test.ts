import { expect, test } from "vitest"
import { layerNoGateway } from "../../../src/services/NoGateway.ts"
import { created, expectFaults, expectProblem, ok } from "../support/Expect.ts"
import {
  books,
  newOrder,
  newProduct,
  operationsOf,
  pay,
  paymentsOf,
  productNow,
  seen,
  usd
} from "../support/Given.ts"
import { suite, type TestShop } from "../support/Shop.ts"
import type { Payment } from "../support/Types.ts"

const withKey = () => ({ "idempotency-key": crypto.randomUUID() })
const replayed = ({ headers }: { readonly headers: Headers }) => headers.get("idempotent-replayed")
const unknown = "0198c0de-0000-7000-8000-000000000001"

const unpaid = async (shop: TestShop, quantity = 2) => {
  const customer = await shop.newCustomer()
  const mug = await newProduct(shop, { price: usd(1000), stock: 5 })
  return { customer, mug, order: await newOrder(customer, [mug, quantity]) }
}

const invoice = (outcome: string) => ({ paymentMethod: "invoice-4711", outcome })

suite(
  "A shop that charges its customers itself",
  (shop) => {
    const { admin } = shop
    const path = ({ id }: { readonly id: string }) => `/orders/${id}/recorded-payments`

    test("takes no payment of a customer, whatever the method", async () => {
      const { customer, mug, order } = await unpaid(shop)
      const before = await books(shop, customer, mug)
      for (const paymentMethod of ["sim_approve", "sim_decline", "card", "none"]) {
        const refused = await customer.post(`/orders/${order.id}/payments`, { paymentMethod })
        expectFaults(refused, "/paymentMethod")
      }
      expect(await books(shop, customer, mug)).toEqual(before)
    })

    test("records a charge once per key: the order is PAID", async () => {
      const { order } = await unpaid(shop)
      const key = withKey()
      const first = await admin.post<Payment>(path(order), invoice("APPROVED"), key)
      expect(first.status).toBe(201)
      expect(first.headers.get("location")).toBe(`/orders/${order.id}/payments`)
      expect(first.body).toMatchObject({
        status: "APPROVED",
        paymentMethod: "invoice-4711",
        amount: usd(2000),
        orderStatus: "PAID"
      })
      const again = await admin.post<Payment>(path(order), invoice("APPROVED"), key)
      expect([again.status, replayed(again), again.body]).toEqual([201, "true", first.body])
      expectProblem(await admin.post(path(order), invoice("DECLINED"), key), 422, "idempotency-key-reused")
      const unkeyed = await admin.post(path(order), invoice("APPROVED"))
      expectProblem(unkeyed, 409, "order-not-payable", { orderStatus: "PAID" })
      expect(await paymentsOf(shop, order)).toEqual([first.body])
    })

    test("records a decline, which fails the order, and a cancellation, after which it can be paid", async () => {
      const { mug, order } = await unpaid(shop)
      const cancelled = await created(admin.post<Payment>(path(order), invoice("CANCELLED")))
      expect(cancelled).toMatchObject({ status: "CANCELLED", orderStatus: "CREATED" })
      const declined = await created(admin.post<Payment>(path(order), invoice("DECLINED")))
      expect(declined).toMatchObject({ status: "DECLINED", orderStatus: "FAILED" })
      expect((await productNow(shop, mug)).stock).toBe(5)
    })

    test("records the refund of its charge, and asks no gateway for one", async () => {
      const { order } = await unpaid(shop)
      await created(admin.post(path(order), invoice("APPROVED")))
      expectFaults(await admin.post(`/orders/${order.id}/refunds`, { amount: usd(500) }), "")
      const refund = { kind: "refund", amount: usd(500) }
      await created(admin.post(`/orders/${order.id}/payment-operations`, refund))
      expect(await operationsOf(shop, order)).toMatchObject([{ kind: "refund", status: "APPROVED" }])
    })

    test("lets no customer record anything, not even of an own order", async () => {
      const { customer, mug, order } = await unpaid(shop)
      const before = await books(shop, customer, mug)
      expectProblem(await customer.post(path(order), invoice("APPROVED")), 403, "forbidden")
      expectProblem(
        await customer.put(`/payments/${unknown}/outcome`, { outcome: "APPROVED" }),
        403,
        "forbidden"
      )
      expect(await books(shop, customer, mug)).toEqual(before)
    })

    test("refuses unknown orders and wrong bodies", async () => {
      const { order } = await unpaid(shop)
      expectProblem(await admin.post(path({ id: unknown }), invoice("APPROVED")), 404, "order-not-found")
      expectFaults(await admin.post(path(order), invoice("AUTHORIZED")), "/outcome")
      expectFaults(await admin.post(path(order), { outcome: "APPROVED" }), "/paymentMethod")
      expectFaults(await admin.post(path(order), { ...invoice("APPROVED"), amount: usd(1) }), "/amount")
    })
  },
  { gateway: layerNoGateway }
)

suite("Outcomes that the shop's own back end records", (shop) => {
  const { admin } = shop
  const path = ({ id }: { readonly id: string }) => `/payments/${id}/outcome`

  test("settle a pending payment once; the same again changes nothing, another is refused", async () => {
    const { customer, order } = await unpaid(shop)
    const payment = await pay(customer, order, "sim_action")
    expect(payment.status).toBe("PENDING")
    const key = withKey()
    const outcome = { outcome: "APPROVED", reference: "pi_1" }
    const settled = await admin.put<Payment>(path(payment), outcome, key)
    expect([settled.status, settled.body.status, settled.body.reference]).toEqual([200, "APPROVED", "pi_1"])
    expect((await seen(shop, order)).status).toBe("PAID")
    const again = await admin.put<Payment>(path(payment), outcome, key)
    expect([again.status, replayed(again), again.body]).toEqual([200, "true", settled.body])
    expect(await ok(admin.put<Payment>(path(payment), outcome))).toEqual(settled.body)
    const declined = await admin.put(path(payment), { outcome: "DECLINED" })
    expectProblem(declined, 409, "payment-settled", { paymentId: payment.id, paymentStatus: "APPROVED" })
    expectProblem(
      await admin.put(path(payment), { outcome: "CANCELLED" }, key),
      422,
      "idempotency-key-reused"
    )
  })

  test("settle a pending refund, and answer with its payment", async () => {
    const { customer, order } = await unpaid(shop)
    await pay(customer, order, "sim_operation_timeout")
    const refund = await created(admin.post<Payment>(`/orders/${order.id}/refunds`, { amount: usd(500) }))
    expect(refund.status).toBe("PENDING")
    const payment = await ok(admin.put<Payment>(path(refund), { outcome: "APPROVED" }))
    expect(payment).toMatchObject({ orderId: order.id, status: "APPROVED", refunded: usd(500) })
    expectFaults(await admin.put(path(refund), { outcome: "AUTHORIZED" }), "/outcome")
  })

  test("of unknown payments and of no payment are refused", async () => {
    const outcome = { outcome: "APPROVED" }
    expectProblem(await admin.put(path({ id: unknown }), outcome), 404, "payment-not-found")
    expectFaults(await admin.put(path({ id: "pi_1" }), outcome), "/id")
    expectFaults(await admin.put(path({ id: unknown }), { outcome: "PENDING" }), "/outcome")
  })
})
