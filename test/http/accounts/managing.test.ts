import { randomUUID } from "node:crypto"
import { Effect } from "effect"
import { describe, expect, test } from "vitest"
import * as Memory from "../../../src/adapters/memory/index.ts"
import { layerSettings } from "../../../src/http/index.ts"
import { StoreUnavailable } from "../../../src/ports/errors.ts"
import { ServiceTokenStore } from "../../../src/ports/ServiceTokenStore.ts"
import { faulty } from "../../support/faulty.ts"
import { created, expectFaults, expectProblem, expectStatus, ok } from "../support/Expect.ts"
import { historyOf, items, newProduct, pay, usd } from "../support/Given.ts"
import { newEmail, open, suite, type TestShop } from "../support/Shop.ts"
import { shiftedClock } from "../support/shiftedClock.ts"
import type {
  Account,
  NewServiceToken,
  Order,
  Page,
  PasswordReset,
  Product,
  ServiceToken,
  Tokens
} from "../support/Types.ts"

const nowhere = "01890000-0000-7000-8000-000000000000"

const logIn = ({ nobody }: TestShop, email: string, password: string) =>
  nobody.post<Tokens>("/auth/login", { email, password })

const accountOf = async ({ admin }: TestShop, email: string) => {
  const { items } = await ok(admin.get<Page<Account>>(`/accounts?email=${encodeURIComponent(email)}`))
  return items
}

const newService = async (shop: TestShop, name = `service ${randomUUID()}`) => {
  const made = await created(shop.admin.post<NewServiceToken>("/service-tokens", { name }))
  return { ...made, caller: shop.bearer(made.token) }
}

suite("Accounts of others", (shop) => {
  const { admin } = shop

  test("are listed newest first, across pages, and found by their email in any case", async () => {
    await ok(admin.get("/auth/me"))
    const [first, second] = [await shop.newCustomer(), await shop.newCustomer()]
    const page = await ok(admin.get<Page<Account>>("/accounts?limit=1"))
    expect(page.items).toEqual([await ok(second.get("/auth/me"))])
    const rest = await ok(admin.get<Page<Account>>(`/accounts?limit=1&cursor=${page.nextCursor}`))
    expect(rest.items.map(({ id }) => id)).toEqual([first.id])
    expect(await accountOf(shop, second.email.toUpperCase())).toEqual(page.items)
    expect(await accountOf(shop, newEmail())).toEqual([])
    expect(await accountOf(shop, "not an email")).toEqual([])
    const other = `/accounts?email=${first.email}&cursor=${page.nextCursor}`
    expectFaults(await admin.get(other), "/cursor")
    expectFaults(await admin.get("/accounts?role=admin"), "/role")
    expectProblem(await admin.get(`/accounts/${nowhere}`), 404, "account-not-found", { accountId: nowhere })
    expectFaults(await admin.get("/accounts/ada"), "/id")
  })

  test("are disabled: a login gets the answer of a wrong password, and sessions end at once [L4]", async () => {
    const customer = await shop.newCustomer()
    const { id, email, password } = customer
    const { refreshToken } = await ok(logIn(shop, email, password))
    const before = await ok(admin.get<Account>(`/accounts/${id}`))
    expect(before).not.toHaveProperty("disabledAt")
    const disabled = await ok(admin.post<Account>(`/accounts/${id}/disable`))
    expect(disabled).toEqual({ ...before, disabledAt: expect.any(String) })
    expect(await ok(admin.post(`/accounts/${id}/disable`))).toEqual(disabled)
    expect(await ok(admin.get(`/accounts/${id}`))).toEqual(disabled)
    expect(await accountOf(shop, email)).toEqual([disabled])
    const wrong = await logIn(shop, (await shop.newCustomer()).email, "not the one")
    for (const given of [password, "not the one"]) {
      const answer = await logIn(shop, email, given)
      expectProblem(answer, 401, "invalid-credentials")
      expect(answer.body).toEqual(wrong.body)
    }
    const refreshed = await shop.nobody.post("/auth/refresh", { refreshToken })
    expectProblem(refreshed, 401, "invalid-refresh-token")
    await ok(customer.get("/orders"))
    expect(await ok(admin.post(`/accounts/${id}/enable`))).toEqual(before)
    expect(await ok(admin.post(`/accounts/${id}/enable`))).toEqual(before)
    const stillEnded = await shop.nobody.post("/auth/refresh", { refreshToken })
    expectProblem(stillEnded, 401, "invalid-refresh-token")
    await ok(logIn(shop, email, password))
    for (const change of ["disable", "enable"]) {
      expectProblem(await admin.post(`/accounts/${nowhere}/${change}`), 404, "account-not-found")
    }
  })
})

