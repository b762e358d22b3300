import { randomUUID } from "node:crypto"
import { expect, test } from "vitest"
import { created, expectFaults, expectProblem, ok } from "../support/Expect.ts"
import { items, newOrder, newProduct, pay, usd } from "../support/Given.ts"
import { suite } from "../support/Shop.ts"
import type { Order, Page, Payment, Quote, Voucher } from "../support/Types.ts"

suite("Vouchers", (shop) => {
  const newVoucher = (fields: object = { rate: 100_000 }) =>
    created(shop.admin.post<Voucher>("/vouchers", { code: randomUUID(), name: "Ten off", ...fields }))

  test("are created, shown, listed and changed", async () => {
    const period = { startsAt: "2026-01-01T00:00:00.000Z", endsAt: "2030-01-01T00:00:00.000Z" }
    const wanted = { amount: 500, currency: "USD", minimum: 1000, ...period, uses: 10, perCustomer: 2 }
    const voucher = await newVoucher(wanted)
    expect(voucher).toMatchObject({ ...wanted, rate: null, usesLeft: 10, active: true })
    expect(await ok(shop.admin.get(`/vouchers/${voucher.id}`))).toEqual(voucher)
    const { items: listed } = await ok(shop.admin.get<Page<Voucher>>("/vouchers?limit=1"))
    expect(listed).toEqual([voucher])
    const change = { active: false, endsAt: null, uses: 12 }
    const changed = await ok(shop.admin.patch<Voucher>(`/vouchers/${voucher.id}`, change))
    expect(changed).toEqual({ ...voucher, ...change, usesLeft: 12, updatedAt: changed.updatedAt })
  })

  test("have one code each, whatever the case", async () => {
    const code = `code ${randomUUID()}`
    await newVoucher({ code, rate: 1 })
    const again = await shop.admin.post("/vouchers", { code: code.toUpperCase(), name: "Again", rate: 1 })
    expectProblem(again, 409, "voucher-code-taken", { voucherCode: code.toUpperCase() })
  })

  test("are created once per key", async () => {
    const key = { "idempotency-key": randomUUID() }
    const wanted = { code: randomUUID(), name: "Ten off", rate: 100_000 }
    const first = await created(shop.admin.post<Voucher>("/vouchers", wanted, key))
    const second = await shop.admin.post<Voucher>("/vouchers", wanted, key)
    expect([second.body, second.headers.get("idempotent-replayed")]).toEqual([first, "true"])
  })

  test.each<readonly [object, string]>([
    [{}, ""],
    [{ rate: 1, amount: 1, currency: "USD" }, ""],
    [{ amount: 1 }, ""],
    [{ rate: 0 }, "/rate"],
    [{ rate: 1_000_001 }, "/rate"],
    [{ rate: 0.1 }, "/rate"],
    [{ amount: -1, currency: "USD" }, "/amount"],
    [{ amount: 1.5, currency: "USD" }, "/amount"],
    [{ rate: 1, uses: 0 }, "/uses"],
    [{ rate: 1, endsAt: "tomorrow" }, "/endsAt"],
    [{ rate: 1, usesLeft: 7 }, "/usesLeft"]
  ])("are refused with %j", async (fields, path) => {
    expectFaults(await shop.admin.post("/vouchers", { code: randomUUID(), name: "Off", ...fields }), path)
  })

  test("that are not there are a 404", async () => {
    const voucherId = "01890000-0000-7000-8000-000000000000"
    expectProblem(await shop.admin.get(`/vouchers/${voucherId}`), 404, "voucher-not-found", { voucherId })
    expectProblem(await shop.admin.patch(`/vouchers/${voucherId}`, {}), 404, "voucher-not-found", {
      voucherId
    })
    expectFaults(await shop.admin.get("/vouchers/seven"), "/id")
  })

  test("take a discount off an order, which its quote foretells, and are used up", async () => {
    const { code, id, name } = await newVoucher({ rate: 150_000, uses: 1 })
    const product = await newProduct(shop, { price: usd(3490) })
    const customer = await shop.newCustomer()
    const wish = { ...items([product, 1]), codes: [code] }
    const quote = await ok(customer.post<Quote>("/quotes", wish))
    const discount = {
      kind: "discount",
      code,
      name,
      amount: usd(524),
      voucherId: id,
      rate: 150_000,
      shares: [524]
    }
    expect(quote).toMatchObject({ adjustments: [discount], total: usd(2966) })
    expect((await ok(shop.admin.get<Voucher>(`/vouchers/${id}`))).usesLeft).toBe(1)
    const order = await created(customer.post<Order>("/orders", { ...wish, expectedTotal: quote.total }))
    expect(order).toMatchObject(quote)
    expect(await ok(customer.get(`/orders/${order.id}`))).toEqual(order)
    expectProblem(await customer.post("/orders", wish), 409, "voucher-not-valid", {
      voucherCode: code,
      reason: "used up"
    })
    await pay(customer, order, "sim_decline")
    expect((await ok(shop.admin.get<Voucher>(`/vouchers/${id}`))).usesLeft).toBe(1)
    await created(customer.post<Order>("/orders", wish))
  })

  test("that nobody knows are refused, and so are codes that are none", async () => {
    const product = await newProduct(shop)
    const customer = await shop.newCustomer()
    for (const path of ["/quotes", "/orders"]) {
      expectProblem(
        await customer.post(path, { ...items([product, 1]), codes: ["?"] }),
        409,
        "voucher-not-valid",
        {
          voucherCode: "?",
          reason: "unknown"
        }
      )
      expectFaults(await customer.post(path, { ...items([product, 1]), codes: [" "] }), "/codes/0")
      expectFaults(await customer.post(path, { ...items([product, 1]), codes: ["A", "a"] }), "/codes")
    }
  })

  test("and prices are never what a customer says", async () => {
    const product = await newProduct(shop)
    const customer = await shop.newCustomer()
    const adjustments = [{ kind: "discount", code: "mine", name: "Mine", rate: 1_000_000 }]
    for (const path of ["/quotes", "/orders"]) {
      expectFaults(await customer.post(path, { ...items([product, 1]), adjustments }), "/adjustments")
    }
  })

  test("that leave nothing to pay make an order that `none` pays, without a gateway", async () => {
    const { code } = await newVoucher({ rate: 1_000_000 })
    const product = await newProduct(shop)
    const customer = await shop.newCustomer()
    const order = await created(customer.post<Order>("/orders", { ...items([product, 1]), codes: [code] }))
    expect(order.total).toEqual(usd(0))
    const payment = await pay(customer, order, "none")
    expect(payment).toMatchObject({
      status: "APPROVED",
      amount: usd(0),
      orderStatus: "PAID",
      paymentMethod: "none"
    })
    const dear = await newOrder(customer, [product, 1])
    expectFaults(
      await customer.post<Payment>(`/orders/${dear.id}/payments`, { paymentMethod: "none" }),
      "/paymentMethod"
    )
    expectProblem(
      await customer.post<Payment>(`/orders/${order.id}/payments`, { paymentMethod: "none" }),
      409,
      "order-not-payable"
    )
  })
})
