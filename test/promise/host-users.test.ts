import { createServer } from "node:http"
import type { Request as ExpressRequest } from "express"
import { assert, describe, it } from "vitest"
import {
  createCommerce,
  type HostAuthenticate,
  type HostAuthSettings,
  isCommerceError,
  toNodeHandler
} from "../../src/promise/index.ts"
import { listen } from "./doors.ts"
import { newProduct, reasonOf, useDatabase } from "./support.ts"

const jwtSecret = "a secret of thirty-two bytes or more"
const json = { "content-type": "application/json" }

/** The user is what a header says: `id role`. */
const byHeader: HostAuthenticate = ({ headers }) => {
  const [id, role] = headers.get("x-user")?.split(" ") ?? []
  return id === undefined ? null : { id, role: role === "admin" ? "admin" : "customer" }
}

/** A shop in memory for one test, with the requests to it and what it logs. */
const withShop = async (
  auth: HostAuthSettings,
  work: (shop: {
    readonly commerce: Awaited<ReturnType<typeof createCommerce>>
    readonly ask: (path: string, headers?: Record<string, string>, body?: unknown) => Promise<Response>
    readonly logged: Array<string>
  }) => Promise<void>,
  http = {}
) => {
  const logged: Array<string> = []
  const commerce = await createCommerce({
    database: { memory: true },
    auth,
    http,
    payments: { gateway: "simulated" },
    logger: { error: (message, { error }) => logged.push(`${message}: ${String(error)}`) }
  })
  const ask = (path: string, headers: Record<string, string> = {}, body?: unknown) =>
    commerce.handler(
      new Request(`http://shop.example${path}`, {
        headers: { ...(body === undefined ? {} : json), ...headers },
        ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) })
      })
    )
  try {
    await work({ commerce, ask, logged })
  } finally {
    await commerce.close()
  }
}

