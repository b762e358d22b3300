import { randomUUID } from "node:crypto"
import { describe, expect, test } from "vitest"
import { defineStages } from "../../../src/domain/fulfilment/Stage.ts"
import { freshStores } from "../../support/postgres.ts"
import type { Caller } from "../support/Caller.ts"
import { type Call, callOf, calls } from "../support/Endpoints.ts"
import { created, expectFaults, expectProblem, expectStatus, ok } from "../support/Expect.ts"
import { advance, items, newProduct, pay, usd } from "../support/Given.ts"
import { newEmail, open, type TestShop } from "../support/Shop.ts"
import type {
  Account,
  Category,
  Items,
  Order,
  OrderEvent,
  Page,
  Payment,
  PaymentOperation,
  Product,
  Quote,
  Refundable,
  Sale,
  Summary,
  Tokens,
  TopProduct,
  Voucher
} from "../support/Types.ts"

const nowhere = "01890000-0000-7000-8000-000000000000"

/** The endpoints that have answered with success. */
const walked = new Set<Call | undefined>()

/** A caller of whom it is noted which endpoints have answered. */
const noting = <A extends Caller>(caller: A): A => {
  const note = async <B extends { readonly status: number }>(
    method: string,
    path: string,
    answer: Promise<B>
  ) => {
    const { status } = await answer
    if (status < 400) walked.add(callOf(method, path))
    return answer
  }
  const noted: Caller = {
    get: (path, headers) => note("GET", path, caller.get(path, headers)),
    post: (path, body, headers) => note("POST", path, caller.post(path, body, headers)),
    patch: (path, body) => note("PATCH", path, caller.patch(path, body)),
    put: (path, body, headers) => note("PUT", path, caller.put(path, body, headers)),
    send: caller.send
  }
  return { ...caller, ...noted }
}

const stages = defineStages({
  PAID: { first: "new", moves: { new: ["picked"], picked: [] }, leaves: ["picked"] }
})

describe("Authorized payments on PostgreSQL", () => {
  const opened = open({ stores: freshStores, settings: { payments: { capture: "later" } } })
  const shop: TestShop = { ...opened, admin: noting(opened.admin) }
  const { admin } = shop
  const withKey = () => ({ "idempotency-key": randomUUID() })
  const bought = async (quantity: number) => {
    const caller = noting(await opened.newCustomer())
    const mug = await newProduct(shop, { price: usd(1000) })
    const { id } = await created(caller.post<Order>("/orders", items([mug, quantity])))
    expect((await pay(caller, { id })).status).toBe("AUTHORIZED")
    return { id, mug, caller }
  }

  test("are captured for what is left, refunded, and charged back, each once per key", async () => {
    const { id, mug, caller } = await bought(3)
    await ok(admin.post(`/orders/${id}/cancellations`, items([mug, 1])))
    const twice = async (path: string, body?: object) => {
      const key = withKey()
      const send = () => admin.post<PaymentOperation>(`/orders/${id}/${path}`, body, key)
      const [first, again] = [await send(), await send()]
      const replays = [first, again].map(({ headers }) => headers.get("idempotent-replayed"))
      expect([first.status, again.status, ...replays]).toEqual([201, 201, null, "true"])
      expect(again.body).toEqual(first.body)
      return first.body
    }
    const captured = await twice("captures")
    expect(captured).toMatchObject({ kind: "capture", status: "APPROVED", amount: usd(2000) })
    expectProblem(await admin.post(`/orders/${id}/voids`), 409, "payment-not-authorized")
    await ok(admin.post(`/orders/${id}/shipments`, {}))
    await ok(admin.post(`/orders/${id}/returns`, items([mug, 1])))
    const refunded = await twice("refunds", { reason: "came back" })
    expect(refunded).toMatchObject({ status: "APPROVED", amount: usd(1000), reason: "came back" })
    const chargedBack = await twice("payment-operations", { kind: "chargeback", amount: usd(1000) })
    expect(await ok(caller.get<Refundable>(`/orders/${id}/refundable`))).toEqual({
      captured: usd(2000),
      refunded: usd(1000),
      pending: usd(0),
      chargedBack: usd(1000),
      due: usd(0),
      refundable: usd(0)
    })
    const operations = `/orders/${id}/payment-operations`
    expect((await ok(caller.get<Items<PaymentOperation>>(operations))).items).toEqual([
      captured,
      refunded,
      chargedBack
    ])
    expect((await ok(admin.get<Items<PaymentOperation>>(`/orders/${id}/refunds`))).items).toEqual([refunded])
    const { items: payments } = await ok(caller.get<Items<Payment>>(`/orders/${id}/payments`))
    expect(payments).toMatchObject([
      { status: "APPROVED", amount: usd(3000), captured: usd(2000), refunded: usd(1000) }
    ])
    const { items: history } = await ok(caller.get<Items<OrderEvent>>(`/orders/${id}/history`))
    expect(history.map(({ event, amount }) => [event, amount?.amount])).toEqual([
      ["placed", undefined],
      ["authorized", 3000],
      ["cancelled", undefined],
      ["paid", undefined],
      ["shipped", undefined],
      ["returned", undefined],
      ["refunded", 1000],
      ["charged-back", 1000]
    ])
  })

  test("are voided, and the order can be paid again", async () => {
    const { id, caller } = await bought(1)
    await created(admin.post(`/orders/${id}/voids`))
    expect((await pay(caller, { id })).status).toBe("AUTHORIZED")
  })

  test("are never refunded beyond what was captured, however many ask at once [P9]", async () => {
    const { id } = await bought(1)
    await created(admin.post(`/orders/${id}/captures`))
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => admin.post(`/orders/${id}/refunds`, { amount: usd(300) }, withKey()))
    )
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(3)
    for (const answer of answers.filter(({ status }) => status !== 201)) {
      expectProblem(answer, 409, "refund-too-large")
    }
    expect(await ok(admin.get<Refundable>(`/orders/${id}/refundable`))).toMatchObject({
      refunded: usd(900),
      refundable: usd(100)
    })
  })
})

