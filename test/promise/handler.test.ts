import { afterAll, assert, beforeAll, describe, it } from "vitest"
import type { Commerce } from "../../src/promise/index.ts"
import { type Ask, askOver, doors, type Listening } from "./doors.ts"
import { newProduct, useEmbedded, useMemory } from "./support.ts"

const http = { basePath: "/shop", corsOrigins: ["https://shop.example"], trustedProxies: ["10.0.0.0/8"] }

interface Opened {
  readonly commerce: () => Commerce
  readonly ask: Ask
}

const directly = (commerce: () => Commerce): Opened => ({
  commerce,
  ask: (request, connection) => commerce().handler(request, connection)
})

const overServers = doors.map(({ name, hasOtherRoutes, open }) => ({
  name,
  hasOtherRoutes,
  tellsPeer: true,
  opens: (): Opened => {
    const commerce = useMemory({ http: { ...http, trustedProxies: [...http.trustedProxies, "127.0.0.1"] } })
    let listening: Listening | undefined
    beforeAll(async () => {
      listening = await open(commerce())
    })
    afterAll(() => listening?.close())
    return { commerce, ask: (request, connection) => askOver(listening?.url ?? "")(request, connection) }
  }
}))

describe.each([
  { name: "PGlite", hasOtherRoutes: false, tellsPeer: false, opens: () => directly(useEmbedded({ http })) },
  { name: "memory", hasOtherRoutes: false, tellsPeer: false, opens: () => directly(useMemory({ http })) },
  ...overServers
])("a handler under a base path: $name", ({ hasOtherRoutes, tellsPeer, opens }) => {
  const { ask: send, commerce: opened } = opens()

  const ask = (path: string, init: RequestInit = {}) => send(new Request(`http://host.example${path}`, init))

  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    ask(path, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json", ...headers }
    })

  it("answers there, and nowhere else", async () => {
    assert.strictEqual((await ask("/shop/products?limit=5")).status, 200)
    for (const path of ["/products", "/shopping/products", "/shop/nothing"]) {
      const response = await ask(path)
      assert.strictEqual(response.status, 404)
      const isOurs = !hasOtherRoutes || path.startsWith("/shop/")
      if (isOurs) assert.strictEqual((await response.json()).code, "not-found")
      else assert.notInclude(await response.text(), "urn:effect-commerce")
    }
  })

  it("reads bodies as they were sent, and mends none", async () => {
    const [before = "", after = ""] = JSON.stringify({
      email: "?@example.com",
      password: "long enough"
    }).split("?")
    const body = Buffer.concat([Buffer.from(before), Buffer.from([0xff]), Buffer.from(after)])
    const headers = { "content-type": "application/json" }
    const response = await ask("/shop/auth/register", { method: "POST", body, headers })
    assert.strictEqual(response.status, 400)
    assert.strictEqual((await response.json()).code, "invalid-request")
  })

  it("serves a customer from the registration to the payment", async () => {
    const { id: productId } = await newProduct(opened(), 3)
    const person = { email: "http@example.com", password: "a long password" }
    assert.strictEqual((await post("/shop/auth/register", person)).headers.get("location"), "/shop/auth/me")
    const { accessToken } = await (await post("/shop/auth/login", person)).json()
    const authorization = `Bearer ${accessToken}`
    const placed = await post("/shop/orders", { items: [{ productId, quantity: 2 }] }, { authorization })
    assert.strictEqual(placed.status, 201)
    const location = placed.headers.get("location") ?? ""
    assert.match(location, /^\/shop\/orders\//)
    assert.strictEqual((await ask(location, { headers: { authorization } })).status, 200)
    const paid = await post(`${location}/payments`, { paymentMethod: "sim_approve" }, { authorization })
    assert.strictEqual((await paid.json()).orderStatus, "PAID")
  })

  it("describes itself under that path", async () => {
    const document = await (await ask("/shop/openapi.json")).json()
    assert.deepStrictEqual(document.servers, [{ url: "/shop" }])
    assert.strictEqual((await ask("/shop/docs")).status, 200)
  })

  it("keeps the origins and the rate that it was told, or 30 attempts per minute", async () => {
    const headers = { origin: "https://shop.example" }
    const response = await ask("/shop/products", { headers })
    assert.strictEqual(response.headers.get("access-control-allow-origin"), headers.origin)
    const person = { email: "guess@example.com", password: "a wrong password" }
    const peer = { "x-forwarded-for": "203.0.113.77" }
    const statuses: Array<number> = []
    for (let n = 0; n < 31; n++) statuses.push((await post("/shop/auth/login", person, peer)).status)
    assert.deepStrictEqual([statuses[0], statuses[29], statuses[30]], [401, 401, 429])
  })

  describe("counts attempts by address", () => {
    const refresh = (remoteAddress: string | undefined, forwarded: string) =>
      send(
        new Request("http://host.example/shop/auth/refresh", {
          method: "POST",
          body: JSON.stringify({ refreshToken: "nonsense" }),
          headers: { "content-type": "application/json", "x-forwarded-for": forwarded }
        }),
        { remoteAddress }
      )

    /** The statuses of 31 attempts, of which one is too many. */
    const statuses = async (remoteAddress: string | undefined, forwarded: (n: number) => string) => {
      const found = new Set<number>()
      for (let n = 0; n < 31; n++) found.add((await refresh(remoteAddress, forwarded(n))).status)
      return [...found]
    }

    it("of the client that a trusted proxy saw", async () => {
      assert.deepStrictEqual(await statuses("10.1.2.3", (n) => `192.0.2.${n}, 203.0.113.1`), [401, 429])
      assert.deepStrictEqual(await statuses("10.1.2.3", (n) => `192.0.2.${n}`), [401])
    })

    it("of the peer if that is no trusted proxy, whatever it claims", async () => {
      assert.deepStrictEqual(await statuses("198.51.100.1", (n) => `192.0.2.${n}`), [401, 429])
    })

    it.skipIf(tellsPeer)("not at all if the host does not tell the peer, whatever is claimed", async () => {
      assert.deepStrictEqual(await statuses(undefined, () => "203.0.113.1"), [401])
    })
  })
})