describe("the users of a host", () => {
  it("buy, see their own orders, and no others", () =>
    withShop({ authenticate: byHeader }, async ({ commerce, ask, logged }) => {
      const { id: productId } = await newProduct(commerce, 10)
      const order = { items: [{ productId, quantity: 1 }] }
      const [ada, bob, boss] = ["user_2abc", "17", "boss admin"].map((user) => ({ "x-user": user }))
      const placed = await ask("/orders", ada, order)
      assert.strictEqual(placed.status, 201)
      const { id, customerId } = await placed.json()
      assert.strictEqual(customerId, "user_2abc")
      const paid = await ask(`/orders/${id}/payments`, ada, { paymentMethod: "sim_approve" })
      assert.strictEqual((await paid.json()).orderStatus, "PAID")
      assert.strictEqual((await ask(`/orders/${id}`, ada)).status, 200)
      assert.strictEqual((await ask(`/orders/${id}`, bob)).status, 404)
      assert.strictEqual((await ask(`/orders/${id}`, { "x-user": "USER_2ABC" })).status, 404)
      assert.strictEqual((await ask(`/orders/${id}`, boss)).status, 200)
      assert.lengthOf((await (await ask("/orders", bob)).json()).items, 0)
      assert.lengthOf((await (await ask("/orders?customerId=user_2abc", boss)).json()).items, 1)
      assert.strictEqual((await ask("/categories", ada, { name: "Mine" })).status, 403)
      assert.strictEqual((await ask("/categories", boss, { name: "Ours" })).status, 201)
      const { items } = await (await ask(`/orders/${id}/history`, ada)).json()
      assert.deepStrictEqual(
        items.map(({ actor }: { actor: string }) => actor),
        ["user_2abc", "user_2abc"]
      )
      assert.deepStrictEqual(logged, [])
    }))

  it("are nobody at null: what is protected is a 401, and what is public is served without being asked", async () => {
    let asked = 0
    const authenticate = () => {
      asked += 1
      return null
    }
    await withShop({ authenticate }, async ({ ask }) => {
      for (const path of ["/products", "/categories", "/health/ready", "/openapi.json"]) {
        assert.strictEqual((await ask(path)).status, 200, path)
      }
      assert.strictEqual(asked, 0)
      for (const path of ["/orders", "/analytics/summary", "/orders/01a2093f-c470-773f-8bc2-d9f9d74b6b97"]) {
        const response = await ask(path, { authorization: "Bearer x.y.z" })
        assert.strictEqual(response.status, 401, path)
        assert.strictEqual((await response.json()).code, "unauthenticated")
      }
      assert.strictEqual((await ask("/orders", {}, "not an order")).status, 401)
      assert.strictEqual(asked, 4)
    })
  })

  const hostile: ReadonlyArray<readonly [string, () => unknown]> = [
    ["nothing", () => undefined],
    ["true", () => true],
    ["text", () => "admin"],
    ["a user without a role", () => ({ id: "ada" })],
    ["another role", () => ({ id: "ada", role: "superuser" })],
    ["several roles", () => ({ id: "ada", role: ["admin"] })],
    ["a role in capitals", () => ({ id: "ada", role: "Admin" })],
    ["a number as id", () => ({ id: 7, role: "admin" })],
    ["an empty id", () => ({ id: "", role: "admin" })],
    ["a long id", () => ({ id: "x".repeat(256), role: "admin" })],
    ["an id with a line break", () => ({ id: "ada\nboss", role: "admin" })],
    ["the shop itself", () => ({ id: "system", role: "admin" })],
    ["an array", () => [{ id: "ada", role: "admin" }]],
    ["a promise of a promise's function", async () => async () => ({ id: "ada", role: "admin" })],
    [
      "an error that is thrown",
      () => {
        throw new Error("no session store")
      }
    ],
    ["an error that is rejected", () => Promise.reject(new Error("no session store"))],
    ["a rejection of nothing", () => Promise.reject(undefined)],
    [
      "getters that throw",
      () => ({
        get id() {
          throw new Error("no id")
        },
        role: "admin"
      })
    ]
  ]

  it.each(hostile)("that are %s are a logged 500, and no admin", (_, answer) =>
    withShop({ authenticate: answer as never }, async ({ ask, logged }) => {
      for (const path of ["/orders", "/analytics/summary"]) {
        const response = await ask(path)
        assert.strictEqual(response.status, 500, path)
        const problem = await response.json()
        assert.strictEqual(problem.code, "internal")
        assert.notMatch(JSON.stringify(problem), /session store|ada/)
      }
      assert.lengthOf(logged, 2)
      assert.strictEqual((await ask("/products")).status, 200)
    })
  )

  it("are each their own, however many come at once and however long the host takes", () =>
    withShop(
      {
        authenticate: async (request) => {
          await new Promise((done) => setTimeout(done, Math.random() * 30))
          return byHeader(request, {})
        }
      },
      async ({ commerce, ask }) => {
        const { id: productId } = await newProduct(commerce, 1000)
        const order = { items: [{ productId, quantity: 1 }] }
        const ids = Array.from({ length: 100 }, (_, n) => `user_${n}`)
        const placed = await Promise.all(
          ids.map(async (id) => (await (await ask("/orders", { "x-user": id }, order)).json()).customerId)
        )
        assert.deepStrictEqual(placed, ids)
      }
    ))

  it("are asked for each time: a session that has ended ends at once", async () => {
    const sessions = new Map([["token", { id: "ada", role: "customer" as const }]])
    const authenticate: HostAuthenticate = ({ headers }) =>
      sessions.get(headers.get("authorization") ?? "") ?? null
    await withShop({ authenticate }, async ({ ask }) => {
      assert.strictEqual((await ask("/orders", { authorization: "token" })).status, 200)
      sessions.clear()
      assert.strictEqual((await ask("/orders", { authorization: "token" })).status, 401)
    })
  })

  it("do not wait for a host that takes its time with somebody else", () =>
    withShop(
      {
        authenticate: (request) =>
          request.headers.has("slow") ? new Promise(() => {}) : byHeader(request, {})
      },
      async ({ commerce, ask }) => {
        const leaving = new AbortController()
        const slow = commerce.handler(
          new Request("http://shop.example/orders", { headers: { slow: "1" }, signal: leaving.signal })
        )
        assert.strictEqual((await ask("/orders", { "x-user": "ada" })).status, 200)
        leaving.abort()
        assert.strictEqual((await slow).status, 499)
      }
    ))

  it("may be found by the body, of which the host reads a copy", async () => {
    const order = { items: [{ productId: crypto.randomUUID(), quantity: 1 }] }
    const ada = { id: "ada", role: "customer" } as const
    await withShop(
      { authenticate: async (request) => ((await request.clone().json()).items ? ada : null) },
      async ({ ask }) => assert.strictEqual((await ask("/orders", {}, order)).status, 404)
    )
    await withShop(
      { authenticate: async (request) => ((await request.json()).items ? ada : null) },
      async ({ ask, logged }) => {
        assert.strictEqual((await ask("/orders", {}, order)).status, 500)
        assert.match(logged.join(), /request\.clone\(\)/)
      }
    )
  })

  it("are those that a framework has found, over toNodeHandler", async () => {
    const authenticate: HostAuthenticate = (_, { incoming }) =>
      (incoming as ExpressRequest & { user?: { id: string; role: "admin" } }).user ?? null
    await withShop({ authenticate }, async ({ commerce }) => {
      const handle = toNodeHandler(commerce)
      const { url, close } = await listen(
        createServer((request, response) => {
          const user = request.headers["x-user"] === "boss" ? { id: "boss", role: "admin" } : undefined
          handle(Object.assign(request, { user }), response)
        })
      )
      const statusOf = async (user: string) =>
        (await fetch(`${url}/analytics/summary`, { headers: { "x-user": user } })).status
      assert.deepStrictEqual([await statusOf("boss"), await statusOf("ada")], [200, 401])
      await close()
    })
  })

  describe("whose cookies a page of another site sends", () => {
    const cookies = (site: string, origin = "https://evil.example") => ({
      cookie: "session=1",
      origin,
      "sec-fetch-site": site
    })
    const ada: HostAuthSettings = { authenticate: () => ({ id: "ada", role: "admin" }) }
    const category = { name: "Forged" }

    it("change nothing", () =>
      withShop(ada, async ({ commerce, ask }) => {
        for (const site of ["cross-site", "same-site"]) {
          assert.strictEqual((await ask("/categories", cookies(site), category)).status, 403)
        }
        assert.lengthOf((await commerce.catalog.categories()).items, 0)
        assert.strictEqual((await ask("/orders", cookies("cross-site"))).status, 200)
        assert.strictEqual((await ask("/categories", cookies("same-origin"), category)).status, 201)
      }))

    it("change nothing, also where every origin may read, and where a browser names the origin alone", () =>
      withShop(
        ada,
        async ({ commerce, ask }) => {
          const { "sec-fetch-site": _, ...older } = cookies("cross-site")
          for (const headers of [cookies("cross-site"), older, { ...older, origin: "null" }]) {
            assert.strictEqual((await ask("/categories", headers, category)).status, 403)
          }
          assert.lengthOf((await commerce.catalog.categories()).items, 0)
          const own = { ...older, origin: "http://shop.example" }
          assert.strictEqual((await ask("/categories", own, category)).status, 201)
          const read = await ask("/products", { origin: "https://evil.example" })
          assert.isNull(read.headers.get("access-control-allow-credentials"))
        },
        { corsOrigins: ["*"] }
      ))

    it("change something from an origin that the shop names", () =>
      withShop(
        ada,
        async ({ ask }) => {
          const page = cookies("cross-site", "https://app.example")
          assert.strictEqual((await ask("/categories", page, category)).status, 201)
          const read = await ask("/products", { origin: "https://app.example" })
          assert.strictEqual(read.headers.get("access-control-allow-credentials"), "true")
          const without = { "sec-fetch-site": "cross-site", origin: "https://evil.example" }
          assert.strictEqual((await ask("/categories", without, { name: "By token" })).status, 201)
        },
        { corsOrigins: ["https://app.example"] }
      ))
  })
})

