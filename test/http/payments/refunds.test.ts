import { expect, test } from "vitest"
import { expectFaults, expectProblem, ok } from "../support/Expect.ts"
import {
  books,
  cancel,
  historyOf,
  items,
  newOrder,
  newProduct,
  operationsOf,
  orderIn,
  pay,
  paymentsOf,
  productNow,
  refund,
  refundableOf,
  seen,
  usd
} from "../support/Given.ts"
import { suite } from "../support/Shop.ts"
import type { Items, Order, PaymentOperation, Refundable } from "../support/Types.ts"

const withKey = () => ({ "idempotency-key": crypto.randomUUID() })
const replayed = ({ headers }: { readonly headers: Headers }) => headers.get("idempotent-replayed")

suite("Refunds over HTTP", (shop) => {
  const { admin } = shop
  const bought = async (quantity = 2) => {
    const customer = await shop.newCustomer()
    const mug = await newProduct(shop, { price: usd(1000) })
    return { customer, mug, order: await orderIn("PAID", shop, customer, [mug, quantity]) }
  }
  const post = ({ id }: Order, wanted?: object, headers?: Record<string, string>) =>
    admin.post<PaymentOperation>(`/orders/${id}/refunds`, wanted, headers)
  const record = ({ id }: Order, wanted: object, headers?: Record<string, string>) =>
    admin.post<PaymentOperation>(`/orders/${id}/payment-operations`, wanted, headers)

  test("an order without them has the same JSON as before", async () => {
    const { customer, order } = await bought()
    const payments = await paymentsOf(shop, order)
    expect(Object.keys(payments[0] ?? {})).toEqual([
      "id",
      "orderId",
      "status",
      "amount",
      "paymentMethod",
      "createdAt",
      "orderStatus"
    ])
    expect((await historyOf(shop, order)).map((event) => Object.keys(event))).toEqual(
      Array.from({ length: 2 }, () => ["sequence", "event", "from", "to", "at", "actor"])
    )
    expect(await ok(customer.get<Refundable>(`/orders/${order.id}/refundable`))).toEqual({
      captured: usd(2000),
      refunded: usd(0),
      pending: usd(0),
      due: usd(0),
      refundable: usd(2000)
    })
    expect(await operationsOf(shop, order)).toEqual([])
  })

  test("an unpaid order has nothing to refund", async () => {
    const mug = await newProduct(shop)
    const order = await newOrder(await shop.newCustomer(), [mug, 1])
    expect((await refundableOf(shop, order)).refundable).toEqual(usd(0))
    const paths = [post(order, {}), post(order, { amount: usd(1) })]
    for (const answer of await Promise.all(paths)) {
      expectProblem(answer, 409, "nothing-to-refund", { orderId: order.id })
    }
    const chargeback = await record(order, { kind: "chargeback", amount: usd(1) })
    expectProblem(chargeback, 409, "nothing-to-refund", { orderId: order.id })
  })

  test("what is due after a return is refunded, and then nothing is due [P13]", async () => {
    const { customer, mug, order } = await bought(3)
    await ok(admin.post(`/orders/${order.id}/shipments`, {}))
    await ok(admin.post(`/orders/${order.id}/returns`, items([mug, 2])))
    expect(await refundableOf(shop, order)).toMatchObject({ due: usd(2000), refundable: usd(3000) })
    const operation = await refund(shop, order, { reason: "too small" })
    expect(operation).toMatchObject({
      orderId: order.id,
      kind: "refund",
      status: "APPROVED",
      amount: usd(2000),
      reason: "too small"
    })
    expect(await refundableOf(shop, order)).toMatchObject({
      captured: usd(3000),
      refunded: usd(2000),
      due: usd(0),
      refundable: usd(1000)
    })
    expectProblem(await post(order, {}), 409, "nothing-to-refund")
    expect(await paymentsOf(shop, order)).toMatchObject([{ status: "APPROVED", refunded: usd(2000) }])
    expect((await historyOf(shop, order)).at(-1)).toMatchObject({ event: "refunded", amount: usd(2000) })
    const listed = await ok(customer.get<Items<PaymentOperation>>(`/orders/${order.id}/refunds`))
    expect(listed.items).toEqual([operation])
  })

  test("goodwill changes neither units, stock nor status [P14]", async () => {
    const { mug, order } = await bought()
    const stock = await productNow(shop, mug)
    await refund(shop, order, { amount: usd(500) })
    expect(await productNow(shop, mug)).toEqual(stock)
    const { version, updatedAt } = await seen(shop, order)
    expect(await seen(shop, order)).toEqual({ ...order, version, updatedAt })
  })

  test("more than is left is refused with what is left: of 20.00, 19.99 and then 0.02", async () => {
    const { customer, mug, order } = await bought()
    await refund(shop, order, { amount: usd(1999) })
    const before = await books(shop, customer, mug)
    const late = await post(order, { amount: usd(2) })
    expectProblem(late, 409, "refund-too-large", { orderId: order.id, refundable: usd(1) })
    expect(await books(shop, customer, mug)).toEqual(before)
    await refund(shop, order, { amount: usd(1) })
    expectProblem(await post(order, { amount: usd(1) }), 409, "nothing-to-refund")
  })

  test("of two at once that exceed what was charged, one is refused [P9]", async () => {
    for (let n = 0; n < 10; n++) {
      const { order } = await bought()
      const answers = await Promise.all([1, 2].map(() => post(order, { amount: usd(1200) })))
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409])
      const refused = answers.find(({ status }) => status === 409)
      if (refused) expectProblem(refused, 409, "refund-too-large", { refundable: usd(800) })
      expect((await refundableOf(shop, order)).refunded).toEqual(usd(1200))
    }
  })

  test("the same key refunds once, and another request with it is refused", async () => {
    const { order } = await bought()
    const key = withKey()
    const first = await post(order, { amount: usd(700), reason: "late" }, key)
    const again = await post(order, { reason: "late", amount: usd(700) }, key)
    expect([first.status, replayed(first), again.status, replayed(again)]).toEqual([201, null, 201, "true"])
    expect(again.body).toEqual(first.body)
    expect(again.headers.get("location")).toBe(first.headers.get("location"))
    expectProblem(await post(order, { amount: usd(701) }, key), 422, "idempotency-key-reused")
    expect((await refundableOf(shop, order)).refunded).toEqual(usd(700))
  })

  test("ten at once with one key refund once", async () => {
    const { order } = await bought()
    const key = withKey()
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => post(order, { amount: usd(100) }, key))
    )
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.id}`)).size).toBe(1)
    expect((await refundableOf(shop, order)).refunded).toEqual(usd(100))
  })

  test("a chargeback is recorded as the bank says, whatever was refunded, and nothing is refundable then", async () => {
    const { order } = await bought()
    await refund(shop, order, { amount: usd(500) })
    const key = withKey()
    const wanted = { kind: "chargeback", amount: usd(2000), reason: "dispute 7" }
    const first = await record(order, wanted, key)
    expect([first.status, replayed(first)]).toEqual([201, null])
    expect(first.body).toMatchObject({ ...wanted, status: "APPROVED" })
    const again = await record(order, wanted, key)
    expect([again.status, replayed(again), again.body]).toEqual([201, "true", first.body])
    expect(await refundableOf(shop, order)).toEqual({
      captured: usd(2000),
      refunded: usd(500),
      pending: usd(0),
      chargedBack: usd(2000),
      due: usd(0),
      refundable: usd(0)
    })
    expect((await historyOf(shop, order)).at(-1)).toMatchObject({ event: "charged-back", amount: usd(2000) })
    expect((await operationsOf(shop, order)).map(({ kind }) => kind)).toEqual(["refund", "chargeback"])
    const refunds = await ok(admin.get<Items<PaymentOperation>>(`/orders/${order.id}/refunds`))
    expect(refunds.items.map(({ kind }) => kind)).toEqual(["refund"])
  })

  test("a refund that was made elsewhere is recorded, up to what was charged", async () => {
    const { order } = await bought()
    const wanted = { kind: "refund", amount: usd(1500) }
    expect((await record(order, wanted)).body).toMatchObject({ ...wanted, status: "APPROVED" })
    expectProblem(await record(order, wanted), 409, "refund-too-large", { refundable: usd(500) })
    expect((await refundableOf(shop, order)).refunded).toEqual(usd(1500))
  })

  test.each([
    ["sim_refund_decline", "DECLINED"],
    ["sim_refund_cancel", "CANCELLED"]
  ])("by a gateway that answers as %s is %s, and gives back what it reserved", async (method, status) => {
    const mug = await newProduct(shop)
    const customer = await shop.newCustomer()
    const order = await newOrder(customer, [mug, 1])
    await pay(customer, order, method)
    expect(await refund(shop, order, { amount: usd(1) })).toMatchObject({ status })
    expect((await refundableOf(shop, order)).refundable).toEqual(order.total)
  })

  test("without an answer is PENDING, and reserves its amount", async () => {
    const mug = await newProduct(shop, { price: usd(1000) })
    const customer = await shop.newCustomer()
    const order = await newOrder(customer, [mug, 1])
    await pay(customer, order, "sim_operation_timeout")
    const key = withKey()
    const first = await post(order, { amount: usd(600) }, key)
    expect(first.body.status).toBe("PENDING")
    expectProblem(await post(order, { amount: usd(600) }), 409, "refund-too-large", {
      refundable: usd(400)
    })
    expect((await post(order, { amount: usd(600) }, key)).body).toEqual(first.body)
    expect(await refundableOf(shop, order)).toMatchObject({ refunded: usd(0), pending: usd(600) })
  })

  test("a cancellation refunds what is due in the same step, if an admin says so", async () => {
    const { mug, order } = await bought(3)
    await cancel(shop, order, { ...items([mug, 1]), refund: true, reason: "broken" })
    expect(await operationsOf(shop, order)).toMatchObject([
      { kind: "refund", amount: usd(1000), reason: "broken" }
    ])
    expect(await refundableOf(shop, order)).toMatchObject({ due: usd(0), refundable: usd(2000) })
    await cancel(shop, order, { refund: false })
    expect(await refundableOf(shop, order)).toMatchObject({ due: usd(2000) })
  })

  test("a customer who asks for a refund with a cancellation is refused", async () => {
    const customer = await shop.newCustomer()
    const mug = await newProduct(shop)
    const unpaid = await newOrder(customer, [mug, 1])
    const paid = await orderIn("PAID", shop, customer, [mug, 1])
    const before = await books(shop, customer, mug)
    for (const { id } of [unpaid, paid]) {
      expectProblem(await customer.post(`/orders/${id}/cancellations`, { refund: true }), 403, "forbidden")
    }
    expect(await books(shop, customer, mug)).toEqual(before)
    const cancelled = await customer.post<Order>(`/orders/${unpaid.id}/cancellations`, { refund: false })
    expect((await ok(Promise.resolve(cancelled))).status).toBe("CANCELLED")
  })

  test("requests that are no requests are refused where they are wrong, and change nothing", async () => {
    const { customer, mug, order } = await bought()
    const before = await books(shop, customer, mug)
    for (const body of [undefined, null, [], "all"]) {
      expectFaults(await admin.post(`/orders/${order.id}/refunds`, body), "")
      expectFaults(await admin.post(`/orders/${order.id}/payment-operations`, body), "")
    }
    expectFaults(await post(order, { amount: 5, reason: "" }), "/amount", "/reason")
    for (const amount of [0, -1, 1.5, 2 ** 53]) {
      expectFaults(await post(order, { amount: usd(amount) }), "/amount/amount")
      expectFaults(await record(order, { kind: "refund", amount: usd(amount) }), "/amount/amount")
    }
    expectFaults(await post(order, { amount: { amount: 1, currency: "EUR" } }), "/amount/currency")
    expectFaults(
      await record(order, { kind: "chargeback", amount: { amount: 1, currency: "EUR" } }),
      "/amount/currency"
    )
    expectFaults(await record(order, { kind: "capture" }), "/kind", "/amount")
    expectFaults(await post(order, { reason: "x".repeat(501) }), "/reason")
    expect(await books(shop, customer, mug)).toEqual(before)
  })

  test("of an order that is not there is refused", async () => {
    const none = "01890000-0000-7000-8000-000000000000"
    for (const [path, body] of [
      ["captures", undefined],
      ["voids", undefined],
      ["refunds", {}],
      ["payment-operations", { kind: "refund", amount: usd(1) }]
    ] as const) {
      const answer = await admin.post(`/orders/${none}/${path}`, body)
      expectProblem(answer, 404, "order-not-found", { orderId: none })
      expectFaults(await admin.post(`/orders/7/${path}`, body), "/id")
    }
    for (const path of ["refunds", "refundable", "payment-operations"]) {
      expectProblem(await admin.get(`/orders/${none}/${path}`), 404, "order-not-found")
    }
  })
})
