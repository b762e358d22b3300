import { describe, expect, test } from "vitest"
import * as Memory from "../../../src/adapters/memory/index.ts"
import { layerSettings } from "../../../src/http/index.ts"
import type { Answer } from "../support/Caller.ts"
import { expectProblem, expectStatus } from "../support/Expect.ts"
import { open, type TestShop } from "../support/Shop.ts"

const limit = 6

/** The address of the tests themselves, as that of a proxy. */
const trustedProxies = ["127.0.0.1", "::1"]

const limited = () =>
  open({
    stores: Memory.layer,
    exposure: layerSettings({
      rateLimit: "off",
      requestLimit: { limit, window: "1 minute" },
      trustedProxies,
      corsOrigins: ["https://shop.example"]
    })
  })

const from = (address: string) => ({ "x-forwarded-for": address })

const isTooMuch = (answer: Answer) => {
  expectProblem(answer, 429, "too-many-requests")
  const seconds = Number(answer.headers.get("retry-after"))
  expect(seconds).toBeGreaterThan(0)
  expect(seconds).toBeLessThanOrEqual(60)
}

/** Sends what the limit allows. */
const exhaust = async (ask: (n: number) => Promise<Answer>) => {
  for (let n = 0; n < limit; n++) expect((await ask(n)).status).toBeLessThan(429)
}

describe("A limit of requests", () => {
  const shop: TestShop = limited()
  const { nobody } = shop
  const get = (path: string, address: string) => nobody.get(path, from(address))

  test("holds for an address that has no account, whatever it asks for [A1]", async () => {
    const paths = ["/products", "/docs", "/openapi.json", "/nothing", "/products?limit=0", "/orders"]
    await exhaust((n) => get(paths[n] ?? "/", "198.51.100.1"))
    for (const path of paths) isTooMuch(await get(path, "198.51.100.1"))
    isTooMuch(await nobody.post("/products", {}, from("198.51.100.1")))
    isTooMuch(await nobody.send("DELETE", "/products", { headers: from("198.51.100.1") }))
    expectStatus(await get("/products", "198.51.100.2"), 200)
  })

  test("counts no health checks and no preflights, and refuses neither", async () => {
    await exhaust(() => get("/products", "198.51.100.3"))
    isTooMuch(await get("/products", "198.51.100.3"))
    for (let n = 0; n < 2 * limit; n++) {
      expectStatus(await get("/health/ready", "198.51.100.3"), 200)
      expectStatus(await get("/health/live", "198.51.100.4"), 200)
      const preflight = await fetch(`${shop.url()}/products`, {
        method: "OPTIONS",
        headers: {
          origin: "https://shop.example",
          "access-control-request-method": "GET",
          ...from("198.51.100.4")
        }
      })
      expect(preflight.status).toBe(204)
    }
    await exhaust(() => get("/products", "198.51.100.4"))
  })

  test("holds for an account from all its addresses, and leaves other accounts behind one address alone [A1]", async () => {
    const [ada, bob] = [await shop.newCustomer(), await shop.newCustomer()]
    await exhaust((n) => ada.get("/orders", from(`198.51.101.${n}`)))
    isTooMuch(await ada.get("/orders", from("198.51.101.99")))
    isTooMuch(await ada.get("/auth/me", from("198.51.101.99")))
    await exhaust(() => bob.get("/orders", from("198.51.101.99")))
    isTooMuch(await bob.get("/orders", from("198.51.101.98")))
    expectStatus(await get("/products", "198.51.101.99"), 200)
  })

  test("takes a token that is not valid for no account", async () => {
    const forger = shop.bearer("not.a.token")
    await exhaust(() => forger.get("/orders", from("198.51.102.1")))
    isTooMuch(await forger.get("/orders", from("198.51.102.1")))
    isTooMuch(await get("/products", "198.51.102.1"))
  })

  test("is an answer of every endpoint in the description, but of health checks", async () => {
    const { paths } = await shop.document()
    const without = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([, { responses }]) => responses["429"] === undefined)
        .map(([method]) => `${method} ${path}`)
    )
    expect(without).toEqual(["get /health/live", "get /health/ready"])
  })
})

describe("A request that exceeds the limit", () => {
  const shop: TestShop = limited()

  test("changes nothing", async () => {
    const ada = await shop.newCustomer()
    await exhaust(() => ada.get("/orders"))
    const password = "another password"
    isTooMuch(await ada.post("/auth/password", { currentPassword: ada.password, newPassword: password }))
    const again = { email: ada.email, password: ada.password }
    expectStatus(await shop.nobody.post("/auth/login", again, from("198.51.103.1")), 200)
  })
})

describe("Without a limit", () => {
  const shop = open({ stores: Memory.layer })

  test("no request is refused", async () => {
    for (let n = 0; n < 100; n++) expectStatus(await shop.nobody.get("/products"), 200)
  })
})
