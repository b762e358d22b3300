import { randomUUID } from "node:crypto"
import { expect, test } from "vitest"
import { defineStages } from "../../../src/domain/fulfilment/Stage.ts"
import type { Caller } from "../support/Caller.ts"
import { type Call, calls, endpoints, type Group } from "../support/Endpoints.ts"
import { created, expectProblem, ok } from "../support/Expect.ts"
import { books, items, newCategory, newProduct, orderIn, pay, usd } from "../support/Given.ts"
import type { Code } from "../support/Shapes.ts"
import { type Customer, newEmail, suite, type TestShop } from "../support/Shop.ts"
import type {
  Category,
  NewServiceToken,
  Order,
  PasswordReset,
  Payment,
  Product,
  Tokens,
  Voucher
} from "../support/Types.ts"

type Who = "nobody" | "the customer" | "another customer" | "the admin" | "a service"
type Outcome = "allowed" | Code

const who: ReadonlyArray<Who> = ["nobody", "the customer", "another customer", "the admin", "a service"]

/** What each group of the contract's table means for each of them. */
const rules: Record<Group, ReadonlyArray<Outcome>> = {
  public: ["allowed", "allowed", "allowed", "allowed", "allowed"],
  account: ["unauthenticated", "allowed", "allowed", "allowed", "forbidden"],
  "account, service": ["unauthenticated", "allowed", "allowed", "allowed", "allowed"],
  owner: ["unauthenticated", "allowed", "order-not-found", "forbidden", "forbidden"],
  "owner, admin": ["unauthenticated", "allowed", "order-not-found", "allowed", "allowed"],
  admin: ["unauthenticated", "forbidden", "forbidden", "allowed", "allowed"],
  "admin account": ["unauthenticated", "forbidden", "forbidden", "allowed", "forbidden"]
}

/** What there is when the requests come: orders of the customer in every status that a request needs. */
interface World {
  readonly category: Category
  readonly product: Product
  readonly customer: Customer
  readonly refreshToken: string
  readonly unpaid: Order
  readonly authorized: Order
  readonly authorization: Payment
  readonly paid: Order
  readonly shipped: Order
  readonly voucher: Voucher
  readonly resetToken: string
  readonly serviceToken: NewServiceToken
}

const newWorld = async (shop: TestShop): Promise<World> => {
  const customer = await shop.newCustomer()
  const { email, password } = customer
  const { refreshToken } = await ok(shop.nobody.post<Tokens>("/auth/login", { email, password }))
  const category = await newCategory(shop)
  const product = await newProduct(shop, { categoryId: category.id })
  const unpaid = await orderIn("CREATED", shop, customer, [product, 1])
  const authorized = await orderIn("CREATED", shop, customer, [product, 1])
  const authorization = await pay(customer, authorized)
  const paid = await orderIn("PAID", shop, customer, [product, 2])
  const shipped = await orderIn("SHIPPED", shop, customer, [product, 1])
  const code = randomUUID()
  const other = await shop.newCustomer()
  const { token: resetToken } = await created(
    shop.admin.post<PasswordReset>("/auth/password-resets", { email: other.email })
  )
  const serviceToken = await created(
    shop.admin.post<NewServiceToken>("/service-tokens", { name: randomUUID() })
  )
  const voucher = await created(shop.admin.post<Voucher>("/vouchers", { code, name: "Off", rate: 100_000 }))
  return {
    category,
    product,
    customer,
    refreshToken,
    unpaid,
    authorized,
    authorization,
    paid,
    shipped,
    voucher,
    resetToken,
    serviceToken
  }
}

type Request = (world: World, caller: Caller) => readonly [path: string, body?: unknown]
const password = "correct horse"
const passwordOf = (caller: Caller) => ("password" in caller ? caller.password : password)

