import { randomBytes } from "node:crypto"
import { connect } from "node:net"
import { Redacted } from "effect"
import { describe, expect, test } from "vitest"
import { createCommerce } from "../../../src/promise/index.ts"
import { lasting } from "../../support/lasting.ts"
import { poolOf } from "../../support/poolOf.ts"
import { freshDatabase } from "../../support/postgres.ts"
import { type Env, leaveNothingRunning, serve } from "../support/Cli.ts"
import { buy, get, logIn, post, stockUp } from "../support/Http.ts"

const JWT_SECRET = "0123456789abcdef0123456789abcdef"
const admin = { email: "boss@example.com", password: "a secret phrase" }

/** A database with shops, each with the same admin. */
const newDatabase = async (...names: ReadonlyArray<string>) => {
  const url = Redacted.value(await lasting(freshDatabase))
  const commerce = await createCommerce({ database: { url }, auth: { jwtSecret: JWT_SECRET, bcryptCost: 4 } })
  await commerce.accounts.ensureAdmin(admin)
  for (const name of names) await (await commerce.shop(name)).accounts.ensureAdmin(admin)
  await commerce.close()
  return url
}

const execute = async (url: string, statement: string) => {
  const pool = poolOf({ connectionString: url, max: 1 })
  const { rows } = await pool.query(statement)
  await pool.end()
  return rows
}

const start = (DATABASE_URL: string, env: Env = {}, options: Parameters<typeof serve>[1] = {}) =>
  serve({ DATABASE_URL, JWT_SECRET, SHOPS: "path", PAYMENTS: "simulated", ...env }, options)

const loggedIn = (url: string) => logIn(url, admin.email, admin.password)

/** The whole answer to a request with that host. `fetch` sets its own. */
const answerTo = (url: string, host: string, path: string) =>
  new Promise<string>((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1")
    let text = ""
    socket.on("data", (chunk) => {
      text += chunk
    })
    socket.on("end", () => resolve(text)).on("error", reject)
    socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
  })

