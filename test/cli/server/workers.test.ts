import { execFile } from "node:child_process"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { mkdir, readFile, rm, writeFile } from "node:fs/promises"
import { Agent, request } from "node:http"
import { connect, createServer } from "node:net"
import { join } from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import { Redacted } from "effect"
import { describe, expect, test, vi } from "vitest"
import { lasting, newDirectory } from "../../support/lasting.ts"
import { freshDatabase } from "../../support/postgres.ts"
import { commandProcess, type Env, leaveNothingRunning, type Serving, serve } from "../support/Cli.ts"
import { get, logIn, post, stockUp } from "../support/Http.ts"

const JWT_SECRET = "0123456789abcdef0123456789abcdef"
const admin = { ADMIN_EMAIL: "boss@example.com", ADMIN_PASSWORD: "a secret phrase" }
const patience = { timeout: 60_000, interval: 20 }

const newDatabase = async () => Redacted.value(await lasting(freshDatabase))

const start = async (env: Env = {}, DATABASE_URL?: string) =>
  serve({ DATABASE_URL: DATABASE_URL ?? (await newDatabase()), JWT_SECRET, WORKERS: "2", ...admin, ...env })

/** The processes that a primary has started and that have not ended. */
const workersOf = ({ pid }: Serving): ReadonlyArray<number> =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number)

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

interface Answer {
  readonly status: number
  readonly body: string
}

interface Call {
  readonly method?: string
  readonly token?: string
  readonly key?: string
  readonly body?: unknown
  readonly agent?: Agent | false
}

/** One request, on a connection of its own unless there is an agent. Rejects if it gets no answer. */
const call = (url: string, { agent = false, body, key, method = "GET", token = "" }: Call = {}) =>
  new Promise<Answer>((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(key === undefined ? {} : { "idempotency-key": key })
    }
    const asked = request(url, { agent, method, headers, signal: AbortSignal.timeout(20_000) }, (answer) => {
      let text = ""
      answer.on("data", (chunk) => {
        text += chunk
      })
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body: text }))
      answer.on("error", reject)
    })
    asked.on("error", reject)
    asked.end(body === undefined ? undefined : JSON.stringify(body))
  })

/** A shop with one product of many units, and its admin. */
const openShop = async (server: Serving) => {
  const token = await logIn(server.url, admin.ADMIN_EMAIL, admin.ADMIN_PASSWORD)
  const productId = await stockUp(server.url, token)
  const added = await post(`${server.url}/products/${productId}/stock-adjustments`, { delta: 100_000 }, token)
  expect(added.status).toBeLessThan(300)
  return { token, productId }
}

/** Samples of the metrics by their names and labels. */
const scrape = async (url: string): Promise<ReadonlyMap<string, number>> => {
  const { body } = await call(`${url}/metrics`)
  const samples = body.split("\n").filter((line) => line !== "" && !line.startsWith("#"))
  return new Map(samples.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.split(" ").at(-1))]))
}

/** What customers do at the same time until `until`: they place orders, half of them on connections that stay open. */
const customers = async (
  { url }: Serving,
  { productId, token }: { readonly token: string; readonly productId: string },
  until: () => boolean,
  onFailure: (failure: unknown, again: () => Promise<Answer>) => Promise<Answer>
) => {
  const placed = new Set<string>()
  let calls = 0
  const customer = async (n: number) => {
    const agent = n % 2 === 0 ? new Agent({ keepAlive: true, maxSockets: 1 }) : false
    while (!until()) {
      const body = { items: [{ productId, quantity: 1 }] }
      const ask = () =>
        call(`${url}/orders`, { method: "POST", token, agent, body, key: `${n}-${calls++}` })
      const key = `${n}-${calls++}`
      const again = () => call(`${url}/orders`, { method: "POST", token, agent, body, key })
      void ask
      const answer = await again().catch((failure) => onFailure(failure, again))
      expect(answer.status, answer.body).toBe(201)
      placed.add(JSON.parse(answer.body).id)
    }
    if (agent) agent.destroy()
  }
  await Promise.all(Array.from({ length: 8 }, (_, n) => customer(n)))
  return { placed, calls }
}

/** The ids of all orders in the shop. */
const ordersOf = async ({ url }: Serving, token: string): Promise<ReadonlySet<string>> => {
  const ids = new Set<string>()
  let cursor: string | null = ""
  while (cursor !== null) {
    const { body } = await call(`${url}/orders?limit=100${cursor === "" ? "" : `&cursor=${cursor}`}`, { token })
    const page: { items: ReadonlyArray<{ id: string }>; nextCursor: string | null } = JSON.parse(body)
    for (const { id } of page.items) ids.add(id)
    cursor = page.nextCursor
  }
  return ids
}

describe("Several workers", { concurrent: true }, () => {
  leaveNothingRunning("all")

  test("serve at one port, with one banner and one admin, and are told apart in log and metrics", async () => {
    const server = await start({ METRICS: "on", LOG_FORMAT: "pretty" })
    expect(server.greeting.match(/effect-commerce is ready/g)).toHaveLength(1)
    expect(server.greeting).toContain("  work   2 processes\n")
    expect(server.greeting).toContain("  admin  boss@example.com\n")
    expect(workersOf(server)).toHaveLength(2)
    const token = await logIn(server.url, admin.ADMIN_EMAIL, admin.ADMIN_PASSWORD)
    for (let n = 0; n < 20; n++) expect((await call(`${server.url}/products`)).status).toBe(200)

    const samples = await scrape(server.url)
    const served = [1, 2].map((worker) =>
      samples.get(
        `commerce_http_request_seconds_count{worker="${worker}",method="GET",route="/products",status="200"}`
      )
    )
    for (const count of served) expect(count).toBeGreaterThan(0)
    expect((served[0] ?? 0) + (served[1] ?? 0)).toBe(20)
    const accounts = await get(`${server.url}/accounts`, token)
    expect(accounts.body.items).toHaveLength(1)
    const { code, stderr, stdout } = await server.stop()
    expect([code, stderr]).toEqual([0, ""])
    for (const worker of [1, 2]) expect(stdout).toMatch(new RegExp(`GET /products 200 .*worker=${worker}`))
  })
})