suite("The account of an admin", (shop) => {
  test("is not disabled by itself, nor by a service, and no service sets its password [L10]", async () => {
    const [own] = (await ok(shop.admin.get<Page<Account>>("/accounts"))).items
    if (own === undefined) throw new Error("There is no admin")
    const refusal = await shop.admin.post(`/accounts/${own.id}/disable`)
    expectProblem(refusal, 409, "disable-refused", { accountId: own.id, reason: "own account" })
    const { caller } = await newService(shop)
    for (const [path, body] of [
      [`/accounts/${own.id}/disable`, undefined],
      [`/accounts/${own.id}/enable`, undefined],
      ["/auth/password-resets", { email: own.email.toUpperCase() }]
    ] as const) {
      expectProblem(await caller.post(path, body), 403, "forbidden")
    }
    await created(shop.admin.post("/auth/password-resets", { email: own.email }))
  })
})

describe("The access token of an admin who was disabled", () => {
  const shop = open({ stores: Memory.layer })

  test("gives no power over accounts in the minutes that it is valid [L4]", async () => {
    const { id, caller: service } = await newService(shop)
    const [{ id: own = "" } = {}] = (await ok(shop.admin.get<Page<Account>>("/accounts"))).items
    const { email } = await shop.newCustomer()
    await shop.newAdmin()
    await shop.disable({ id: own })
    await ok(shop.admin.get("/orders"))
    for (const [path, body] of [
      [`/accounts/${own}/enable`, undefined],
      [`/accounts/${own}/disable`, undefined],
      ["/auth/password-resets", { email }],
      ["/service-tokens", { name: "mine" }]
    ] as const) {
      expectProblem(await shop.admin.post(path, body), 401, "unauthenticated")
    }
    expectProblem(await shop.admin.remove(`/service-tokens/${id}`), 401, "unauthenticated")
    await ok(service.get("/orders"))
  })
})

suite("A reset of a password", (shop) => {
  const requested = (email: string) =>
    created(shop.admin.post<PasswordReset>("/auth/password-resets", { email }))
  const reset = (token: string, newPassword: string) =>
    shop.nobody.post("/auth/reset-password", { token, newPassword })

  test("sets a new password once, ends all sessions, and mails to the address of the account [L8]", async () => {
    const { email, password } = await shop.newCustomer()
    const { refreshToken } = await ok(logIn(shop, email, password))
    const { token, expiresAt, email: to } = await requested(email.toUpperCase())
    expect(to).toBe(email)
    expect(Date.parse(expiresAt) - Date.now()).toBeGreaterThan(59 * 60_000)
    await ok(logIn(shop, email, password))
    expectFaults(await reset(token, "short"), "/newPassword")
    expectStatus(await reset(token, "the next password"), 204)
    expectProblem(await logIn(shop, email, password), 401, "invalid-credentials")
    const refreshed = await shop.nobody.post("/auth/refresh", { refreshToken })
    expectProblem(refreshed, 401, "invalid-refresh-token")
    await ok(logIn(shop, email, "the next password"))
    expect(shop.logs().join("\n")).not.toContain(token)
  })

  test("gets one answer with a wrong, a used, a replaced and an overtaken token [L8]", async () => {
    const customer = await shop.newCustomer()
    const { email, password } = customer
    const replaced = await requested(email)
    const used = await requested(email)
    expectStatus(await reset(used.token, "the next password"), 204)
    const overtaken = await requested(email)
    const change = { currentPassword: "the next password", newPassword: password }
    expectStatus(await customer.post("/auth/password", change), 204)
    const wrong = await reset("x".repeat(43), "another password")
    expectProblem(wrong, 403, "invalid-reset-token")
    for (const { token } of [replaced, used, overtaken]) {
      const answer = await reset(token, "another password")
      expectProblem(answer, 403, "invalid-reset-token")
      expect(answer.body).toEqual(wrong.body)
    }
    await ok(logIn(shop, email, password))
  })

  test("is given to nobody else than the back end of the shop, which learns of unknown emails", async () => {
    const customer = await shop.newCustomer()
    const { email } = customer
    for (const asked of [email, newEmail()]) {
      const answer = await shop.nobody.post("/auth/password-resets", { email: asked })
      expectProblem(answer, 401, "unauthenticated")
      expectProblem(await customer.post("/auth/password-resets", { email: asked }), 403, "forbidden")
    }
    const unknown = newEmail()
    const { caller } = await newService(shop)
    expectProblem(await caller.post("/auth/password-resets", { email: unknown }), 404, "email-not-found", {
      email: unknown
    })
    expectStatus(await caller.post("/auth/password-resets", { email }), 201)
  })
})