describe("accounts that are off", () => {
  const person = { email: "ada@example.com", password: "a long password" }

  it("have no routes, and are not in the description of the API", () =>
    withShop({ accounts: false }, async ({ ask }) => {
      for (const path of ["/auth/register", "/auth/login", "/auth/refresh", "/auth/logout"]) {
        const response = await ask(path, {}, person)
        assert.strictEqual(response.status, 404, path)
        assert.strictEqual((await response.json()).code, "not-found")
      }
      for (const path of ["/auth/me", "/auth/nothing"]) assert.strictEqual((await ask(path)).status, 404)
      assert.strictEqual((await ask("/orders")).status, 401)
      const text = await (await ask("/openapi.json")).text()
      const document = JSON.parse(text)
      assert.notMatch(text, /\/auth\/|Registration|RefreshToken|accessToken/)
      assert.isDefined(document.paths["/orders"].post)
      assert.match(document.components.securitySchemes.bearer.description, /application/)
      const [, script] = (await (await ask("/docs")).text()).matchAll(/src="(docs\/\w+\.js)"/g)
      assert.include(await (await ask(`/${script?.[1]}`)).text(), "/orders")
    }))

  it("leave all other operations as they are", async () => {
    const paths = async (auth: HostAuthSettings) => {
      let found = {}
      await withShop(auth, async ({ ask }) => {
        found = (await (await ask("/openapi.json")).json()).paths
      })
      return found
    }
    const all = await paths({})
    const others = Object.entries(all).filter(
      ([path]) => !/^\/(auth|accounts|service-tokens)(\/|$)/.test(path)
    )
    assert.notStrictEqual(others.length, Object.keys(all).length)
    assert.deepStrictEqual(await paths({ accounts: false }), Object.fromEntries(others))
  })

  it("refuse calls of the host with an error that is known", () =>
    withShop({ accounts: false }, async ({ commerce }) => {
      const { accounts } = commerce
      const reasons = await Promise.all([
        reasonOf(accounts.register(person)),
        reasonOf(accounts.createAdmin(person)),
        reasonOf(accounts.ensureAdmin(person)),
        reasonOf(accounts.login(person)),
        reasonOf(accounts.refresh("token")),
        reasonOf(accounts.logout("token")),
        reasonOf(accounts.requestPasswordReset({ email: person.email })),
        reasonOf(accounts.resetPassword({ token: "token", newPassword: person.password })),
        reasonOf(commerce.serviceTokens.create({ name: "till" })),
        reasonOf(commerce.serviceTokens.authenticate("ecs_token"))
      ])
      for (const reason of reasons) {
        assert.isTrue(isCommerceError(reason))
        assert.propertyVal(reason, "_tag", "AccountsDisabled")
      }
      assert.propertyVal(await reasonOf(accounts.authenticate("x.y.z")), "_tag", "Unauthenticated")
    }))

  it("are off with authenticate unless they are asked for, and then a token counts where the host knows nobody", () =>
    withShop({ authenticate: byHeader, accounts: true, jwtSecret, bcryptCost: 4 }, async ({ ask }) => {
      const { id } = await (await ask("/auth/register", {}, person)).json()
      const { accessToken } = await (await ask("/auth/login", {}, person)).json()
      const authorization = `Bearer ${accessToken}`
      assert.strictEqual((await (await ask("/auth/me", { authorization })).json()).id, id)
      assert.strictEqual((await ask("/analytics/summary", { authorization })).status, 403)
      assert.strictEqual(
        (await ask("/analytics/summary", { authorization, "x-user": "b admin" })).status,
        200
      )
      assert.strictEqual((await ask("/orders")).status, 401)
    }))

  it("need no secret on a server, and accounts do", async () => {
    const url = "postgres://nobody@127.0.0.1:1/nowhere"
    const open = (auth: HostAuthSettings) => reasonOf(createCommerce({ database: { url }, auth, logger: {} }))
    for (const auth of [{ accounts: false }, { authenticate: byHeader }]) {
      assert.propertyVal(await open(auth), "_tag", "StoreUnavailable")
    }
    for (const auth of [{}, { accounts: true }, { authenticate: byHeader, accounts: true }]) {
      assert.deepNestedPropertyVal(await open(auth), "errors[0].path", "/auth/jwtSecret")
    }
    assert.deepNestedPropertyVal(
      await open({ authenticate: "me" as never }),
      "errors[0].path",
      "/auth/authenticate"
    )
  })

  describe("on PostgreSQL", () => {
    const url = useDatabase()
    it("sell all the same", async () => {
      const commerce = await createCommerce({
        database: { url: url(), pool: 2 },
        auth: { authenticate: byHeader }
      })
      const { id: productId } = await newProduct(commerce, 1)
      const body = JSON.stringify({ items: [{ productId, quantity: 1 }] })
      const headers = { ...json, "x-user": "clerk|7" }
      const placed = await commerce.handler(new Request("http://h/orders", { method: "POST", headers, body }))
      assert.strictEqual((await placed.json()).customerId, "clerk|7")
      assert.lengthOf((await commerce.orders.list({ customerId: "clerk|7" })).items, 1)
      await commerce.close()
    })
  })
})
