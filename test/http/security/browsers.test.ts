import { Layer } from "effect"
import { describe, expect, test } from "vitest"
import * as Memory from "../../../src/adapters/memory/index.ts"
import { CorsOrigins } from "../../../src/http/index.ts"
import { open } from "../support/Shop.ts"

const preflight = (origin: string) => ({
  origin,
  "access-control-request-method": "POST",
  "access-control-request-headers": "authorization,content-type,idempotency-key"
})

const corsOf = (headers: Headers) =>
  Object.fromEntries([...headers].filter(([name]) => name.startsWith("access-control-")))

describe("Browsers", () => {
  const shop = open({ stores: Memory.layer })

  test("are told to keep nothing but the public catalog, to guess nothing and to run nothing, whatever is answered", async () => {
    const { nobody, admin } = shop
    const products = await nobody.get("/products")
    for (const { headers, request } of [
      products,
      await nobody.get("/products?limit=0"),
      await nobody.get("/auth/me"),
      await nobody.get("/nothing"),
      await nobody.get("/openapi.json"),
      await nobody.send("POST", "/auth/login", { headers: { "content-type": "text/plain" }, body: "x" }),
      await admin.get("/auth/me"),
      await admin.get("/analytics/summary")
    ]) {
      expect(headers.get("x-content-type-options")).toBe("nosniff")
      expect(headers.get("referrer-policy")).toBe("no-referrer")
      expect(headers.get("cache-control")).toBe(request === products.request ? "no-cache" : "no-store")
      expect(headers.get("content-security-policy")).toMatch(/^default-src 'none'; [^;]*base-uri/)
      expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'")
    }
  })

  test("may run the page that documents the API, which may talk to this server alone", async () => {
    const { headers } = await shop.nobody.get("/docs")
    const policy = headers.get("content-security-policy")?.split("; ")
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self'")
    expect(policy).toContain("connect-src 'self'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(headers.get("x-content-type-options")).toBe("nosniff")
  })

  test("let no page of another origin in [A4]", async () => {
    const asked = await shop.nobody.send("OPTIONS", "/orders", { headers: preflight("https://shop.example") })
    expect([asked.status, corsOf(asked.headers)]).toEqual([405, {}])
    const { headers } = await shop.nobody.get("/products", { origin: "https://shop.example" })
    expect(corsOf(headers)).toEqual({})
  })
})

describe.each([
  { origins: ["https://shop.example"], others: ["https://evil.example", "http://shop.example", "null"] },
  { origins: ["https://shop.example", "http://localhost:5173"], others: ["https://shop.example.evil"] }
])("Pages of $origins", ({ origins, others }) => {
  const shop = open({ stores: Memory.layer, exposure: Layer.succeed(CorsOrigins, origins) })
  const ask = (origin: string) => shop.nobody.send("OPTIONS", "/orders", { headers: preflight(origin) })

  test("may ask for everything and read every answer, problems too", async () => {
    for (const origin of origins) {
      const { status, headers } = await ask(origin)
      expect(status).toBe(204)
      expect(headers.get("access-control-allow-origin")).toBe(origin)
      expect(headers.get("access-control-allow-headers")).toContain("idempotency-key")
      expect(headers.get("access-control-allow-methods")).toContain("PATCH")
      expect(headers.get("access-control-allow-credentials")).toBeNull()
      for (const path of ["/products", "/orders", "/nothing", "/products?limit=0"]) {
        const answer = await shop.nobody.get(path, { origin })
        expect(answer.headers.get("access-control-allow-origin")).toBe(origin)
        expect(answer.headers.get("access-control-expose-headers")).toContain("x-request-id")
        expect(answer.headers.get("vary")).toMatch(/origin/i)
      }
    }
  })

  test("may use every method, send every header and read every header of the description, and trace", async () => {
    const { paths } = await shop.document()
    const operations = Object.values(paths).flatMap((methods) => Object.entries(methods))
    const { headers } = await ask(origins[0] ?? "")
    const listed = (name: string, from: Headers) =>
      (from.get(name) ?? "").split(/,\s*/).map((item) => item.toLowerCase())
    const methods = operations.map(([method]) => method)
    expect(listed("access-control-allow-methods", headers)).toEqual(expect.arrayContaining(methods))
    const sent = operations.flatMap(([, { parameters = [] }]) =>
      parameters.filter((parameter) => parameter.in === "header").map(({ name }) => name.toLowerCase())
    )
    expect(sent).toContain("idempotency-key")
    expect(listed("access-control-allow-headers", headers)).toEqual(
      expect.arrayContaining([...sent, "authorization", "content-type", "traceparent", "tracestate", "b3"])
    )
    const read = operations.flatMap(([, { responses }]) =>
      Object.values(responses).flatMap((response) => Object.keys(response.headers ?? {}))
    )
    const answer = await shop.nobody.get("/products", { origin: origins[0] ?? "" })
    expect(read.length).toBeGreaterThan(10)
    expect(listed("access-control-expose-headers", answer.headers)).toEqual(expect.arrayContaining(read))
  })

  test("are the only ones [A4]", async () => {
    for (const origin of others) {
      expect((await ask(origin)).headers.get("access-control-allow-origin")).toBeNull()
      const { headers } = await shop.nobody.get("/products", { origin })
      expect(headers.get("access-control-allow-origin")).toBeNull()
      expect(headers.get("vary")).toMatch(/origin/i)
    }
  })
})

describe("Pages of any origin", () => {
  const shop = open({ stores: Memory.layer, exposure: Layer.succeed(CorsOrigins, ["*"]) })

  test("may ask if that is what was set", async () => {
    const { headers } = await shop.nobody.get("/products", { origin: "https://anybody.example" })
    expect(headers.get("access-control-allow-origin")).toBe("https://anybody.example")
  })
})