describe("serve with shops", () => {
  leaveNothingRunning()

  test("each has its own catalog, orders, keys and accounts", async () => {
    const { url } = await start(await newDatabase("acme", "globex"))
    const shops = [url, `${url}/shops/acme`, `${url}/shops/globex`]
    const orders: Array<string> = []
    for (const shop of shops) {
      const token = await loggedIn(shop)
      const productId = await stockUp(shop, token)
      orders.push(await buy(shop, token, productId))
      const list = (await get(`${shop}/products`)).body as unknown as { items: ReadonlyArray<{ id: string }> }
      expect(list.items.map(({ id }) => id)).toEqual([productId])
      for (const other of shops) {
        expect((await get(`${other}/orders`, token)).status).toBe(other === shop ? 200 : 401)
        expect((await get(`${other}/products/${productId}`)).status).toBe(other === shop ? 200 : 404)
      }
    }
    expect(new Set(orders).size).toBe(3)
  })

  test("paths, documents and links are those of the shop, also under a base path", async () => {
    const { greeting, url } = await start(await newDatabase("acme"), { BASE_PATH: "/api" })
    expect(greeting).toContain(`shops  ${url}/shops/{name}\n`)
    const shop = `${url}/shops/acme`
    const document = (await get(`${shop}/openapi.json`)).body as unknown as { servers: unknown }
    expect(document.servers).toEqual([{ url: "/api/shops/acme" }])
    expect((await fetch(shop, { redirect: "manual" })).headers.get("location")).toBe("/api/shops/acme/docs")
    const token = await loggedIn(shop)
    const productId = await stockUp(shop, token)
    const placed = await fetch(`${shop}/orders`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ items: [{ productId, quantity: 1 }] })
    })
    const location = placed.headers.get("location") ?? ""
    expect(location).toMatch(/^\/api\/shops\/acme\/orders\//)
    expect((await get(new URL(location, url).href, token)).status).toBe(200)
  })

  test("an unknown shop is a 404 that leaves nothing behind", async () => {
    const database = await newDatabase("acme")
    const server = await start(database, { METRICS: "on" })
    for (const name of ["nope", "ACME", "acme%20", "a..b", "-a", "x".repeat(5000), ...Array(50).keys()]) {
      const { body, status } = await get(`${server.url}/shops/${name}/products`)
      expect([status, body.code, name]).toEqual([404, "shop-not-found", name])
    }
    expect((await post(`${server.url}/shops/nope/auth/login`, admin)).status).toBe(404)
    expect((await get(`${server.url}/shops`)).body.code).toBe("not-found")
    expect((await get(`${server.url}/shops/acme/products`)).status).toBe(200)
    const metrics = await (await fetch(`${server.url}/metrics`)).text()
    expect(new Set([...metrics.matchAll(/shop="([^"]*)"/g)].map(([, shop]) => shop))).toEqual(
      new Set(["acme"])
    )
    expect(metrics).toMatch(/commerce_http_request_seconds_count\{[^}]*route="\/products"[^}]*shop="acme"/)
    const schemas = "SELECT count(*)::int AS found FROM pg_namespace WHERE nspname LIKE 'commerce%'"
    expect(await execute(database, schemas)).toEqual([{ found: 2 }])
  })

  test("attempts count for one shop, among workers too", async () => {
    const database = await newDatabase("acme", "globex")
    for (const WORKERS of ["1", "2"]) {
      const { stop, url } = await start(database, { WORKERS, AUTH_RATE_LIMIT: "4 per hour" })
      const attempts = async (shop: string) => {
        const codes: Array<number> = []
        for (let n = 0; n < 6; n++) {
          codes.push(
            (await post(`${url}/shops/${shop}/auth/login`, { ...admin, password: "a wrong one" })).status
          )
        }
        return codes
      }
      expect(await attempts("acme")).toEqual([401, 401, 401, 401, 429, 429])
      expect(await attempts("globex")).toEqual([401, 401, 401, 401, 429, 429])
      expect((await post(`${url}/auth/login`, admin)).status).toBe(200)
      expect((await stop()).code).toBe(0)
    }
  })

  test("the host names the shop", async () => {
    const { greeting, url } = await start(await newDatabase("acme"), { SHOPS: "*.shops.example" })
    expect(greeting).toContain(`shops  http://{name}.shops.example:${new URL(url).port}\n`)
    const token = await loggedIn(url)
    const productId = await stockUp(url, token)
    const path = `/products/${productId}`
    expect(await answerTo(url, "localhost", path)).toMatch(/^HTTP\/1.1 200 /)
    expect(await answerTo(url, "shops.example", path)).toMatch(/^HTTP\/1.1 200 /)
    expect(await answerTo(url, "acme.shops.example:3000", path)).toMatch(
      /^HTTP\/1.1 404 .*product-not-found/s
    )
    expect(await answerTo(url, "ACME.shops.example", "/products")).toMatch(/^HTTP\/1.1 200 /)
    expect(await answerTo(url, "other.shops.example", path)).toMatch(/^HTTP\/1.1 404 .*shop-not-found/s)
    expect(await answerTo(url, "a.b.shops.example", path)).toMatch(/^HTTP\/1.1 404 .*shop-not-found/s)
  })

  test("a shop whose tables cannot be used is unavailable, and the others are served", async () => {
    const database = await newDatabase("acme", "globex")
    const insert =
      "INSERT INTO commerce_acme.migrations (migration_id, name) VALUES (9999, 'of a later release')"
    await execute(database, insert)
    const server = await start(database)
    const refused = await fetch(`${server.url}/shops/acme/products`)
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"])
    expect(await refused.json()).toMatchObject({ code: "unavailable", outcome: "notApplied" })
    expect((await get(`${server.url}/shops/globex/products`)).status).toBe(200)
    expect((await get(`${server.url}/health/ready`)).status).toBe(200)
    expect(server.output()).toContain("A shop cannot be opened")
    // It is opened once that has been repaired.
    await execute(database, "DELETE FROM commerce_acme.migrations WHERE name = 'of a later release'")
    expect((await get(`${server.url}/shops/acme/products`)).status).toBe(200)
  })

  test("with --read-only each is ready, for a user who may only read", async () => {
    const database = await newDatabase("acme")
    const role = `reader_${randomBytes(6).toString("hex")}`
    const schemas = "commerce, commerce_acme"
    await execute(
      database,
      `CREATE ROLE ${role} LOGIN PASSWORD 'secret'; GRANT USAGE ON SCHEMA ${schemas} TO ${role};
      GRANT SELECT ON ALL TABLES IN SCHEMA ${schemas} TO ${role}`
    )
    try {
      const reader = Object.assign(new URL(database), { username: role, password: "secret" })
      const { url } = await start(reader.href, {}, { flags: ["--read-only"] })
      for (const path of ["health/ready", "products"]) {
        expect((await get(`${url}/shops/acme/${path}`)).status).toBe(200)
      }
    } finally {
      await execute(database, `DROP OWNED BY ${role}; DROP ROLE ${role}`)
    }
  })

  test("an unknown value of SHOPS is refused", async () => {
    const database = await newDatabase()
    for (const SHOPS of ["on", "*", "*.", "acme.example.com", "*.example_com", "*.-a.com", "/shops"]) {
      await expect(start(database, { SHOPS })).rejects.toThrow(/SHOPS: Expected off, path or a domain/)
    }
  })
})
