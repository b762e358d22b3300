import { Effect, Layer } from "effect"
import { describe, expect, it } from "vitest"
import * as Memory from "../../../src/adapters/memory/index.ts"
import { Authenticate, BuiltInAccounts } from "../../../src/http/index.ts"
import { created } from "../support/Expect.ts"
import { open } from "../support/Shop.ts"
import type { NewServiceToken } from "../support/Types.ts"

/** The user is what a header says, and `broken` is a bug of the host. */
const authenticate = Layer.succeed(Authenticate, ({ headers }) => {
  const id = headers["x-user"]
  if (id === "broken") return Effect.die(new Error("no session store"))
  return Effect.succeed(id === undefined ? null : { id, role: id === "boss" ? "admin" : "customer" })
})

describe("a host with Effect that has users of its own", () => {
  const { logs, url } = open({
    stores: Memory.layer,
    exposure: Layer.merge(authenticate, Layer.succeed(BuiltInAccounts, false))
  })
  const statusOf = async (path: string, user?: string) =>
    (await fetch(`${url()}${path}`, { headers: user === undefined ? {} : { "x-user": user } })).status

  it("decides who sends a request, and what they may do", async () => {
    expect(await statusOf("/products")).toBe(200)
    expect(await statusOf("/orders")).toBe(401)
    expect(await statusOf("/orders", "user_2abc")).toBe(200)
    expect(await statusOf("/orders?customerId=user_2abc", "17")).toBe(403)
    expect(await statusOf("/analytics/summary", "user_2abc")).toBe(403)
    expect(await statusOf("/analytics/summary", "boss")).toBe(200)
    expect(await statusOf("/auth/login")).toBe(404)
  })

  it("has no accounts to look up, and no service tokens", async () => {
    for (const path of ["/accounts", "/service-tokens", "/auth/password-resets", "/auth/reset-password"]) {
      expect(await statusOf(path, "boss")).toBe(404)
    }
    const headers = { authorization: `Bearer ecs_${"x".repeat(43)}` }
    expect((await fetch(`${url()}/orders`, { headers })).status).toBe(401)
  })

  it("gets a 500 and an entry of its log for what its function throws", async () => {
    expect(await statusOf("/analytics/summary", "broken")).toBe(500)
    expect(logs().join("\n")).toContain("no session store")
  })
})

describe("a host with Effect that has users and accounts", () => {
  const shop = open({ stores: Memory.layer, exposure: authenticate })

  it("knows both", async () => {
    const { get } = await shop.newCustomer()
    expect((await get("/auth/me")).status).toBe(200)
    expect((await fetch(`${shop.url()}/orders`, { headers: { "x-user": "17" } })).status).toBe(200)
    expect((await shop.bearer("nonsense").get("/orders")).status).toBe(401)
    const { token } = await created(shop.admin.post<NewServiceToken>("/service-tokens", { name: "till" }))
    expect((await shop.bearer(token).get("/analytics/summary")).status).toBe(200)
    const asService = await fetch(`${shop.url()}/orders`, { headers: { "x-user": "service:till" } })
    expect(asService.status).toBe(500)
  })
})
