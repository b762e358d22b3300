import { describe, expect, test } from "vitest"
import * as Memory from "../../../src/adapters/memory/index.ts"
import { faultyStores, type State } from "../../support/faulty.ts"
import { expectFaults, expectProblem, expectStatus, ok } from "../support/Expect.ts"
import { type Customer, open, suite, type TestShop } from "../support/Shop.ts"
import { shiftedClock } from "../support/shiftedClock.ts"
import type { Account, Tokens } from "../support/Types.ts"

const using = ({ nobody, bearer }: TestShop) => ({
  logIn: ({ email, password }: Pick<Customer, "email" | "password">) =>
    nobody.post<Tokens>("/auth/login", { email, password }),
  refresh: (refreshToken: unknown) => nobody.post<Tokens>("/auth/refresh", { refreshToken }),
  logOut: (refreshToken: unknown) => nobody.post("/auth/logout", { refreshToken }),
  me: ({ accessToken }: Tokens) => bearer(accessToken).get<Account>("/auth/me")
})

suite("Sessions", (shop) => {
  const { logIn, refresh, logOut, me } = using(shop)
  const isOver = async (refreshToken: string) =>
    expectProblem(await refresh(refreshToken), 401, "invalid-refresh-token")

  test("a refresh token is good for new tokens, one after the other", async () => {
    const customer = await shop.newCustomer()
    const seen = new Set<string>()
    let tokens = await ok(logIn(customer))
    for (let n = 0; n < 4; n++) {
      seen.add(tokens.refreshToken)
      expect((await ok(me(tokens))).id).toBe(customer.id)
      tokens = await ok(refresh(tokens.refreshToken))
    }
    expect(seen.size).toBe(4)
  })

  test("a refresh token that is used twice ends its session, and no other", async () => {
    const customer = await shop.newCustomer()
    const [stolen, other] = [await ok(logIn(customer)), await ok(logIn(customer))]
    const next = await ok(refresh(stolen.refreshToken))
    await isOver(stolen.refreshToken)
    await isOver(next.refreshToken)
    await ok(refresh(other.refreshToken))
  })

  test("of many who use one refresh token at once, one gets tokens, and the session ends", async () => {
    const { refreshToken } = await ok(logIn(await shop.newCustomer()))
    const answers = await Promise.all(Array.from({ length: 8 }, () => refresh(refreshToken)))
    const [won, ...more] = answers.filter(({ status }) => status === 200)
    expect(more).toEqual([])
    for (const answer of answers.filter((one) => one !== won)) {
      expectProblem(answer, 401, "invalid-refresh-token")
    }
    await isOver(won?.body.refreshToken ?? "")
  })

  test("who logs out has no session any more, and may say so twice", async () => {
    const customer = await shop.newCustomer()
    const { refreshToken } = await ok(logIn(customer))
    const other = await ok(logIn(customer))
    for (let n = 0; n < 2; n++) expectStatus(await logOut(refreshToken), 204)
    await isOver(refreshToken)
    await ok(refresh(other.refreshToken))
    expectStatus(await logOut("nobody has been given this token"), 204)
  })

  test("who logs out everywhere has no session any more, anywhere", async () => {
    const [customer, somebody] = [await shop.newCustomer(), await shop.newCustomer()]
    const sessions = [await ok(logIn(customer)), await ok(logIn(customer))]
    const others = await ok(logIn(somebody))
    expectStatus(await customer.post("/auth/logout-everywhere"), 204)
    for (const { refreshToken } of sessions) await isOver(refreshToken)
    await ok(refresh(others.refreshToken))
    await ok(logIn(customer))
  })

  test("a new password ends all sessions, and the old one is good for nothing", async () => {
    const customer = await shop.newCustomer()
    const { email, password: currentPassword } = customer
    const sessions = [await ok(logIn(customer)), await ok(logIn(customer))]
    const newPassword = "a better one"
    const wrong = { currentPassword: "not the one", newPassword }
    expectProblem(await customer.post("/auth/password", wrong), 403, "wrong-password")
    await ok(refresh((await ok(logIn(customer))).refreshToken))

    expectStatus(await customer.post("/auth/password", { currentPassword, newPassword }), 204)
    for (const { refreshToken } of sessions) await isOver(refreshToken)
    expectProblem(await logIn(customer), 401, "invalid-credentials")
    await ok(logIn({ email, password: newPassword }))
  })

  test("a new password is held to the same rules as the first", async () => {
    const customer = await shop.newCustomer()
    const change = (newPassword: unknown) =>
      customer.post("/auth/password", { currentPassword: customer.password, newPassword })
    for (const bad of ["seven 7", "x".repeat(73), 7, "null \u0000 inside"]) {
      expectFaults(await change(bad), "/newPassword")
    }
    expectFaults(await customer.post("/auth/password", {}), "/currentPassword", "/newPassword")
    await ok(logIn(customer))
  })

  test("what is no refresh token is refused, an access token too", async () => {
    const { accessToken } = await ok(logIn(await shop.newCustomer()))
    for (const token of ["", "nonsense", accessToken]) await isOver(token)
    for (const token of [7, null, [], "x".repeat(1001), "\u0000"]) {
      expectFaults(await refresh(token), "/refreshToken")
      expectFaults(await logOut(token), "/refreshToken")
    }
    expectFaults(await shop.nobody.post("/auth/refresh"), "")
  })
})

