import { expect, test } from "vitest"
import { expectFaults, expectProblem, expectStatus } from "../support/Expect.ts"
import { items, newProduct } from "../support/Given.ts"
import { suite } from "../support/Shop.ts"

const json = { "content-type": "application/json" }

suite("Requests", (shop) => {
  const { admin, nobody } = shop

  test.each(["a\u0000b", "\ud800", "\udc00x"])("text like %j never reaches the store", async (text) => {
    expectFaults(await admin.post("/categories", { name: text }), "/name")
    expectFaults(
      await nobody.post("/auth/register", { email: `${text}@x`, password: "long enough" }),
      "/email"
    )
    expectFaults(await nobody.post("/auth/login", { email: "a@b", password: text }), "/password")
    const mug = await newProduct(shop)
    expectFaults(await admin.patch(`/products/${mug.id}`, { description: text }), "/description")
    const adjustment = { delta: 1, reason: text }
    expectFaults(await admin.post(`/products/${mug.id}/stock-adjustments`, adjustment), "/reason")
  })

  test("a name like __proto__ is nothing special", async () => {
    const mug = await newProduct(shop)
    const customer = await shop.newCustomer()
    const body = JSON.stringify({ ...items([mug, 1]), metadata: { a: "b" } }).replace('"a"', '"__proto__"')
    const answer = await customer.send<{ metadata: object }>("POST", "/orders", { headers: json, body })
    expect(Object.entries(expectStatus(answer, 201).metadata)).toEqual([["__proto__", "b"]])
  })

  test.each(["x", "1", "null", "%00", "%F0%9F%A6%8A", "01890000-0000-7000-8000-00000000000", "a'--"])(
    "%s is no id",
    async (id) => {
      const customer = await shop.newCustomer()
      expectFaults(await nobody.get(`/products/${id}`), "/id")
      expectFaults(await admin.patch(`/products/${id}`, {}), "/id")
      expectFaults(await admin.post(`/products/${id}/stock-adjustments`, { delta: 1 }), "/id")
      for (const path of ["", "/history", "/payments"]) {
        expectFaults(await customer.get(`/orders/${id}${path}`), "/id")
      }
      expectFaults(await customer.post(`/orders/${id}/payments`, { paymentMethod: "sim_approve" }), "/id")
      expectFaults(await admin.patch(`/orders/${id}`, { status: "SHIPPED" }), "/id")
      expectFaults(await admin.post(`/orders/${id}/expire`), "/id")
    }
  )

  test.each([
    ["GET", "/nothing"],
    ["GET", "/orders/1/2/3"],
    ["GET", "/Products"],
    ["GET", "/categories/"],
    ["GET", "/products/"],
    ["GET", "/products/?limit=2"],
    ["GET", "/orders//history"],
    ["POST", "/orders//payments"],
    ["GET", "//products"],
    ["GET", "/products;x"],
    ["GET", "/products;limit=1?limit=1"],
    ["GET", "/health/live;/metrics"],
    ["POST", "/auth/login;x"],
    ["GET", "/products/%E0%A4%A"],
    ["GET", `/products/${"x".repeat(2000)}`]
  ])("%s %s is not there", async (method, path) => {
    expectProblem(await nobody.send(method, path), 404, "not-found")
    expectProblem(await admin.send(method, path), 404, "not-found")
  })

  test("a semicolon after the question mark belongs to the query", async () => {
    expectStatus(await nobody.get("/products?q=a;b"), 200)
  })

  test.each([
    ["POST", "/health/live", "GET, HEAD"],
    ["PUT", "/products", "GET, POST, HEAD"],
    ["DELETE", "/orders/01890000-0000-7000-8000-000000000000", "GET, PATCH, HEAD"],
    ["DELETE", "/products/no-id", "GET, PATCH, HEAD"],
    ["PATCH", "/orders", "GET, POST, HEAD"],
    ["GET", "/auth/login", "POST"],
    ["HEAD", "/auth/login", "POST"],
    ["OPTIONS", "/products", "GET, POST, HEAD"],
    ["POST", "/docs", "GET, HEAD"],
    ["POST", "/openapi.json", "GET, HEAD"]
  ])("%s %s is a method that %3$s do not include", async (method, path, allow) => {
    for (const caller of [nobody, admin]) {
      const answer = await caller.send(method, path)
      if (method !== "HEAD") expectProblem(answer, 405, "method-not-allowed")
      expect([answer.status, answer.headers.get("allow")]).toEqual([405, allow])
    }
  })

  test.each(["PROPFIND", "PURGE", "MKCOL"])(
    "a method that no path has, such as %s, is not allowed",
    async (method) => {
      for (const path of ["/products", "/nothing"]) {
        const answer = await admin.send(method, path)
        expectProblem(answer, 405, "method-not-allowed")
        expect(answer.headers.get("allow")).toContain("GET, POST")
      }
    }
  )

  test("HEAD answers like GET, without the body", async () => {
    for (const path of ["/products", "/health/live", "/openapi.json"]) {
      const [head, get] = [await nobody.send("HEAD", path), await nobody.send("GET", path)]
      expect([head.status, head.text]).toEqual([200, ""])
      expect(head.headers.get("content-type")).toBe(get.headers.get("content-type"))
    }
    expect((await nobody.send("HEAD", "/orders")).status).toBe(401)
    expect((await nobody.send("HEAD", "/nothing")).status).toBe(404)
  })

  test("every answer has an id of its own, or the one that the caller gave", async () => {
    const idOf = async (path: string, headers = {}) =>
      (await nobody.get(path, headers)).headers.get("x-request-id")
    const ids = [
      await idOf("/products"),
      await idOf("/products"),
      await idOf("/orders"),
      await idOf("/nothing")
    ]
    expect(new Set(ids).size).toBe(4)
    for (const path of ["/products", "/orders", "/nothing", "/products?limit=0", "/docs"]) {
      expect(await idOf(path, { "x-request-id": "trace-1.2_3" })).toBe("trace-1.2_3")
    }
    for (const bad of ["two words", "x".repeat(129), "a;b", '"']) {
      expect(await idOf("/products", { "x-request-id": bad })).toMatch(/^[0-9a-f-]{36}$/)
    }
  })
})
