import { createServer, type IncomingHttpHeaders } from "node:http"
import { Redacted } from "effect"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { lasting } from "../../support/lasting.ts"
import { freshDatabase } from "../../support/postgres.ts"
import { command, leaveNothingRunning, type Serving, serve } from "../support/Cli.ts"
import { buy, get, logIn, post, stockUp } from "../support/Http.ts"

const JWT_SECRET = "0123456789abcdef0123456789abcdef"
const admin = { ADMIN_EMAIL: "boss@example.com", ADMIN_PASSWORD: "a secret phrase" }

/** A server on a database of its own. */
const open = async (env: Readonly<Record<string, string>>) => {
  const DATABASE_URL = Redacted.value(await lasting(freshDatabase))
  return serve({ DATABASE_URL, JWT_SECRET, PAYMENTS: "simulated", ...admin, ...env })
}

/** The samples of a scrape, by name and labels as they are written. */
const scrape = async (url: string): Promise<ReadonlyMap<string, number>> => {
  const response = await fetch(`${url}/metrics`)
  expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8")
  const lines = (await response.text()).split("\n").filter((line) => line !== "" && !line.startsWith("#"))
  return new Map(
    lines.map((line) => {
      const end = line.lastIndexOf(" ")
      return [line.slice(0, end), Number(line.slice(end + 1))]
    })
  )
}

describe("Metrics", () => {
  leaveNothingRunning("all")
  let server: Serving
  let token: string
  beforeAll(async () => {
    server = await open({
      METRICS: "on",
      AUTH_RATE_LIMIT: "3 per hour",
      DATABASE_POOL: "4",
      LOG_FORMAT: "json"
    })
    token = await logIn(server.url, admin.ADMIN_EMAIL, admin.ADMIN_PASSWORD)
  })

  test("count what the shop does", async () => {
    const { url } = server
    const productId = await stockUp(url, token)
    const [paid = "", declined = ""] = await Promise.all([1, 2, 3].map(() => buy(url, token, productId)))
    const items = [{ productId, quantity: 8 }]
    expect((await post(`${url}/orders`, { items }, token)).body.code).toBe("insufficient-stock")
    expect((await post(`${url}/orders`, { items: [] }, token)).status).toBe(400)
    await post(`${url}/orders/${paid}/payments`, { paymentMethod: "sim_approve" }, token)
    await post(`${url}/orders/${declined}/payments`, { paymentMethod: "sim_decline" }, token)
    for (let tries = 0; tries < 4; tries++) await logIn(url, "nobody@example.com", "wrong")
    expect((await fetch(`${url}/no/such/path/${paid}`)).status).toBe(404)

    const samples = await scrape(url)
    expect(Object.fromEntries(samples)).toMatchObject({
      commerce_orders_placed_total: 3,
      'commerce_orders_refused_total{reason="InsufficientStock"}': 1,
      'commerce_payments_answered_total{outcome="APPROVED"}': 1,
      'commerce_payments_answered_total{outcome="DECLINED"}': 1,
      commerce_payments_pending: 0,
      'commerce_callers_waiting{work="place orders"}': 0,
      'commerce_batch_size_sum{work="place orders"}': 4,
      'commerce_batch_size_sum{work="begin payments"}': 2,
      // A decline gives stock back and goes alone.
      'commerce_batch_size_sum{work="settle payments"}': 1,
      'commerce_database_busy{work="transaction"}': 0,
      'commerce_database_busy{work="query"}': 0,
      commerce_database_pool: 4,
      'commerce_http_request_seconds_count{method="POST",route="/orders",status="201"}': 3,
      'commerce_http_request_seconds_count{method="POST",route="/orders",status="409"}': 1,
      'commerce_http_request_seconds_count{method="POST",route="/orders",status="400"}': 1,
      'commerce_http_request_seconds_count{method="POST",route="/orders/:id/payments",status="201"}': 2,
      'commerce_http_request_seconds_count{method="GET",route="none",status="404"}': 1
    })
    expect(samples.get('commerce_attempts_limited_total{attempt="log in"}')).toBeGreaterThan(0)
    const said = [...samples.keys()].join("\n")
    for (const id of [paid, declined, productId]) expect(said).not.toContain(id)
  })

  test("are in no description of the API", async () => {
    const document = await (await fetch(`${server.url}/openapi.json`)).text()
    expect(document).not.toContain("/metrics")
  })
})

describe("A server without METRICS", () => {
  leaveNothingRunning()

  test("shows none, and logs each request with its route, its account, and no id in between", async () => {
    const server = await open({ LOG_FORMAT: "json" })
    const token = await logIn(server.url, admin.ADMIN_EMAIL, admin.ADMIN_PASSWORD)
    expect((await fetch(`${server.url}/metrics`)).status).toBe(404)
    const asked = crypto.randomUUID()
    const headers = { authorization: `Bearer ${token}`, "x-request-id": "mine" }
    await fetch(`${server.url}/orders/${asked}`, { headers })
    await fetch(`${server.url}/health/ready`)

    const { stdout } = await server.stop()
    const lines = stdout.split("\n").flatMap((line) => (line.startsWith("{") ? [JSON.parse(line)] : []))
    const requests = lines.filter(({ annotations }) => "route" in annotations)
    expect(requests.map(({ message }) => message)).toEqual([
      "POST /auth/login 200",
      "GET none 404",
      "GET /orders/:id 404"
    ])
    expect(requests.at(-1)).toMatchObject({
      level: "INFO",
      annotations: {
        method: "GET",
        route: "/orders/:id",
        status: 404,
        requestId: "mine",
        accountId: expect.any(String)
      }
    })
    expect(requests.at(-1).annotations.milliseconds).toBeGreaterThan(0)
    expect(requests[0].annotations).not.toHaveProperty("accountId")
    expect(stdout).not.toContain(asked)
  })
})

