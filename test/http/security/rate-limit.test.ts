import { Effect, Layer } from "effect"
import { FetchHttpClient } from "effect/http"
import { HttpApiClient, HttpApiMiddleware } from "effect/http-api"
import { describe, expect, test } from "vitest"
import * as Bcrypt from "../../../src/adapters/bcrypt.ts"
import * as Memory from "../../../src/adapters/memory/index.ts"
import { TooManyRequests } from "../../../src/domain/accounts/AccessPolicy.ts"
import { InvalidRefreshToken } from "../../../src/domain/accounts/Session.ts"
import { Api, Authorization } from "../../../src/http/api/index.ts"
import { layerSettings } from "../../../src/http/index.ts"
import { PasswordHasher } from "../../../src/ports/PasswordHasher.ts"
import type { Answer } from "../support/Caller.ts"
import { created, expectProblem, expectStatus } from "../support/Expect.ts"
import { newEmail, open } from "../support/Shop.ts"

const password = "correct horse"
const limited = (limit: number, trustedProxies: ReadonlyArray<string> = []) =>
  layerSettings({ rateLimit: { limit, window: "1 minute" }, trustedProxies })

/** The address of the tests themselves, as that of a proxy. */
const proxies = ["127.0.0.1", "::1"]

const from = (...addresses: ReadonlyArray<string>) => ({ "x-forwarded-for": addresses.join(", ") })

const isTooMuch = (answer: Answer) => {
  expectProblem(answer, 429, "too-many-requests")
  const seconds = Number(answer.headers.get("retry-after"))
  expect(seconds).toBeGreaterThan(0)
  expect(seconds).toBeLessThanOrEqual(60)
}

describe("Whoever tries too often from one address", () => {
  const shop = open({ stores: Memory.layer, exposure: limited(3) })
  const { nobody } = shop

  test.each([
    ["/auth/login", () => ({ email: newEmail(), password }), 401],
    ["/auth/register", () => ({ email: newEmail(), password }), 201],
    ["/auth/refresh", () => ({ refreshToken: "nonsense" }), 401]
  ])("waits at %s, whatever address they claim, and for nothing else [A1]", async (path, body, status) => {
    for (let n = 0; n < 3; n++) expectStatus(await nobody.post(path, body()), status)
    for (let n = 0; n < 3; n++) isTooMuch(await nobody.post(path, body(), from(`192.0.2.${n}`)))
    expectStatus(await nobody.get("/products"), 200)
  })
})

describe("A typed client", () => {
  const shop = open({ stores: Memory.layer, exposure: limited(1) })

  test("is told how long to wait", async () => {
    const ask = Effect.gen(function* () {
      const { auth } = yield* HttpApiClient.make(Api, { baseUrl: shop.url() })
      return yield* Effect.flip(auth.refresh({ payload: { refreshToken: "nonsense" } }))
    }).pipe(
      Effect.provide(HttpApiMiddleware.layerClient(Authorization, ({ request, next }) => next(request))),
      Effect.provide(FetchHttpClient.layer)
    )
    expect(await Effect.runPromise(ask)).toEqual(new InvalidRefreshToken())
    const refused = await Effect.runPromise(ask)
    expect(refused).toBeInstanceOf(TooManyRequests)
    expect(refused).toHaveProperty("retryAfter", expect.closeTo(60, -1))
  })
})