describe("A session", () => {
  const clock = shiftedClock()
  const shop = open({
    stores: Memory.layer,
    exposure: clock.layer,
    settings: { auth: { refreshTokenTtl: "1 hour" } }
  })
  const { logIn, refresh } = using(shop)

  test("ends when its time is over, however often it was refreshed", async () => {
    const { refreshToken } = await ok(logIn(await shop.newCustomer()))
    clock.pass(59 * 60_000)
    const next = await ok(refresh(refreshToken))
    clock.pass(2 * 60_000)
    expectProblem(await refresh(next.refreshToken), 401, "invalid-refresh-token")
  })
})

describe("A disabled account", () => {
  const clock = shiftedClock()
  const shop = open({ stores: Memory.layer, exposure: clock.layer, accessTokenTtl: "4 minutes" })
  const { logIn, refresh, me } = using(shop)

  test("can neither log in nor refresh, and its access token is good for nothing when its time is over [L4]", async () => {
    const customer = await shop.newCustomer()
    const tokens = await ok(logIn(customer))
    expect(tokens.expiresIn).toBe(240)
    const listing = () => shop.bearer(tokens.accessToken).get("/orders")
    await shop.disable(customer)
    expectStatus(await listing(), 200)
    expectProblem(await logIn(customer), 401, "invalid-credentials")
    expectProblem(await refresh(tokens.refreshToken), 401, "invalid-refresh-token")
    expectProblem(await me(tokens), 401, "unauthenticated")
    clock.pass(4 * 60_000)
    expectProblem(await listing(), 401, "unauthenticated")
  })
})

describe("Sessions that are over", () => {
  let state: State | undefined
  const stores = faultyStores((stores, within) => {
    state = within
    return stores
  })
  const shop = open({ stores, settings: { maintenance: { every: "100 millis" } } })
  const { logIn, refresh, logOut } = using(shop)

  test("are forgotten with all their tokens, by and by, and others are not", async () => {
    const customer = await shop.newCustomer()
    const kept = { sessions: state?.sessions.size, tokens: state?.refreshTokens.size }
    const { refreshToken } = await ok(logIn(customer))
    const next = await ok(refresh(refreshToken))
    expectStatus(await logOut(next.refreshToken), 204)
    const now = () => ({ sessions: state?.sessions.size, tokens: state?.refreshTokens.size })
    await expect.poll(now, { timeout: 60_000 }).toEqual(kept)
    expect(kept).toEqual({ sessions: 1, tokens: 1 })
  })
})
