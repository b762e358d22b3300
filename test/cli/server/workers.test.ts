import { once } from "node:events"
import { existsSync, readFileSync } from "node:fs"
import { rm, writeFile } from "node:fs/promises"
import { Agent, createServer as createWebServer, request } from "node:http"
import { type AddressInfo, connect, createServer } from "node:net"
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
const patience = { timeout: 200_000, interval: 20 }

const newDatabase = async () => Redacted.value(await lasting(freshDatabase))

const start = async (env: Env = {}, DATABASE_URL?: string) =>
  serve({ DATABASE_URL: DATABASE_URL ?? (await newDatabase()), JWT_SECRET, WORKERS: "2", ...admin, ...env })

/** The processes that a primary has started and that have not ended. */
const workersOf = ({ pid }: Serving): ReadonlyArray<number> => {
  const children = `/proc/${pid}/task/${pid}/children`
  return existsSync(children)
    ? readFileSync(children, "utf8").trim().split(" ").filter(Boolean).map(Number)
    : []
}

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
    const asked = request(url, { agent, method, headers, signal: AbortSignal.timeout(60_000) }, (answer) => {
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
  return new Map(
    samples.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.split(" ").at(-1))])
  )
}

/** Customers place orders with keys until `isOver`, half of them on connections that stay open. A call without an answer is a failure. */
const customers = async (
  { url }: Serving,
  { productId, token }: { readonly token: string; readonly productId: string },
  isOver: () => boolean
) => {
  const placed = new Set<string>()
  const failures: Array<unknown> = []
  const body = { items: [{ productId, quantity: 1 }] }
  const customer = async (n: number) => {
    const agent = n % 2 === 0 && new Agent({ keepAlive: true, maxSockets: 1 })
    const place = async (key: string, tries = 0): Promise<Answer> => {
      try {
        return await call(`${url}/orders`, { method: "POST", token, agent, body, key })
      } catch (failure) {
        failures.push(failure)
        if (tries > 100) throw failure
        await pause(50)
        return place(key, tries + 1)
      }
    }
    while (!isOver()) {
      const answer = await place(crypto.randomUUID())
      expect(answer.status, answer.body).toBe(201)
      placed.add(JSON.parse(answer.body).id)
    }
    if (agent) agent.destroy()
  }
  await Promise.all(Array.from({ length: 4 }, (_, n) => customer(n)))
  return { placed, failures }
}

/**
 * Asks five times a second on one connection, and on another when an answer has announced its end. Returns how many ended without that:
 * a request could have been on its way.
 */
const patientClient = async ({ url }: Serving, isOver: () => boolean) => {
  const { hostname, port } = new URL(url)
  let unannounced = 0
  while (!isOver()) {
    const socket = connect(Number(port), hostname).on("error", () => {})
    let isAnnounced = false
    socket.on("data", (part) => {
      isAnnounced ||= /\r\nconnection: close\r\n/i.test(`${part}`)
    })
    const closed = once(socket, "close")
    const asking = setInterval(() => socket.write("GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"), 200)
    const ending = setInterval(() => isOver() && socket.destroy(), 50)
    await closed
    clearInterval(asking)
    clearInterval(ending)
    if (!isAnnounced && !isOver()) unannounced++
  }
  return unannounced
}

