import { expect, test } from "vitest"
import { created, expectFaults, expectProblem, ok } from "../support/Expect.ts"
import { newEmail, suite } from "../support/Shop.ts"
import type { Account, Tokens } from "../support/Types.ts"

const password = "correct horse"

suite("Accounts over HTTP", (shop) => {
  const register = (body: unknown) => shop.nobody.post<Account>("/auth/register", body)
  const logIn = (body: unknown) => shop.nobody.post<Tokens>("/auth/login", body)
  const me = (token: string) => shop.bearer(token).get<Account>("/auth/me")

  test("a person registers, logs in and sees the own account", async () => {
    const email = newEmail()
    const account = await created(register({ email, password }))
    expect(account).toMatchObject({ email, role: "customer" })
    const tokens = await ok(logIn({ email, password }))
    expect(tokens.expiresIn).toBe(15 * 60)
    expect(await ok(me(tokens.accessToken))).toEqual(account)
  })

  test.each([{ role: "admin" }, { isAdmin: true }, { role: "admin", id: crypto.randomUUID() }])(
    "nobody chooses more than email and password: %j",
    async (more) => {
      const paths = Object.keys(more).map((name) => `/${name}`)
      expectFaults(await register({ email: newEmail(), password, ...more }), ...paths)
      const known = await shop.newCustomer()
      expectFaults(await logIn({ email: known.email, password: known.password, ...more }), ...paths)
    }
  )

  test("who registers is a customer", async () => {
    const email = newEmail()
    expect((await created(register({ email, password }))).role).toBe("customer")
    const { accessToken } = await ok(logIn({ email, password }))
    expect((await ok(me(accessToken))).role).toBe("customer")
    const answer = await shop.bearer(accessToken).post("/categories", { name: "Mine" })
    expectProblem(answer, 403, "forbidden")
  })

  test("an email is taken whatever its case, and logs in whatever its case", async () => {
    const known = await shop.newCustomer()
    const loud = known.email.toUpperCase()
    expectProblem(await register({ email: known.email, password }), 409, "email-taken")
    expectProblem(await register({ email: loud, password }), 409, "email-taken", { email: loud })
    await ok(logIn({ email: loud, password: known.password }))
    expectProblem(await logIn({ email: known.email, password }), 401, "invalid-credentials")
  })

  test("an unknown email and a wrong password get the same answer [L5]", async () => {
    const { email } = await shop.newCustomer()
    const wrong = await logIn({ email, password: "not the one" })
    const unknown = await logIn({ email: newEmail(), password: "not the one" })
    expectProblem(wrong, 401, "invalid-credentials")
    expect(unknown.body).toEqual(wrong.body)
  })

  test.each([
    ["7 characters", "seven 7"],
    ["7 characters of 4 bytes each", "🦊".repeat(7)],
    ["73 bytes", "x".repeat(73)],
    ["25 characters in 75 bytes", "€".repeat(25)],
    ["U+0000", "null \u0000 inside"],
    ["a lone surrogate", "lone \ud800 inside"]
  ])("a password of %s is refused", async (_, password) => {
    expectFaults(await register({ email: newEmail(), password }), "/password")
  })

  test.each([
    ["8 characters", "eight  8"],
    ["72 bytes", "x".repeat(72)],
    ["72 bytes in 24 characters", "€".repeat(24)]
  ])("a password of %s is taken, and no other logs in", async (_, password) => {
    const email = newEmail()
    await created(register({ email, password }))
    await ok(logIn({ email, password }))
    for (const other of [password.slice(0, -1), `${password}x`, password.toUpperCase()].filter(
      (other) => other !== password
    )) {
      expectProblem(await logIn({ email, password: other }), 401, "invalid-credentials")
    }
  })

  test.each(["", "@", "a@", "@b", "a@b@c", "no at", "a b@c", `${"x".repeat(250)}@b.io`, 7, null, ["a@b"]])(
    "%j is no email",
    async (email) => {
      expectFaults(await register({ email, password }), "/email")
    }
  )

  test("one @ with something on both sides is an email", async () => {
    const name = crypto.randomUUID()
    for (const email of [`${name}@localhost`, `ü.${name}+tag@bücher.example`]) {
      expect((await created(register({ email, password }))).email).toBe(email)
    }
  })

  test("every fault of a registration is listed", async () => {
    expectFaults(await register({ email: "no at", password: "short" }), "/email", "/password")
    expectFaults(await register({}), "/email", "/password")
    expectFaults(await logIn({ email: 1 }), "/email", "/password")
  })

  test("a token counts only as a whole, as ours, and as a bearer token", async () => {
    const { email, password } = await shop.newCustomer()
    const { accessToken, refreshToken } = await ok(logIn({ email, password }))
    const [header = "", claims = "", signature = ""] = accessToken.split(".")
    const admin = Buffer.from(
      JSON.stringify({ ...JSON.parse(Buffer.from(claims, "base64url").toString()), role: "admin" })
    ).toString("base64url")
    const unsigned = Buffer.from(JSON.stringify({ alg: "none", typ: "JWT" })).toString("base64url")
    for (const token of [
      "nonsense",
      refreshToken,
      `${header}.${claims}`,
      `${header}.${admin}.${signature}`,
      `${unsigned}.${claims}.`,
      `${header}.${claims}.${signature.slice(0, -4)}AAAA`
    ]) {
      expectProblem(await me(token), 401, "unauthenticated")
    }
    for (const authorization of [accessToken, `Basic ${accessToken}`, "Bearer", "Bearer ", ""]) {
      expectProblem(await shop.nobody.get("/auth/me", { authorization }), 401, "unauthenticated")
    }
    await ok(shop.nobody.get("/auth/me", { authorization: `bearer ${accessToken}` }))
  })

  test("no answer holds a password or its hash", async () => {
    const email = newEmail()
    const answers = [
      await register({ email, password }),
      await register({ email, password }),
      await logIn({ email, password }),
      await logIn({ email, password: `${password}!` }),
      await register({ email: 1, password }),
      await logIn({ email: [], password })
    ]
    for (const { text } of answers) expect(text).not.toMatch(/correct horse|\$2[aby]\$/)
  })
})