describe("Behind a proxy", () => {
  const shop = open({ stores: Memory.layer, exposure: limited(3, proxies) })
  const login = (email: string, headers: Record<string, string>) =>
    shop.nobody.post("/auth/login", { email, password }, headers)

  test("clients are told apart by the address that the proxy saw", async () => {
    for (let n = 0; n < 3; n++) {
      expectStatus(await login(newEmail(), from(`203.0.113.${n}`, "198.51.100.1")), 401)
    }
    isTooMuch(await login(newEmail(), from("203.0.113.77", "198.51.100.1")))
    expectStatus(await login(newEmail(), from("198.51.100.2")), 401)
  })

  test("one account may be tried only so often, from wherever and whatever the case [A1]", async () => {
    const email = newEmail()
    await created(shop.nobody.post("/auth/register", { email, password }, from("198.51.100.3")))
    for (let n = 0; n < 3; n++) {
      expectStatus(await login(n === 1 ? email.toUpperCase() : email, from(`198.51.101.${n}`)), 200)
    }
    isTooMuch(await login(email, from("198.51.101.9")))
    expectStatus(await login(newEmail(), from("198.51.101.9")), 401)
  })

  test("the addresses of one IPv6 household count as one", async () => {
    for (let n = 1; n < 4; n++) expectStatus(await login(newEmail(), from(`2001:db8:0:1::${n}`)), 401)
    isTooMuch(await login(newEmail(), from("2001:db8:0:1:ffff::1")))
    expectStatus(await login(newEmail(), from("2001:db8:0:2::1")), 401)
  })
})

describe("A password", () => {
  const shop = open({ stores: Memory.layer, exposure: limited(4, proxies) })

  test("can be guessed at only so often, also by who has a token", async () => {
    const headers = from("198.51.100.1")
    const email = newEmail()
    await created(shop.nobody.post("/auth/register", { email, password }, headers))
    const tokens = await shop.nobody.post<{ accessToken: string }>(
      "/auth/login",
      { email, password },
      headers
    )
    const guess = (n: number) =>
      shop
        .bearer(tokens.body.accessToken)
        .post(
          "/auth/password",
          { currentPassword: `guess ${n}`, newPassword: password },
          from(`198.51.102.${n}`)
        )
    for (let n = 0; n < 4; n++) expectProblem(await guess(n), 403, "wrong-password")
    isTooMuch(await guess(4))
  })
})

describe("Hashing passwords", () => {
  const work: Array<string> = []
  const counting = Layer.effect(
    PasswordHasher,
    Effect.map(PasswordHasher, (hasher) =>
      PasswordHasher.of({
        hash: (one) =>
          Effect.andThen(
            Effect.sync(() => work.push("hash")),
            hasher.hash(one)
          ),
        verify: (one, hash) =>
          Effect.andThen(
            Effect.sync(() => work.push(hash.slice(0, 7))),
            hasher.verify(one, hash)
          )
      })
    )
  ).pipe(Layer.provide(Bcrypt.layer({ cost: 4 })))
  const shop = open({ stores: Memory.layer, hasher: counting })

  test("is as much work for an unknown email and a disabled account as for a wrong password, and for a taken email as for a new one [L5]", async () => {
    const { email } = await shop.newCustomer()
    const disabled = await shop.newCustomer()
    await shop.disable(disabled)
    const workFor = async (path: string, body: object) => {
      work.length = 0
      const { status } = await shop.nobody.post(path, body)
      return [status, ...work]
    }
    const verified = [401, "$2b$04$"]
    expect(await workFor("/auth/login", { email, password: "wrong" })).toEqual(verified)
    expect(await workFor("/auth/login", { email: newEmail(), password: "wrong" })).toEqual(verified)
    const { email: old, password: right } = disabled
    expect(await workFor("/auth/login", { email: old, password: right })).toEqual(verified)
    expect(await workFor("/auth/reset-password", { token: "guess", newPassword: password })).toEqual([403])
    expect(await workFor("/auth/register", { email, password })).toEqual([409, "hash"])
    expect(await workFor("/auth/register", { email: newEmail(), password })).toEqual([201, "hash"])
  })
})

describe("More passwords than can be hashed", () => {
  const shop = open({ stores: Memory.layer, hasher: Bcrypt.layer({ cost: 9, maxQueue: 5 }) })

  test("are refused at once and not queued without end, and all goes on afterwards [A2]", async () => {
    const customer = await shop.newCustomer()
    const { email, password } = customer
    const login = () => shop.nobody.post("/auth/login", { email, password })
    const answers = await Promise.all(Array.from({ length: 60 }, login))
    const refused = answers.filter(({ status }) => status !== 200)
    expect(refused.length).toBeGreaterThan(20)
    expect(refused.length).toBeLessThan(60)
    for (const answer of refused) expectProblem(answer, 503, "unavailable")
    expectStatus(await login(), 200)
  })
})
