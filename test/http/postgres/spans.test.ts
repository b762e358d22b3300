import { createHash } from "node:crypto"
import { Cause, Exit, Formatter, Layer, Tracer } from "effect"
import { describe, expect, test } from "vitest"
import { freshStores } from "../../support/postgres.ts"
import { ok } from "../support/Expect.ts"
import { newEmail, open } from "../support/Shop.ts"
import type { Tokens } from "../support/Types.ts"

/** All that spans have said, as text. */
const said: Array<string> = []

const tell = (span: Tracer.NativeSpan, exit: Exit.Exit<unknown, unknown>) => {
  const attributes = Object.fromEntries(span.attributes)
  const failure = Exit.isFailure(exit) ? Cause.pretty(exit.cause) : ""
  said.push(Formatter.format({ name: span.name, attributes, events: span.events, failure }))
}

const listening = Layer.succeed(
  Tracer.Tracer,
  Tracer.make({
    span: (options) => {
      const span = new Tracer.NativeSpan(options)
      const end = span.end.bind(span)
      span.end = (time, exit) => {
        end(time, exit)
        tell(span, exit)
      }
      return span
    }
  })
)

describe("Spans", () => {
  const shop = open({ stores: freshStores, exposure: listening })

  test("tell what was asked and which statements ran, and no secret [L6]", async () => {
    const [email, password, wrong] = [newEmail(), "a password in spans", "a wrong password in spans"]
    const { nobody } = shop
    await nobody.post("/auth/register", { email, password })
    await nobody.post("/auth/register", { email, password })
    await nobody.post("/auth/login", { email, password: wrong })
    const first = await ok(nobody.post<Tokens>("/auth/login", { email, password }))
    const { refreshToken } = first
    const second = await ok(nobody.post<Tokens>("/auth/refresh", { refreshToken }))
    await nobody.post("/auth/refresh", { refreshToken })
    const customer = shop.bearer(second.accessToken)
    await customer.get("/auth/me")
    await customer.post("/auth/password", { currentPassword: password, newPassword: wrong })
    await customer.post("/categories", { name: "Mine" })

    const text = said.join("\n")
    expect(text).toContain("/auth/login")
    expect(text).toContain("refresh_tokens")
    const tokens = [first, second].flatMap(({ accessToken, refreshToken }) => [accessToken, refreshToken])
    const hashes = tokens.map((token) => createHash("sha256").update(token).digest("hex"))
    expect([password, wrong, ...tokens, ...hashes].filter((secret) => text.includes(secret))).toEqual([])
    expect(text).not.toMatch(/\$2[aby]\$/)
  })
})