describe("METRICS_PORT", () => {
  leaveNothingRunning()

  test("serves metrics on a port of their own, nothing else there, and none at the API", async () => {
    const server = await open({ METRICS_PORT: "0", METRICS: "on" })
    const [, metrics = ""] = /^ {2}metrics (http:\/\/127\.0\.0\.1:\d+)\/metrics$/m.exec(server.greeting) ?? []
    expect((await get(`${server.url}/products`)).status).toBe(200)
    const samples = await scrape(metrics)
    expect(
      samples.get('commerce_http_request_seconds_count{method="GET",route="/products",status="200"}')
    ).toBe(1)
    expect(samples.get("commerce_payments_pending")).toBe(0)

    expect((await get(`${server.url}/metrics`)).status).toBe(404)
    for (const path of [
      "/products",
      "/health/live",
      "/docs",
      "/openapi.json",
      "/",
      "/metrics;x",
      "/metrics/"
    ]) {
      expect([path, (await get(`${metrics}${path}`)).body.code]).toEqual([path, "not-found"])
    }
    expect((await post(`${metrics}/metrics`, {})).status).toBe(405)

    // The connections of scrapers stay open, and hold up no end.
    expect(await server.stop("SIGINT")).toMatchObject({ code: 0, stderr: "" })
    await expect(fetch(`${metrics}/metrics`)).rejects.toThrow("fetch failed")
  })

  test("that is taken, or that of the API, stops the start in one line", async () => {
    const server = await open({ METRICS_PORT: "0" })
    const { port } = new URL(server.url)
    const env = { DATABASE_URL: Redacted.value(await lasting(freshDatabase)), JWT_SECRET, PORT: "0" }
    const { code, stdout, stderr } = await command(["serve"], { ...env, METRICS_PORT: port })
    expect([code, stdout]).toEqual([1, ""])
    expect(stderr).toBe(`effect-commerce: METRICS_PORT: ${port} is in use on 127.0.0.1\n`)
  })
})

/** A collector that keeps what it is sent. */
const collector = async () => {
  const received: Array<{
    readonly path: string
    readonly headers: IncomingHttpHeaders
    readonly body: string
  }> = []
  const listening = createServer(async (request, response) => {
    let body = ""
    for await (const chunk of request) body += chunk
    received.push({ path: request.url ?? "", headers: request.headers, body })
    response.end("{}")
  })
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve))
  afterAll(() => listening.close())
  const address = listening.address()
  return { url: `http://127.0.0.1:${typeof address === "object" && address?.port}`, received }
}

describe("OTEL_EXPORTER_OTLP_ENDPOINT", () => {
  leaveNothingRunning()

  test("gets spans, metrics and logs, with the headers that it wants, and no secret", async () => {
    const { url, received } = await collector()
    const server = await open({
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_EXPORTER_OTLP_HEADERS: "x-key=hunter2",
      OTEL_SERVICE_NAME: "corner shop",
      LOG_FORMAT: "json",
      LOG_LEVEL: "trace"
    })
    const token = await logIn(server.url, admin.ADMIN_EMAIL, admin.ADMIN_PASSWORD)
    await buy(server.url, token, await stockUp(server.url, token))
    const { code, stdout, stderr } = await server.stop()

    expect(code).toBe(0)
    const said = (path: string) =>
      received
        .filter((one) => one.path === path)
        .map(({ body }) => body)
        .join("\n")
    expect(said("/v1/traces")).toContain('"Orders.placeOrReplay"')
    expect(said("/v1/traces")).toContain('"corner shop"')
    expect(said("/v1/metrics")).toContain("commerce_orders_placed_total")
    expect(said("/v1/logs")).toContain("POST /orders 201")
    expect(new Set(received.map(({ headers }) => headers["x-key"]))).toEqual(new Set(["hunter2"]))
    const everything = received.map(({ body }) => body).join("\n")
    for (const secret of [token, admin.ADMIN_PASSWORD, JWT_SECRET, "hunter2"]) {
      expect(everything).not.toContain(secret)
      expect(stdout + stderr).not.toContain(secret)
    }
  })

  test("and what belongs to it is one line if it cannot be read", async () => {
    const env = { DATA_DIR: "memory", OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1" }
    const { code, stdout, stderr } = await command(["serve"], { ...env, OTEL_BSP_SCHEDULE_DELAY: "hunter2" })
    expect([code, stdout]).toEqual([1, ""])
    expect(stderr).toMatch(/^effect-commerce: OTEL_BSP_SCHEDULE_DELAY: [^\n]*\n$/)
    expect(stderr).not.toContain("hunter2")
  })

  test("that nobody answers at harms no request, and does not hold up the end", async () => {
    const server = await open({
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1",
      OTEL_EXPORTER_OTLP_HEADERS: "x-key=hunter2",
      LOG_LEVEL: "trace"
    })
    await logIn(server.url, admin.ADMIN_EMAIL, admin.ADMIN_PASSWORD)
    const { code, stdout, stderr } = await server.stop()
    expect(code).toBe(0)
    expect(stdout + stderr).not.toContain("hunter2")
  })
})