/** The ids of all orders in the shop. */
const ordersOf = async ({ url }: Serving, token: string): Promise<ReadonlySet<string>> => {
  const ids = new Set<string>()
  let cursor: string | null = ""
  while (cursor !== null) {
    const { body } = await call(`${url}/orders?limit=100${cursor === "" ? "" : `&cursor=${cursor}`}`, {
      token
    })
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

  test("are told apart in JSON too: each line has the number of its worker, and those of the primary none", async () => {
    const server = await start({ LOG_FORMAT: "json" })
    for (let n = 0; n < 8; n++) expect((await call(`${server.url}/products`)).status).toBe(200)
    process.kill(workersOf(server)[0] ?? 0, "SIGKILL")
    await vi.waitFor(() => expect(server.output()).toContain("Worker 1 serves again"), patience)
    const { stdout } = await server.stop()
    const lines = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line))
    const workers = (message: RegExp) =>
      new Set(lines.filter((line) => message.test(line.message)).map((line) => line.annotations.worker))
    expect(workers(/^GET \/products 200$/)).toEqual(new Set([1, 2]))
    expect(workers(/is ready|ended with SIGKILL|serves again/)).toEqual(new Set([undefined]))
  })

  test("are started again when one is killed, and no order is lost or placed twice [F6]", async () => {
    const DATABASE_URL = await newDatabase()
    const server = await start({}, DATABASE_URL)
    const shop = await openShop(server)
    const before = workersOf(server)
    let isOver = false
    const load = customers(server, shop, () => isOver)
    await pause(500)
    for (const [index, pid] of before.entries()) {
      process.kill(pid, "SIGKILL")
      await vi.waitFor(() => expect(server.output().split("serves again")).toHaveLength(index + 2), patience)
      await pause(500)
    }
    isOver = true
    const { failures, placed } = await load
    expect(failures.length).toBeGreaterThan(0)
    expect(workersOf(server).filter((pid) => before.includes(pid))).toEqual([])
    expect(await ordersOf(server, shop.token)).toEqual(placed)
    expect(server.output()).toContain("Worker 1 ended with SIGKILL. It is started again in 1 s")
    expect((await server.stop()).code).toBe(0)
    expect(await commandProcess(["verify"], { DATABASE_URL })).toMatchObject({ code: 0 })
  })

  test("leave no client waiting when one is killed that has not taken its connection", async () => {
    const server = await start()
    const [stopped = 0] = workersOf(server)
    const { hostname, port } = new URL(server.url)
    process.kill(stopped, "SIGSTOP")
    try {
      // The connections go to the workers in turn.
      const clients = Array.from({ length: 4 }, () => {
        const socket = connect(Number(port), hostname).on("error", () => {})
        const client = { socket, answer: "" }
        socket.on("data", (part) => {
          client.answer += part
        })
        socket.write("GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        return client
      })
      const answered = () => clients.filter(({ answer }) => answer.includes("200 OK"))
      await vi.waitFor(() => expect(answered()).toHaveLength(3), patience)
      process.kill(stopped, "SIGKILL")
      await vi.waitFor(() => expect(clients.filter(({ socket }) => !socket.closed)).toEqual([]), {
        ...patience,
        timeout: 20_000
      })
      expect(answered()).toHaveLength(3)
    } finally {
      server.kill("SIGKILL")
      if (isAlive(stopped)) process.kill(stopped, "SIGKILL")
    }
  })

  test("are replaced one after the other by SIGHUP, without a failed request [F9]", async () => {
    const server = await start({ SHUTDOWN_DELAY: "1 second" })
    const shop = await openShop(server)
    const before = workersOf(server)
    let isOver = false
    const load = customers(server, shop, () => isOver)
    const clients = Promise.all(Array.from({ length: 4 }, () => patientClient(server, () => isOver)))
    const unready: Array<number> = []
    const checks = (async () => {
      while (!isOver) {
        const { status } = await call(`${server.url}/health/ready`)
        if (status !== 200) unready.push(status)
        await pause(20)
      }
    })()
    let most = 0
    const watch = setInterval(() => {
      most = Math.max(most, workersOf(server).length)
    }, 20)
    await pause(500)
    // The rest of this request never comes, and holds up a worker for ten seconds.
    const { hostname, port } = new URL(server.url)
    const half = connect(Number(port), hostname).on("error", () => {})
    half.write(
      "POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"
    )
    server.kill("SIGHUP")
    await vi.waitFor(() => expect(server.output()).toContain("Worker 2 is replaced"), patience)
    half.destroy()
    await pause(500)
    isOver = true
    clearInterval(watch)
    await checks
    const { failures, placed } = await load
    expect(failures).toEqual([])
    expect(await clients).toEqual([0, 0, 0, 0])
    expect(server.output()).not.toContain("ERROR")
    expect(unready).toEqual([])
    expect(most).toBe(3)
    const after = workersOf(server)
    expect(after).toHaveLength(2)
    expect(after.filter((pid) => before.includes(pid))).toEqual([])
    expect(await ordersOf(server, shop.token)).toEqual(placed)
    expect(await server.stop()).toMatchObject({ code: 0, stderr: "" })
  })

  test("drain by SIGTERM: each still answers, is not ready, and closes each connection with its response [D6]", async () => {
    const server = await start({ SHUTDOWN_DELAY: "10 seconds" })
    const shop = await openShop(server)
    const stopped = server.ended
    let isOver = false
    const load = customers(server, shop, () => isOver)
    await pause(500)
    const workers = workersOf(server)
    server.kill("SIGTERM")
    await vi.waitFor(
      async () => expect((await call(`${server.url}/health/ready`)).status).toBe(503),
      patience
    )
    // One after the other, so that each worker gets some.
    for (let n = 0; n < 10; n++) {
      const answer = await fetch(`${server.url}/health/ready`)
      expect([answer.status, answer.headers.get("connection")]).toEqual([503, "close"])
    }
    server.kill("SIGTERM")
    await pause(500)
    isOver = true
    const { failures, placed } = await load
    expect(failures).toEqual([])
    expect(placed.size).toBeGreaterThan(0)
    expect(await stopped).toMatchObject({ code: 0, stderr: "" })
    expect(workers.filter(isAlive)).toEqual([])
  })

  test("that are being replaced wait no second time if a SIGTERM comes meanwhile [D6]", async () => {
    const server = await start({ SHUTDOWN_DELAY: "6 seconds", METRICS: "on" })
    for (let n = 0; n < 10; n++) expect((await call(`${server.url}/products`)).status).toBe(200)
    const count = `commerce_http_request_seconds_count{worker="1",method="GET",route="/products",status="200"}`
    expect((await scrape(server.url)).has(count)).toBe(true)
    const [old = 0] = workersOf(server)
    server.kill("SIGHUP")
    // The page has the new worker then.
    await vi.waitFor(async () => expect((await scrape(server.url)).has(count)).toBe(false), patience)
    await pause(2000)
    const others = workersOf(server).filter((pid) => pid !== old)
    server.kill("SIGTERM")
    await vi.waitFor(() => expect(isAlive(old)).toBe(false), patience)
    expect(others.filter(isAlive)).toEqual(others)
    expect(await server.ended).toMatchObject({ code: 0, stderr: "" })
  })

  test("end by SIGINT, also when the terminal sends it to all of them", async () => {
    const server = await start({ SHUTDOWN_DELAY: "1 minute" })
    for (const pid of [...workersOf(server), server.pid]) process.kill(pid, "SIGINT")
    expect(await server.ended).toMatchObject({ code: 0, stderr: "" })
  })

  test("answer what they were asked before a SIGTERM [F9]", async () => {
    const server = await start()
    const body = JSON.stringify({ email: "late@example.com", password: "a secret phrase" })
    const headers = { "content-type": "application/json", expect: "100-continue" }
    const asked = Array.from({ length: 4 }, () =>
      request(`${server.url}/auth/register`, { method: "POST", headers })
    )
    const answers = asked.map((one) => once(one, "response"))
    for (const one of asked) one.flushHeaders()
    await Promise.all(asked.map((one) => once(one, "continue")))
    const stopping = server.stop()
    await pause(1000)
    for (const one of asked) one.end(body)
    const statuses = (await Promise.all(answers)).map(([answer]) => answer.resume().statusCode)
    expect(statuses.sort()).toEqual([201, 409, 409, 409])
    expect(await stopping).toMatchObject({ code: 0, stderr: "" })
  })

  test("share the limit of attempts [A1]", async () => {
    const server = await start({ AUTH_RATE_LIMIT: "5 per hour", RATE_LIMIT: "40 per hour", METRICS: "on" })
    const wrong = { email: "ada@example.com", password: "not hers at all" }
    const statuses: Array<number> = []
    for (let n = 0; n < 12; n++) {
      const { status } = await call(`${server.url}/auth/login`, { method: "POST", body: wrong })
      statuses.push(status)
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429, 429, 429, 429, 429])
    const others: Array<number> = []
    for (let n = 0; n < 40; n++) others.push((await call(`${server.url}/products`)).status)
    expect(others.filter((status) => status === 200)).toHaveLength(28)
    const samples = await scrape(server.url)
    const limited = [1, 2].map(
      (worker) => samples.get(`commerce_attempts_limited_total{worker="${worker}",attempt="log in"}`) ?? 0
    )
    // Both workers have refused, with counts that neither has reached by itself.
    for (const count of limited) expect(count).toBeGreaterThan(0)
  })

  test("refuse attempts while the primary does not answer [A1]", async () => {
    const server = await start({ AUTH_RATE_LIMIT: "100 per hour", METRICS: "on" })
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const register = async () => {
      const body = { email: `${crypto.randomUUID()}@example.com`, password: "a secret phrase" }
      return (await call(`${server.url}/auth/register`, { method: "POST", agent, body })).status
    }
    expect(await register()).toBe(201)
    server.kill("SIGSTOP")
    expect(await register()).toBe(429)
    // Of the metrics there are still those of the worker that is asked.
    const { body } = await call(`${server.url}/metrics`, { agent })
    expect(body.match(/^commerce_database_pool{worker="[12]"} 10$/gm)).toHaveLength(1)
    server.kill("SIGCONT")
    expect(await register()).toBe(201)
    agent.destroy()
  })

  test("show the metrics of all of them at METRICS_PORT too", async () => {
    const server = await start({ METRICS_PORT: "0" })
    const [, metrics = ""] = /^ {2}metrics (http:\/\/127\.0\.0\.1:\d+)\/metrics$/m.exec(server.greeting) ?? []
    for (let n = 0; n < 3; n++) {
      const names = [...(await scrape(metrics)).keys()]
      for (const worker of [1, 2]) expect(names).toContain(`commerce_database_pool{worker="${worker}"}`)
    }
    expect((await call(`${server.url}/metrics`)).status).toBe(404)
  })

  test("show the metrics of those that answer", async () => {
    const server = await start({ METRICS: "on" })
    const [stopped = 0] = workersOf(server)
    const shown = async () => {
      // The connections go to the workers in turn, and what is stopped answers none.
      const pages = [1, 2].map(() => scrape(server.url))
      const names = [...(await Promise.any(pages)).keys()]
      return [1, 2].filter((worker) => names.includes(`commerce_database_pool{worker="${worker}"}`))
    }
    try {
      process.kill(stopped, "SIGSTOP")
      const others = await shown()
      expect(others).toHaveLength(1)
    } finally {
      process.kill(stopped, "SIGCONT")
    }
    expect(await shown()).toEqual([1, 2])
  })

  test("are several instances to a collector of telemetry", async () => {
    const received: Array<string> = []
    const collector = createWebServer(async (request, response) => {
      for await (const chunk of request) received.push(String(chunk))
      response.end("{}")
    }).listen(0, "127.0.0.1")
    await once(collector, "listening")
    const { port } = collector.address() as AddressInfo
    const server = await start({
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_RESOURCE_ATTRIBUTES: "a=b,service.instance.id=till"
    })
    await server.stop()
    collector.close()
    const instances = received.join("").matchAll(/"service\.instance\.id","value":\{"stringValue":"([^"]*)"/g)
    expect([...new Set([...instances].map(([, name]) => name))].sort()).toEqual(["till", "till-1", "till-2"])
  })

  test("end when their primary is killed, and the port is free", async () => {
    const server = await start()
    const workers = workersOf(server)
    const { port } = new URL(server.url)
    server.kill("SIGKILL")
    await server.ended
    await vi.waitFor(() => expect(workers.filter(isAlive)).toEqual([]), patience)
    const next = createServer().listen(Number(port), "127.0.0.1")
    await once(next, "listening")
    next.close()
  })

  test("that cannot start end the server with an error", async () => {
    const server = await start()
    const { port } = new URL(server.url)
    const { code, stderr, stdout } = await commandProcess(["serve", "--workers", "2"], {
      DATABASE_URL: await newDatabase(),
      JWT_SECRET,
      PORT: port,
      LOG_FORMAT: "pretty"
    })
    expect([code, stdout]).toEqual([1, ""])
    expect(stderr).toBe(
      `effect-commerce: PORT: ${port} is in use on 127.0.0.1\n` +
        "effect-commerce: WORKERS: worker 1 ended with exit code 1 before it listened\n"
    )
  })

  test("stay when those that should replace them cannot start", async () => {
    const file = join(await newDirectory(), "secret")
    await writeFile(file, JWT_SECRET)
    const server = await serve({
      DATABASE_URL: await newDatabase(),
      JWT_SECRET_FILE: file,
      WORKERS: "2",
      ...admin
    })
    const before = workersOf(server)
    await rm(file)
    server.kill("SIGHUP")
    await vi.waitFor(
      () => expect(server.output()).toContain("A new worker 1 could not start. The old workers go on"),
      patience
    )
    expect(workersOf(server)).toEqual(before)
    expect((await get(`${server.url}/health/ready`)).status).toBe(200)

    // A worker that is killed cannot be replaced either, until its secret is back.
    process.kill(before[0] ?? 0, "SIGKILL")
    await vi.waitFor(
      () => expect(server.output()).toContain("Worker 1 ended with exit code 1. It is started again in 2 s"),
      patience
    )
    expect((await get(`${server.url}/health/ready`)).status).toBe(200)
    await writeFile(file, JWT_SECRET)
    server.kill("SIGHUP")
    await vi.waitFor(() => expect(server.output()).toContain("Worker 2 is replaced"), patience)
    expect(workersOf(server).filter((pid) => before.includes(pid))).toEqual([])
    expect((await server.stop()).code).toBe(0)
  })

  test("are not those of another program that has started the server by cluster, as PM2 does [A1]", async () => {
    const program = `const cluster = require("node:cluster")
      cluster.setupPrimary({ exec: process.argv[1], args: process.argv.slice(2), execArgv: [] })
      const { process: child } = cluster.fork()
      process.on("SIGTERM", () => child.kill())
      child.on("exit", (code) => process.exit(code))`
    const env = { DATABASE_URL: await newDatabase(), JWT_SECRET, AUTH_RATE_LIMIT: "9 per hour", ...admin }
    const asChild = (more: Env = {}) => serve({ ...env, ...more }, { nodeOptions: ["-e", program] })
    const server = await asChild()
    await logIn(server.url, admin.ADMIN_EMAIL, admin.ADMIN_PASSWORD)
    const { code, stdout } = await server.stop()
    expect(code).toBe(0)
    expect(stdout).toContain("POST /auth/login 200")
    expect(stdout).not.toContain("worker=")
    await expect(asChild({ WORKERS: "2" })).rejects.toThrow("WORKERS: more than 1 needs a process of its own")
  })

  test("need a database server", async () => {
    const { code, stderr, stdout } = await commandProcess(["serve"], { DATA_DIR: "memory", WORKERS: "2" })
    expect([code, stdout]).toEqual([1, ""])
    expect(stderr).toBe(
      "effect-commerce: WORKERS: more than 1 needs DATABASE_URL, because one process at a time uses an embedded database\n"
    )
  })
})