describe("A reset token", () => {
  const clock = shiftedClock()
  const shop = open({
    stores: Memory.layer,
    exposure: clock.layer,
    settings: { auth: { passwordResetTtl: "1 minute" } }
  })

  test("expires [L8]", async () => {
    const { email } = await shop.newCustomer()
    const { token } = await created(shop.admin.post<PasswordReset>("/auth/password-resets", { email }))
    const reset = () => shop.nobody.post("/auth/reset-password", { token, newPassword: "another password" })
    clock.pass(60_000)
    expectProblem(await reset(), 403, "invalid-reset-token")
  })
})

describe("Reset tokens", () => {
  const rateLimit = layerSettings({ rateLimit: { limit: 3, window: "1 minute" } })
  const shop = open({ stores: Memory.layer, exposure: rateLimit })

  test("can be guessed at only so often [A1]", async () => {
    const guess = (n: number) =>
      shop.nobody.post("/auth/reset-password", { token: `guess ${n}`, newPassword: "another password" })
    for (let n = 0; n < 3; n++) expectProblem(await guess(n), 403, "invalid-reset-token")
    expectProblem(await guess(3), 429, "too-many-requests")
  })
})

describe("Requests for reset tokens", () => {
  const shop = open({
    stores: Memory.layer,
    exposure: layerSettings({ rateLimit: { limit: 3, window: "1 minute" } })
  })

  test("are limited for each account, since a new token ends the one before, and leave other accounts alone", async () => {
    const [ada, bob] = [await shop.newCustomer(), await shop.newCustomer()]
    const ask = ({ email }: { readonly email: string }) => shop.admin.post("/auth/password-resets", { email })
    for (let n = 0; n < 3; n++) expect((await ask(ada)).status).toBe(201)
    expectProblem(await ask({ email: ada.email.toUpperCase() }), 429, "too-many-requests")
    expect((await ask(bob)).status).toBe(201)
  })
})

describe("A service token that cannot be looked up", () => {
  const stores = faulty(ServiceTokenStore, (store) => ({
    ...store,
    find: () => Effect.fail(new StoreUnavailable({ outcome: "notApplied", cause: new Error("no answer") }))
  }))
  const shop = open({ stores })

  test("is an outage and no refusal, and other tokens count", async () => {
    const { caller } = await newService(shop)
    expectProblem(await caller.get("/analytics/summary"), 503, "unavailable", { outcome: "notApplied" })
    expect(shop.logs().join("\n")).toContain("no answer")
    await ok(shop.admin.get("/analytics/summary"))
  })
})

