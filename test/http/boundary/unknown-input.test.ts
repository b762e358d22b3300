import { describe, expect, test } from "vitest"
import { calls, endpoints } from "../support/Endpoints.ts"
import { created, expectFaults, expectProblem, ok } from "../support/Expect.ts"
import { items, newOrder, newProduct, productNow, usd } from "../support/Given.ts"
import { suite } from "../support/Shop.ts"
import type { Order, Product } from "../support/Types.ts"

const someId = "01890000-0000-7000-8000-000000000000"
const withKey = (key: string = crypto.randomUUID()) => ({ "idempotency-key": key })

suite("What an endpoint does not know", (shop) => {
  const { admin, nobody } = shop

  describe("is a query parameter", () => {
    test.each(calls)("of %s", async (call) => {
      const [method = "", path = ""] = call.split(" ")
      const answer = await admin.send(method, `${path.replace("{id}", someId)}?Form=1&x%2Fy=2`)
      expectFaults(answer, "/Form", "/x~1y", ...missingOf(call))
    })

    test("in another case, beside known ones", async () => {
      expectFaults(await admin.get("/analytics/summary?From=2026-01-01T00:00:00Z"), "/From")
      expectFaults(await nobody.get("/products?limit=0&page=2"), "/limit", "/page")
    })
  })

  describe("is a member of a body", () => {
    test.each([
      ["PATCH", "/products/{id}", { stock: 5 }, "/stock"],
      ["POST", "/categories", { name: crypto.randomUUID(), parent: null }, "/parent"],
      ["POST", "/products/{id}/stock-adjustments", { delta: 1, note: "x" }, "/note"],
      ["POST", "/auth/logout", { refreshToken: "x".repeat(20), everywhere: true }, "/everywhere"],
      ["POST", "/orders/{id}/expire", { reason: "x", "a/b": 1 }, "/reason", "/a~1b"],
      ["POST", "/auth/logout-everywhere", { at: 1 }, "/at"],
      ["POST", "/orders/{id}/expire", [], ""],
      ["POST", "/orders/{id}/payments", { paymentMethod: "sim_approve", amount: usd(1) }, "/amount"],
      ["POST", "/orders/{id}/captures", { amount: usd(1) }, "/amount"],
      ["POST", "/orders/{id}/voids", { reason: "x" }, "/reason"],
      ["POST", "/orders/{id}/refunds", { amount: usd(1), items: [] }, "/items"],
      [
        "POST",
        "/orders/{id}/payment-operations",
        { kind: "chargeback", amount: usd(1), status: "DECLINED" },
        "/status"
      ]
    ] as ReadonlyArray<[string, string, unknown, ...Array<string>]>)(
      "%s %s %j",
      async (method, path, body, ...paths) => {
        const answer = await admin.send(method, path.replace("{id}", someId), {
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body)
        })
        expectFaults(answer, ...paths)
      }
    )

    test("deep inside", async () => {
      const mug = await newProduct(shop)
      const price = { ...mug.price, minor: 1 }
      expectFaults(await admin.patch(`/products/${mug.id}`, { price }), "/price/minor")
      expect(await productNow(shop, mug)).toEqual(mug)
    })

    test("but an endpoint without members takes an empty object", async () => {
      const customer = await shop.newCustomer()
      const order = await newOrder(customer, [await newProduct(shop), 1])
      expect((await ok(admin.post<Order>(`/orders/${order.id}/expire`, {}))).status).toBe("FAILED")
    })
  })

  describe("is an idempotency key", () => {
    const changes = calls.filter((call) => !call.startsWith("GET") && !("once" in endpoints[call]))

    test.each(changes)("of %s", async (call) => {
      const [method = "", path = ""] = call.split(" ")
      const answer = await admin.send(method, path.replace("{id}", someId), { headers: withKey() })
      expectFaults(answer, "/idempotency-key")
    })

    test("but reading ignores it, since reading can be repeated", async () => {
      await ok(nobody.get("/products", withKey()))
    })
  })

  test("is told only to who may use the endpoint", async () => {
    const customer = await shop.newCustomer()
    expectProblem(await nobody.get("/orders?x=1"), 401, "unauthenticated")
    expectProblem(await customer.get("/analytics/summary?x=1"), 403, "forbidden")
    expectProblem(await customer.patch(`/products/${someId}`, { stock: 5 }), 403, "forbidden")
  })
})

suite("A request that says a default is the same request", (shop) => {
  const { admin } = shop

  test("metadata: {}", async () => {
    const customer = await shop.newCustomer()
    const mug = await newProduct(shop)
    const key = withKey()
    const first = await created(customer.post<Order>("/orders", { ...items([mug, 1]), metadata: {} }, key))
    expect(first.metadata).toEqual({})
    expect(await created(customer.post<Order>("/orders", items([mug, 1]), key))).toEqual(first)
  })

  test("description, sku and reason: null", async () => {
    const { categoryId } = await newProduct(shop)
    const key = withKey()
    const mug = { categoryId, name: "Mug", price: usd(1), stock: 1 }
    const first = await created(
      admin.post<Product>("/products", { ...mug, sku: null, description: null }, key)
    )
    expect(await created(admin.post<Product>("/products", mug, key))).toEqual(first)
    const path = `/products/${first.id}/stock-adjustments`
    const adjusted = await ok(admin.post<Product>(path, { delta: 1, reason: null }, key))
    expect(await ok(admin.post<Product>(path, { delta: 1 }, key))).toEqual(adjusted)
  })
})

/** What is missing besides in a request without parameters: the interval of sales alone is required. */
const missingOf = (call: string) => (call === "GET /analytics/sales" ? ["/interval"] : [])
