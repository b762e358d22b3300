import { randomInt } from "node:crypto"
import { Redacted } from "effect"
import { expect, test } from "vitest"
import { command, leaveNothingRunning, serve } from "../cli/support/Cli.ts"
import { lasting } from "../support/lasting.ts"
import { freshDatabase } from "../support/postgres.ts"
import { judgeOf } from "./Answers.ts"
import { diceOf } from "./Dice.ts"
import { type Description, requestsOf } from "./Requests.ts"
import { exchange } from "./Wire.ts"

const requests = Number(process.env.FUZZ_REQUESTS ?? 2_000)
const seed = Number(process.env.FUZZ_SEED ?? randomInt(2 ** 31))
const atOnce = 16

leaveNothingRunning("all")

const admin = { email: "admin@example.com", password: "a password that fuzzing does not know" }

test(`no input breaks the server: FUZZ_SEED=${seed} FUZZ_REQUESTS=${requests} [A6]`, {
  timeout: 1_800_000
}, async () => {
  const dice = diceOf(seed)
  const env = {
    PAYMENTS_CAPTURE: dice.pick(["now", "later"]),
    DATABASE_URL: Redacted.value(await lasting(freshDatabase)),
    JWT_SECRET: "a secret of at least 32 bytes for fuzzing",
    ADMIN_EMAIL: admin.email,
    ADMIN_PASSWORD: admin.password,
    PAYMENTS: "simulated",
    LOG_FORMAT: "json"
  }
  const server = await serve(env)
  const url = new URL(server.url)
  const ask = async (method: string, path: string, body?: unknown, token?: string) => {
    const response = await fetch(new URL(path, url), {
      method,
      headers: { "content-type": "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) })
    })
    return response.json()
  }

  const customer = { email: "ada@example.com", password: "a password of hers" }
  await ask("POST", "/auth/register", customer)
  const tokens: Array<string> = []
  for (const who of [admin, customer]) tokens.push((await ask("POST", "/auth/login", who)).accessToken)
  const [token = ""] = tokens
  const { id: categoryId } = await ask("POST", "/categories", { name: "Fuzz" }, token)
  const ids: Record<string, Array<string>> = { product: [], order: [] }
  const price = { amount: 100, currency: "EUR" }
  for (let n = 0; n < 5; n++) {
    const { id } = await ask("POST", "/products", { categoryId, name: `Fuzz ${n}`, price, stock: 1e6 }, token)
    ids.product?.push(id)
    const order = await ask("POST", "/orders", { items: [{ productId: id, quantity: 1 }] }, tokens[n % 2])
    ids.order?.push(order.id)
  }

  /** What schemas do not say of the shop that is there. */
  const known = (name: string): unknown => {
    switch (name) {
      case "id":
        return dice.pick([...(ids.product ?? []), ...(ids.order ?? [])])
      case "productId":
        return dice.pick(ids.product ?? [])
      case "categoryId":
        return categoryId
      case "currency":
        return dice.pick(["EUR", "USD"])
      case "email":
        return `somebody${dice.below(1e6)}@example.com`
      case "paymentMethod":
        return dice.pick(["sim_approve", "sim_decline", "card"])
      case "idempotency-key":
        return `key-${dice.below(50)}`
      case "wait":
        return dice.below(2)
      case "after":
        return "latest"
      case "url":
        return "https://cdn.example/fuzz.jpg"
      case "from":
        return "2026-01-01T00:00:00Z"
      case "to":
        return "2027-01-01T00:00:00Z"
      case "timeZone":
        return dice.pick(["UTC", "Europe/Berlin", "America/St_Johns"])
      default:
        return undefined
    }
  }

  const description: Description = await ask("GET", "/openapi.json")
  const next = requestsOf(dice, description, known, tokens)
  const judge = judgeOf(description)
  const seen = new Map<number, number>()
  const found: Array<string> = []
  let left = requests
  const worker = async () => {
    while (left-- > 0 && found.length < 10) {
      const attempt = next()
      const reply = await exchange(url, attempt.bytes)
      seen.set(reply.status, (seen.get(reply.status) ?? 0) + 1)
      const fault = judge(attempt, reply)
      if (fault !== undefined) {
        const sent = attempt.bytes.toString("latin1").slice(0, 1500)
        found.push(`${fault}\n${sent}\n→ ${reply.status} ${reply.text.slice(0, 500)}`)
      }
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  expect(found).toEqual([])

  for (const status of [200, 201, 400, 401, 403, 404, 409]) {
    expect(seen.get(status) ?? 0, `answers with ${status}`).toBeGreaterThan(0)
  }
  const { code, stdout } = await server.stop()
  expect([code, stdout.includes("Unexpected error in a request")]).toEqual([0, false])
  const verified = await command(["verify"], env)
  expect(verified.code, verified.stdout + verified.stderr).toBe(0)
})