const requests: Record<Call, Request> = {
  "POST /auth/register": () => ["/auth/register", { email: newEmail(), password }],
  "POST /auth/login": ({ customer: { email, password } }) => ["/auth/login", { email, password }],
  "POST /auth/refresh": ({ refreshToken }) => ["/auth/refresh", { refreshToken }],
  "POST /auth/logout": ({ refreshToken }) => ["/auth/logout", { refreshToken }],
  "POST /auth/logout-everywhere": () => ["/auth/logout-everywhere"],
  "POST /auth/password": (_, caller) => [
    "/auth/password",
    { currentPassword: passwordOf(caller), newPassword: passwordOf(caller) }
  ],
  "GET /auth/me": () => ["/auth/me"],
  "POST /auth/password-resets": ({ customer: { email } }) => ["/auth/password-resets", { email }],
  "POST /auth/reset-password": ({ resetToken: token }) => [
    "/auth/reset-password",
    { token, newPassword: password }
  ],
  "GET /accounts": () => ["/accounts"],
  "GET /accounts/{id}": ({ customer }) => [`/accounts/${customer.id}`],
  "POST /accounts/{id}/disable": ({ customer }) => [`/accounts/${customer.id}/disable`],
  "POST /accounts/{id}/enable": ({ customer }) => [`/accounts/${customer.id}/enable`],
  "POST /service-tokens": () => ["/service-tokens", { name: randomUUID() }],
  "GET /service-tokens": () => ["/service-tokens"],
  "DELETE /service-tokens/{id}": ({ serviceToken }) => [`/service-tokens/${serviceToken.id}`],
  "GET /categories": () => ["/categories"],
  "POST /categories": () => ["/categories", { name: randomUUID() }],
  "PATCH /categories/{id}": ({ category }) => [`/categories/${category.id}`, { name: randomUUID() }],
  "GET /products": () => ["/products"],
  "GET /products/{id}": ({ product }) => [`/products/${product.id}`],
  "POST /products": ({ category }) => [
    "/products",
    { categoryId: category.id, name: "Bowl", price: usd(500), stock: 1 }
  ],
  "PATCH /products/{id}": ({ product }) => [`/products/${product.id}`, { name: "Cup" }],
  "POST /products/{id}/stock-adjustments": ({ product }) => [
    `/products/${product.id}/stock-adjustments`,
    { delta: 1 }
  ],
  "POST /orders": ({ product }) => ["/orders", items([product, 1])],
  "GET /orders": () => ["/orders"],
  "GET /orders/{id}": ({ unpaid }) => [`/orders/${unpaid.id}`],
  "GET /orders/{id}/history": ({ unpaid }) => [`/orders/${unpaid.id}/history`],
  "PATCH /orders/{id}": ({ paid }) => [`/orders/${paid.id}`, { status: "SHIPPED" }],
  "PUT /orders/{id}/stage": ({ paid }) => [`/orders/${paid.id}/stage`, { stage: "picked" }],
  "POST /orders/{id}/shipments": ({ paid }) => [`/orders/${paid.id}/shipments`, {}],
  "POST /orders/{id}/cancellations": ({ unpaid }) => [`/orders/${unpaid.id}/cancellations`, {}],
  "POST /orders/{id}/returns": ({ shipped, product }) => [
    `/orders/${shipped.id}/returns`,
    items([product, 1])
  ],
  "POST /orders/{id}/expire": ({ unpaid }) => [`/orders/${unpaid.id}/expire`],
  "POST /orders/{id}/payments": ({ unpaid }) => [
    `/orders/${unpaid.id}/payments`,
    { paymentMethod: "sim_approve" }
  ],
  "GET /orders/{id}/payments": ({ paid }) => [`/orders/${paid.id}/payments`],
  "POST /orders/{id}/captures": ({ authorized }) => [`/orders/${authorized.id}/captures`],
  "POST /orders/{id}/voids": ({ authorized }) => [`/orders/${authorized.id}/voids`],
  "POST /orders/{id}/refunds": ({ paid }) => [`/orders/${paid.id}/refunds`, { amount: usd(1) }],
  "GET /orders/{id}/refunds": ({ paid }) => [`/orders/${paid.id}/refunds`],
  "GET /orders/{id}/refundable": ({ paid }) => [`/orders/${paid.id}/refundable`],
  "POST /orders/{id}/payment-operations": ({ paid }) => [
    `/orders/${paid.id}/payment-operations`,
    { kind: "chargeback", amount: usd(1) }
  ],
  "GET /orders/{id}/payment-operations": ({ paid }) => [`/orders/${paid.id}/payment-operations`],
  "POST /orders/{id}/recorded-payments": ({ unpaid }) => [
    `/orders/${unpaid.id}/recorded-payments`,
    { paymentMethod: "invoice-4711", outcome: "APPROVED" }
  ],
  "PUT /payments/{id}/outcome": ({ authorization }) => [
    `/payments/${authorization.id}/outcome`,
    { outcome: "APPROVED" }
  ],
  "POST /quotes": ({ product }) => ["/quotes", items([product, 1])],
  "POST /vouchers": () => ["/vouchers", { code: randomUUID(), name: "Off", rate: 100_000 }],
  "GET /vouchers": () => ["/vouchers"],
  "GET /vouchers/{id}": ({ voucher }) => [`/vouchers/${voucher.id}`],
  "PATCH /vouchers/{id}": ({ voucher }) => [`/vouchers/${voucher.id}`, { active: false }],
  "GET /feed": () => ["/feed"],
  "GET /analytics/summary": () => ["/analytics/summary"],
  "GET /analytics/sales": () => ["/analytics/sales?interval=day"],
  "GET /analytics/top-products": () => ["/analytics/top-products"],
  "GET /health/live": () => ["/health/live"],
  "GET /health/ready": () => ["/health/ready"]
}