suite("A service token", (shop) => {
  test("is shown once, listed without its secret, and refused once it is revoked [L9]", async () => {
    const { token, caller, ...made } = await newService(shop)
    const { items: listed } = await ok(shop.admin.get<Page<ServiceToken>>("/service-tokens?limit=1"))
    expect(listed).toEqual([made])
    expect(made.createdBy).toBe((await ok(shop.admin.get<Account>("/auth/me"))).id)
    await ok(caller.get("/analytics/summary"))
    for (const other of [`${token}x`, token.slice(0, -1), token.slice(4), "ecs_", token.toUpperCase()]) {
      expectProblem(await shop.bearer(other).get("/analytics/summary"), 401, "unauthenticated")
    }
    expectStatus(await shop.admin.remove(`/service-tokens/${made.id}`), 204)
    expectProblem(await caller.get("/analytics/summary"), 401, "unauthenticated")
    const again = await shop.admin.remove(`/service-tokens/${made.id}`)
    expectProblem(again, 404, "service-token-not-found", { serviceTokenId: made.id })
    expect(shop.logs().join("\n")).not.toContain(token)
  })

  test("has a name that is taken in any case while it is not revoked", async () => {
    const { name, id } = await newService(shop)
    const again = () => shop.admin.post("/service-tokens", { name: name.toUpperCase() })
    expectProblem(await again(), 409, "service-token-name-taken", { name: name.toUpperCase() })
    await shop.admin.remove(`/service-tokens/${id}`)
    expectStatus(await again(), 201)
    expectFaults(await shop.admin.post("/service-tokens", { name: " " }), "/name")
    expectFaults(await shop.admin.post("/service-tokens", { name: "x".repeat(101) }), "/name")
  })

  test("makes no service token, and revokes none [L9]", async () => {
    const { id, caller } = await newService(shop)
    expectProblem(await caller.post("/service-tokens", { name: "another" }), 403, "forbidden")
    expectProblem(await caller.get("/service-tokens"), 403, "forbidden")
    expectProblem(await caller.remove(`/service-tokens/${id}`), 403, "forbidden")
    await ok(caller.get("/orders"))
  })

  test("ships the order of a customer as the service of its name, sees all orders, and places none", async () => {
    const { name, caller } = await newService(shop)
    const mug = await newProduct(shop)
    const customer = await shop.newCustomer()
    const order = await created(customer.post<Order>("/orders", items([mug, 1])))
    await pay(customer, order)
    const of = `/orders?customerId=${customer.id}`
    expect((await ok(caller.get<Page<Order>>(of))).items.map(({ id }) => id)).toEqual([order.id])
    expect((await ok(caller.get<Page<Order>>("/orders?limit=1"))).items.map(({ id }) => id)).toEqual([
      order.id
    ])
    await ok(caller.patch(`/orders/${order.id}`, { status: "SHIPPED" }))
    const history = await historyOf(shop, order)
    expect(history.at(-1)).toMatchObject({ event: "shipped", actor: `service:${name}` })
    for (const [path, body] of [
      ["/orders", items([mug, 1])],
      ["/quotes", items([mug, 1])],
      [`/orders/${order.id}/payments`, { paymentMethod: "sim_approve" }],
      ["/auth/logout-everywhere", undefined],
      ["/auth/password", { currentPassword: "a password", newPassword: "another password" }]
    ] as const) {
      expectProblem(await caller.post(path, body), 403, "forbidden")
    }
    expectProblem(await caller.get("/auth/me"), 403, "forbidden")
  })

  test("cancels the paid order of a customer, as an admin does", async () => {
    const { caller } = await newService(shop)
    const mug = await newProduct(shop)
    const customer = await shop.newCustomer()
    const order = await created(customer.post<Order>("/orders", items([mug, 1])))
    await pay(customer, order)
    const refused = await customer.post(`/orders/${order.id}/cancellations`, {})
    expectProblem(refused, 409, "illegal-transition")
    expect(await ok(caller.post<Order>(`/orders/${order.id}/cancellations`, {}))).toMatchObject({
      status: "CANCELLED"
    })
  })

  test("has idempotency keys of its own", async () => {
    const [one, other] = [await newService(shop), await newService(shop)]
    const { categoryId } = await newProduct(shop)
    const key = { "idempotency-key": randomUUID() }
    const add = ({ caller }: typeof one) =>
      caller.post<Product>("/products", { categoryId, name: "Bowl", price: usd(500), stock: 1 }, key)
    const [first, again, others] = [await add(one), await add(one), await add(other)]
    expect([first, again, others].map(({ headers }) => headers.get("idempotent-replayed"))).toEqual([
      null,
      "true",
      null
    ])
    expect(again.body).toEqual(first.body)
    expect(others.body.id).not.toBe(first.body.id)
  })
})
