import { Redacted } from "effect"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { lasting } from "../../support/lasting.ts"
import { freshDatabase } from "../../support/postgres.ts"
import { leaveNothingRunning, type Serving, serve } from "../support/Cli.ts"
import { buy, logIn, stockUp } from "../support/Http.ts"

const JWT_SECRET = "0123456789abcdef0123456789abcdef"
const admin = { ADMIN_EMAIL: "boss@example.com", ADMIN_PASSWORD: "a secret phrase" }

describe.each([
  ["/shop", "/shop"],
  ["/api/v1/", "/api/v1"]
])("A server with BASE_PATH=%s", (BASE_PATH, prefix) => {
  leaveNothingRunning("all")
  let server: Serving
  let origin: string
  beforeAll(async () => {
    const DATABASE_URL = Redacted.value(await lasting(freshDatabase))
    server = await serve({
      DATABASE_URL,
      JWT_SECRET,
      ...admin,
      BASE_PATH,
      METRICS: "on",
      PAYMENTS: "simulated"
    })
    origin = new URL(server.url).origin
  })
  afterAll(() => server?.stop())

  const statusAt = async (path: string) => {
    const response = await fetch(`${origin}${path}`, { redirect: "manual" })
    await response.arrayBuffer()
    return response.status
  }

  test("prints the URLs that are under it", () => {
    expect(server.url).toBe(`${origin}${prefix}`)
    expect(server.greeting).toContain(`docs   ${origin}${prefix}/docs\n`)
    expect(server.greeting).toContain(`curl ${origin}${prefix}/products\n`)
  })

  test("serves every path there, and none elsewhere", async () => {
    for (const path of ["/products", "/health/live", "/health/ready", "/metrics", "/openapi.json", "/docs"]) {
      expect([path, await statusAt(`${prefix}${path}`), await statusAt(path)]).toEqual([path, 200, 404])
    }
    for (const path of [`${prefix}x/products`, `${prefix}//`, `${prefix}/products/`, `${prefix}/;x`]) {
      expect([path, await statusAt(path)]).toEqual([path, 404])
    }
  })

  test("leads from its root to the docs, with and without a slash", async () => {
    for (const root of [prefix, `${prefix}/`, `${prefix}/?x`]) {
      const { headers, status } = await fetch(`${origin}${root}`, { redirect: "manual" })
      expect([root, status, headers.get("location")]).toEqual([root, 302, `${prefix}/docs`])
    }
    expect((await fetch(`${origin}${prefix}/`, { method: "POST" })).status).toBe(405)
  })

  test("answers with locations that lead to what was made", async () => {
    const token = await logIn(server.url, admin.ADMIN_EMAIL, admin.ADMIN_PASSWORD)
    const order = await buy(server.url, token, await stockUp(server.url, token))
    const payment = await fetch(`${server.url}/orders/${order}/payments`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify({ paymentMethod: "sim_approve" })
    })
    const location = payment.headers.get("location") ?? ""
    expect(location).toMatch(new RegExp(`^${prefix}/orders/`))
    const found = await fetch(`${origin}${location}`, { headers: { authorization: `Bearer ${token}` } })
    expect(found.status).toBe(200)
  })

  test("describes itself with it, so that clients and the docs page find the paths", async () => {
    const document = await (await fetch(`${server.url}/openapi.json`)).json()
    expect(document.servers).toEqual([{ url: prefix }])
    const page = await (await fetch(`${server.url}/docs`)).text()
    const scripts = Array.from(page.matchAll(/<script defer src="(docs\/\w+\.js)">/g), async ([, src]) =>
      (await fetch(`${server.url}/${src}`)).text()
    )
    expect((await Promise.all(scripts)).join("\n")).toContain(`"servers":[{"url":"${prefix}"}]`)
    const url = `${origin}${document.servers[0].url}${Object.keys(document.paths).find((path) => path === "/products")}`
    expect((await fetch(url)).status).toBe(200)
  })

  test("counts requests by their whole route, without those of probes in the log", async () => {
    const text = await (await fetch(`${server.url}/metrics`)).text()
    expect(text).toContain(`route="${prefix}/products"`)
  })
})