const send = (caller: Caller, call: Call, world: World) => {
  const [path, body] = requests[call](world, caller)
  const headers = { "content-type": "application/json" }
  const [method = ""] = call.split(" ")
  return caller.send(method, path, body === undefined ? {} : { headers, body: JSON.stringify(body) })
}

const rows = calls.flatMap((call) =>
  who.map((asker, column) => ({ call, asker, outcome: rules[endpoints[call].who][column] ?? "allowed" }))
)

const stages = defineStages({ PAID: { first: "new", moves: { new: ["picked"], picked: [] } } })

suite(
  "Who may do what",
  (shop) => {
    const callerFor = async (asker: Who, { customer, serviceToken }: World): Promise<Caller> => {
      if (asker === "nobody") return shop.nobody
      if (asker === "a service") return shop.bearer(serviceToken.token)
      if (asker === "the admin") return shop.admin
      return asker === "the customer" ? customer : shop.newCustomer()
    }

    test.each(rows)("$call by $asker: $outcome", async ({ call, asker, outcome }) => {
      const world = await newWorld(shop)
      const { customer, product } = world
      const caller = await callerFor(asker, world)
      const before = await books(shop, customer, product)
      const answer = await send(caller, call, world)
      if (outcome === "allowed") return expect(answer.status, answer.request).toBe(endpoints[call].status)
      expectProblem(answer, answer.status, outcome)
      expect(await books(shop, customer, product)).toEqual(before)
    })

    test("another customer's order is answered like one that is not there", async () => {
      const { unpaid } = await newWorld(shop)
      const other = await shop.newCustomer()
      for (const [path, body] of [
        ["", undefined],
        ["/history", undefined],
        ["/payments", undefined],
        ["/refunds", undefined],
        ["/refundable", undefined],
        ["/payment-operations", undefined],
        ["/payments", { paymentMethod: "sim_approve" }],
        ["/cancellations", {}],
        ["/cancellations", { refund: true }]
      ] as const) {
        const ask = (id: string) =>
          body === undefined ? other.get(`/orders/${id}${path}`) : other.post(`/orders/${id}${path}`, body)
        const [theirs, none] = [await ask(unpaid.id), await ask("01890000-0000-7000-8000-000000000000")]
        const text = none.text.replaceAll("01890000-0000-7000-8000-000000000000", unpaid.id)
        expect(theirs.text).toBe(text)
      }
    })

    test.each(["false", "any"])("products with active=%s are for admins only", async (active) => {
      const path = `/products?active=${active}`
      expectProblem(await shop.nobody.get(path), 401, "unauthenticated")
      expectProblem(await shop.bearer("a.b.c").get(path), 401, "unauthenticated")
      expectProblem(await (await shop.newCustomer()).get(path), 403, "forbidden")
      await ok(shop.admin.get(path))
    })

    test("a token is not looked at where none is needed, whatever it is", async () => {
      for (const path of ["/products", "/products?active=true"]) {
        await ok(shop.bearer("a.b.c").get(path))
        await ok((await shop.newCustomer()).get(path))
      }
    })

    test("who may not do a thing is told so before the request is read", async () => {
      const customer = await shop.newCustomer()
      expectProblem(await shop.nobody.post("/orders", { items: "none" }), 401, "unauthenticated")
      expectProblem(await customer.post("/products", { name: 7 }), 403, "forbidden")
      expectProblem(await customer.patch("/products/not-an-id", {}), 403, "forbidden")
    })
  },
  { stages, payments: { capture: "later" } }
)