describe("The API on PostgreSQL", () => {
  const opened = open({ stores: freshStores, stages })
  const shop: TestShop = { ...opened, admin: noting(opened.admin), nobody: noting(opened.nobody) }
  const { admin, nobody } = shop
  const someone = (token: string) => noting(shop.bearer(token))

  const register = async () => {
    const who = { email: newEmail(), password: `password ${randomUUID()}` }
    const { id } = await created(nobody.post<Account>("/auth/register", who))
    const tokens = await ok(nobody.post<Tokens>("/auth/login", who))
    return { id, ...who, ...tokens, caller: someone(tokens.accessToken) }
  }

  test("is alive and ready", async () => {
    for (const path of ["/health/live", "/health/ready"]) {
      expect(await ok(nobody.get(path))).toEqual({ status: "ok" })
    }
  })

  test("opens, refreshes and ends sessions", async () => {
    const { id, email, password, refreshToken, caller } = await register()
    expect(await ok(caller.get<Account>("/auth/me"))).toMatchObject({ id, email, role: "customer" })
    const taken = await nobody.post("/auth/register", { email: email.toUpperCase(), password })
    expectProblem(taken, 409, "email-taken")
    expectProblem(await nobody.post("/auth/login", { email, password: "wrong" }), 401, "invalid-credentials")

    const next = await ok(nobody.post<Tokens>("/auth/refresh", { refreshToken }))
    const used = await nobody.post("/auth/refresh", { refreshToken })
    expectProblem(used, 401, "invalid-refresh-token")
    const stolen = await nobody.post("/auth/refresh", { refreshToken: next.refreshToken })
    expectProblem(stolen, 401, "invalid-refresh-token")

    const passwords = { currentPassword: password, newPassword: "another password" }
    expectStatus(await caller.post("/auth/password", passwords), 204)
    const again = await ok(nobody.post<Tokens>("/auth/login", { email, password: "another password" }))
    expectStatus(await nobody.post("/auth/logout", { refreshToken: again.refreshToken }), 204)
    expectStatus(await caller.post("/auth/logout-everywhere"), 204)
  })

  test("keeps a catalog", async () => {
    const name = `Category ${randomUUID()}`
    const category = await created(admin.post<Category>("/categories", { name }))
    expectProblem(await admin.post("/categories", { name: name.toUpperCase() }), 409, "category-name-taken")
    const key = { "idempotency-key": randomUUID() }
    const wanted = {
      categoryId: category.id,
      name: "Blue mug",
      price: usd(1999),
      stock: 10,
      sku: randomUUID()
    }
    const mug = await created(admin.post<Product>("/products", wanted, key))
    expect(await created(admin.post<Product>("/products", wanted, key))).toEqual(mug)
    expectProblem(await admin.post("/products", wanted), 409, "sku-taken")

    const changed = await ok(admin.patch<Product>(`/products/${mug.id}`, { price: usd(2100) }))
    const moved = await ok(admin.post<Product>(`/products/${mug.id}/stock-adjustments`, { delta: -3 }))
    expect([changed.price, moved.stock]).toEqual([usd(2100), 7])
    const short = await admin.post(`/products/${mug.id}/stock-adjustments`, { delta: -8 })
    expectProblem(short, 409, "insufficient-stock")
    expect(await ok(nobody.get<Product>(`/products/${mug.id}`))).toEqual(moved)
    const query = `categoryId=${category.id}&q=blue&sort=-price&limit=1`
    expect(await ok(nobody.get<Page<Product>>(`/products?${query}`))).toMatchObject({ items: [moved] })
    expect((await ok(nobody.get<Page<Category>>("/categories"))).items).toContainEqual(category)
  })

  test("takes an order from its placing to its completion, and counts it", async () => {
    const mug = await newProduct(shop, { price: usd(1999), stock: 10 })
    const { id: customerId, caller } = await register()
    const key = { "idempotency-key": randomUUID() }
    const wish = { ...items([mug, 2]), expectedTotal: usd(3998), metadata: { cart: "17" } }
    const order = await created(caller.post<Order>("/orders", wish, key))
    expect(order).toMatchObject({ customerId, status: "CREATED", total: usd(3998), metadata: { cart: "17" } })
    const again = await caller.post<Order>("/orders", wish, key)
    expect([again.status, again.headers.get("idempotent-replayed"), again.body]).toEqual([201, "true", order])
    expectProblem(await caller.post("/orders", items([mug, 1]), key), 422, "idempotency-key-reused")

    const refused = await caller.post("/orders", items([mug, 9]))
    const shortages = [{ productId: mug.id, requested: 9, available: 8 }]
    expectProblem(refused, 409, "insufficient-stock", { shortages })

    expect(await pay(caller, order)).toMatchObject({ status: "APPROVED", orderStatus: "PAID" })
    expectProblem(
      await admin.patch(`/orders/${order.id}`, { status: "COMPLETED" }),
      409,
      "illegal-transition"
    )
    await ok(admin.put(`/orders/${order.id}/stage`, { stage: "picked" }))
    await advance(shop, order, "SHIPPED")
    const { version } = await advance(shop, order, "COMPLETED")
    expect(version).toBe(5)

    const history = await ok(caller.get<Items<OrderEvent>>(`/orders/${order.id}/history`))
    expect(history.items.map(({ event }) => event)).toEqual([
      "placed",
      "paid",
      "stage-changed",
      "shipped",
      "completed"
    ])
    const payments = await ok(caller.get<Items<Payment>>(`/orders/${order.id}/payments`))
    expect(payments.items.map(({ status }) => status)).toEqual(["APPROVED"])

    const other = await created(caller.post<Order>("/orders", items([mug, 1])))
    expect((await ok(admin.post<Order>(`/orders/${other.id}/expire`))).status).toBe("FAILED")
    const declined = await created(caller.post<Order>("/orders", items([mug, 1])))
    expect(await pay(caller, declined, "sim_decline")).toMatchObject({ orderStatus: "FAILED" })
    expect((await ok(nobody.get<Product>(`/products/${mug.id}`))).stock).toBe(8)

    const page = await ok(caller.get<Page<Order>>("/orders?limit=2"))
    expect(page.items.map(({ id }) => id)).toEqual([declined.id, other.id])
    const rest = await ok(caller.get<Page<Order>>(`/orders?limit=2&cursor=${page.nextCursor}`))
    expect(rest.items).toEqual([await ok(caller.get<Order>(`/orders/${order.id}`))])

    const summary = await ok(admin.get<Summary>("/analytics/summary"))
    expect(summary).toMatchObject({ orders: 3, revenue: [usd(3998)] })
    expect(summary.ordersByStatus).toMatchObject({ COMPLETED: 1, FAILED: 2 })
    const sales = await ok(admin.get<Items<Sale>>("/analytics/sales?interval=month"))
    expect(sales.items.at(-1)).toMatchObject({ orders: 1, revenue: [usd(3998)] })
    const top = await ok(admin.get<Items<TopProduct>>("/analytics/top-products"))
    expect(top.items).toMatchObject([{ productId: mug.id, units: 2 }])
  })

  test("ships, cancels and takes back units of an order, once per key", async () => {
    const mug = await newProduct(shop, { price: usd(1999), stock: 10 })
    const { caller } = await register()
    const { id } = await created(caller.post<Order>("/orders", items([mug, 5])))
    await pay(caller, { id })
    const early = await admin.post(`/orders/${id}/shipments`, {})
    expectProblem(early, 409, "illegal-stage", { from: "new", to: "SHIPPED" })
    expect((await ok(admin.get<Page<Order>>("/orders?stage=new"))).items).toMatchObject([{ id }])
    expect(await ok(admin.put(`/orders/${id}/stage`, { stage: "picked" }))).toMatchObject({ stage: "picked" })
    expect((await ok(admin.get<Page<Order>>("/orders?stage=new"))).items).toEqual([])
    const key = { "idempotency-key": randomUUID() }
    const parcel = { ...items([mug, 2]), carrier: "DHL", trackingCode: "00340" }
    const shipped = await ok(admin.post<Order>(`/orders/${id}/shipments`, parcel, key))
    expect(await ok(admin.post(`/orders/${id}/shipments`, parcel, key))).toEqual(shipped)
    const short = await admin.post(`/orders/${id}/cancellations`, items([mug, 4]))
    expectProblem(short, 409, "insufficient-units", {
      items: [{ productId: mug.id, requested: 4, available: 3 }]
    })
    const rest = await ok(
      admin.post<Order>(`/orders/${id}/cancellations`, { ...items([mug, 3]), reason: "broken" })
    )
    expect(rest).toMatchObject({ status: "SHIPPED", total: usd(9995), currentTotal: usd(3998) })
    const back = await ok(admin.post<Order>(`/orders/${id}/returns`, items([mug, 1])))
    expect(back).toMatchObject({
      units: [{ shipped: 2, cancelled: 3, returned: 1, restocked: 1 }],
      currentTotal: usd(1999)
    })
    expect(await ok(caller.get<Order>(`/orders/${id}`))).toEqual(back)
    expect((await ok(nobody.get<Product>(`/products/${mug.id}`))).stock).toBe(9)
    const { items: history } = await ok(caller.get<Items<OrderEvent>>(`/orders/${id}/history`))
    expect(history.slice(2)).toMatchObject([
      { event: "stage-changed", stage: "picked" },
      { event: "shipped", from: "PAID", to: "PAID", carrier: "DHL", trackingCode: "00340" },
      { event: "cancelled", from: "PAID", to: "SHIPPED", reason: "broken" },
      { event: "returned", items: [{ productId: mug.id, quantity: 1, restocked: 1 }] }
    ])
  })

  test("quotes an order with a voucher, and takes it", async () => {
    const code = randomUUID()
    const voucher = await created(
      admin.post<Voucher>("/vouchers", { code, name: "Half", rate: 500_000, uses: 1 })
    )
    const mug = await newProduct(shop, { price: usd(1999), stock: 10 })
    const { caller } = await register()
    const wish = { ...items([mug, 1]), codes: [code] }
    const quote = await ok(caller.post<Quote>("/quotes", wish))
    const order = await created(caller.post<Order>("/orders", { ...wish, expectedTotal: usd(999) }))
    expect(order).toMatchObject(quote)
    expectProblem(await caller.post("/orders", wish), 409, "voucher-not-valid", { reason: "used up" })
    expect((await ok(admin.get<Voucher>(`/vouchers/${voucher.id}`))).usesLeft).toBe(0)
    await ok(admin.patch(`/vouchers/${voucher.id}`, { active: false }))
    expect((await ok(admin.get<Page<Voucher>>("/vouchers"))).items).toHaveLength(1)
  })

  test("records a charge of the shop, and its outcome again", async () => {
    const mug = await newProduct(shop)
    const { caller } = await register()
    const { id } = await created(caller.post<Order>("/orders", items([mug, 1])))
    const charge = { paymentMethod: "invoice-4711", outcome: "APPROVED" }
    const recorded = await created(admin.post<Payment>(`/orders/${id}/recorded-payments`, charge))
    expect(recorded).toMatchObject({ status: "APPROVED", orderStatus: "PAID" })
    const outcome = { outcome: "APPROVED" }
    expect(await ok(admin.put<Payment>(`/payments/${recorded.id}/outcome`, outcome))).toEqual(recorded)
  })

  test("refuses strangers, customers and nonsense", async () => {
    const { caller } = await register()
    expectProblem(await nobody.get("/orders"), 401, "unauthenticated")
    expectProblem(await caller.get("/analytics/summary"), 403, "forbidden")
    expectProblem(await caller.get(`/orders/${nowhere}`), 404, "order-not-found")
    expectProblem(await nobody.get(`/products/${nowhere}`), 404, "product-not-found")
    expectFaults(
      await caller.post("/orders", { items: [{ productId: "mug", quantity: 0 }] }),
      "/items/0/productId",
      "/items/0/quantity"
    )
    expectFaults(await admin.post("/categories", { name: "nul \u0000" }), "/name")
  })

  test("has answered at every endpoint that there is", () => {
    expect(calls.filter((call) => !walked.has(call))).toEqual([])
  })
})
