import { once } from "node:events"
import {
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type RequestListener
} from "node:http"
import * as http2 from "node:http2"
import { connect } from "node:net"
import { text } from "node:stream/consumers"
import express from "express"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { type CommerceHandler, toNodeHandler } from "../../src/promise/index.ts"
import { doors, fastifyOf, type Listening, listen } from "./doors.ts"
import { newProduct, useMemory } from "./support.ts"

interface Answer {
  readonly status: number | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

interface Sent {
  readonly method?: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

/** Sends a request with `node:http`, which changes no path and no header. */
const exchange = async (url: string, { method = "GET", path, headers = {}, body }: Sent): Promise<Answer> => {
  const { hostname, port } = new URL(url)
  const request = httpRequest({ hostname, port, path, method, headers, agent: false })
  request.end(body)
  const [response] = await once(request, "response")
  return { status: response.statusCode, headers: response.headers, body: await text(response) }
}

/** Sends bytes as they are, and returns all that comes until the server closes the connection. */
const raw = async (url: string, ...parts: ReadonlyArray<string>): Promise<string> => {
  const socket = connect(Number(new URL(url).port), "127.0.0.1")
  const answer = text(socket)
  for (const part of parts) socket.write(part)
  return answer
}

const json = { "content-type": "application/json" }

/** Headers that the connection has, and not the answer. */
const { date: _date, ...hopByHop } = { date: "", connection: "", "keep-alive": "", "x-powered-by": "" }

const withoutHop = (headers: IncomingHttpHeaders) =>
  Object.fromEntries(
    Object.entries(headers).filter(([name]) => name !== "date" && !Object.hasOwn(hopByHop, name))
  )

describe.each(doors)("the answers over $name", ({ name, open }) => {
  const opened = useMemory({ http: { basePath: "/shop", rateLimit: "off" } })
  let listening: Listening
  beforeAll(async () => {
    listening = await open(opened())
  })
  afterAll(() => listening.close())

  it("are those of the handler itself, byte for byte, but for the date", async () => {
    const { id: productId } = await newProduct(opened(), 1000)
    const person = { email: "ada@example.com", password: "a long password" }
    await opened().accounts.register(person)
    const { accessToken } = await opened().accounts.login(person)
    const authorization = `Bearer ${accessToken}`
    const order = JSON.stringify({ items: [{ productId, quantity: 1 }] })
    const place = { method: "POST", path: "/shop/orders", body: order }
    const key = { ...json, authorization, "idempotency-key": "the same" }
    await opened().handler(new Request("http://h/shop/orders", { method: "POST", body: order, headers: key }))
    const requests: ReadonlyArray<Sent> = [
      { path: "/shop/products?limit=5" },
      { path: `/shop/products/${productId}`, headers: { "x-request-id": "mine" } },
      { path: "/shop/products?limit=5", method: "HEAD" },
      { path: "/shop/products?q=%C3%A4&limit=1&q=b" },
      { path: "/shop/products/" },
      { path: "/shop/nothing" },
      { path: "/shop/products;x" },
      { path: "/shop/products//" },
      { path: "/shop/products", method: "DELETE" },
      { path: "/shop/products", method: "OPTIONS" },
      { path: "/shop/products", method: "PROPFIND" },
      { path: "/shop/openapi.json" },
      { path: "/shop/docs", headers: { "accept-encoding": "gzip" } },
      { path: "/shop/health/ready" },
      { path: "/shop/auth/me", headers: { authorization } },
      { path: "/shop/orders", headers: { authorization: "Basic eDp5" } },
      { ...place, headers: key },
      { ...place, headers: { ...key, "content-type": "text/plain" } },
      { ...place, headers: { ...key, "content-encoding": "gzip" } },
      { ...place, headers: { ...json, authorization }, body: "{" },
      { ...place, headers: { ...json, authorization }, body: Buffer.from([0x22, 0xff, 0x22]) },
      { ...place, headers: { ...json, authorization }, body: JSON.stringify({ items: "x".repeat(70_000) }) },
      { ...place, headers: { ...json, authorization }, body: "" },
      { ...place, headers: json }
    ]
    // Fastify routes the methods that it knows.
    const known = requests.filter(({ method }) => name !== "Fastify" || method !== "PROPFIND")
    for (const sent of known) {
      const { method = "GET", path, body = null } = sent
      const length =
        method === "GET" || method === "HEAD"
          ? {}
          : { "content-length": String(Buffer.byteLength(body ?? "")) }
      const headers = { "x-request-id": "same", ...length, ...sent.headers }
      const direct = await opened().handler(
        new Request(`${listening.url}${path}`, {
          method,
          headers,
          body: body === "" ? null : (body as BodyInit | null)
        })
      )
      const over = await exchange(listening.url, { ...sent, headers })
      const expected = {
        status: direct.status,
        headers: Object.fromEntries(direct.headers),
        body: await direct.text()
      }
      const found = { ...over, headers: withoutHop(over.headers) }
      if (path === "/shop/docs") found.body = expected.body = ""
      assert.deepStrictEqual(found, expected, `${method} ${path} ${JSON.stringify(sent.headers)}`)
    }
  })
})

/** A server of `node:http` for the tests of a block. */
const useServer = (listener: () => RequestListener): (() => string) => {
  let listening: Listening
  beforeAll(async () => {
    listening = await listen(createServer(listener()))
  })
  afterAll(() => listening.close())
  return () => listening.url
}

describe("a server of node:http", () => {
  const logged: Array<unknown> = []
  const opened = useMemory({
    http: { basePath: "/shop" },
    logger: { error: (message, { error }) => logged.push([message, String(error)]) }
  })
  const url = useServer(() => toNodeHandler(opened()))

  it("answers HTTP/1.0 without chunks, and a client that waits to be asked for its body", async () => {
    const old = await raw(url(), "GET /shop/health/live HTTP/1.0\r\n\r\n")
    assert.match(old, /^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\n{"status":"ok"}$/)
    assert.notMatch(old, /transfer-encoding/i)
    const login = JSON.stringify({ email: "a@example.com", password: "a wrong password" })
    const head = [
      "POST /shop/auth/login HTTP/1.1",
      "Host: x",
      "Content-Type: application/json",
      `Content-Length: ${login.length}`,
      "Connection: close",
      "Expect: 100-continue"
    ]
    const expecting = await raw(url(), `${head.join("\r\n")}\r\n\r\n`, login)
    assert.match(expecting, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 401 /)
  })

  it("takes paths as they are: none that a proxy would take for another", async () => {
    for (const path of [
      "/x/../shop/health/live",
      "/shop/health/../health/live",
      "/shop/./health/live",
      "/shop/%2e/health/live",
      "/shop/x/%2E./health/live",
      "/shop\\health/live",
      "//shop/health/live",
      "/shop%2Fhealth/live",
      "/Shop/health/live",
      "*"
    ]) {
      assert.match(await raw(url(), `GET ${path} HTTP/1.0\r\n\r\n`), /^HTTP\/1\.1 404 /, path)
    }
    for (const target of ["http://shop.example/shop/health/live", "/shop/health/live?a=/../"]) {
      assert.match(await raw(url(), `GET ${target} HTTP/1.0\r\n\r\n`), /^HTTP\/1\.1 (200|400) /, target)
    }
  })

  it("takes no path from the host, and answers without one", async () => {
    for (const host of [
      "",
      "evil.example/shop/products?",
      "a b",
      "@",
      "[::1]:80",
      "a:99999",
      "1.2.3.999",
      "shop.example:3000"
    ]) {
      const answer = await raw(url(), `GET /shop/health/live HTTP/1.0\r\nHost: ${host}\r\n\r\n`)
      assert.match(answer, /^HTTP\/1\.1 200 /, host)
    }
    assert.match(await raw(url(), "GET /shop/health/live HTTP/1.0\r\n\r\n"), /^HTTP\/1\.1 200 /)
  })

  it("reads the first of two headers, as the frameworks in front of it do", async () => {
    const person = { email: "twice@example.com", password: "a long password" }
    await opened().accounts.register(person)
    const { accessToken } = await opened().accounts.login(person)
    const asking = (...tokens: ReadonlyArray<string>) =>
      raw(
        url(),
        `GET /shop/auth/me HTTP/1.0\r\n${tokens.map((token) => `Authorization: Bearer ${token}\r\n`).join("")}\r\n`
      )
    assert.match(await asking(accessToken, "other"), /^HTTP\/1\.1 200 /)
    assert.match(await asking("other", accessToken), /^HTTP\/1\.1 401 /)
  })

  it("answers methods that the Fetch API refuses", async () => {
    assert.match(
      await raw(url(), "TRACE /shop/products HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
      /^HTTP\/1\.1 405 [\s\S]*\r\nallow: GET, /i
    )
  })

  it("refuses a long upload without its length, and then serves the same connection", async () => {
    const chunk = `10000\r\n${"x".repeat(0x10000)}\r\n`
    const answer = await raw(
      url(),
      "POST /shop/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
      chunk.repeat(8),
      "0\r\n\r\nGET /shop/health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    )
    assert.match(answer, /^HTTP\/1\.1 413 [\s\S]*HTTP\/1\.1 200 OK[\s\S]*{"status":"ok"}$/)
  })

  it("serves the same connection after a body that nobody reads", async () => {
    const body = "x".repeat(50_000)
    const answer = await raw(
      url(),
      `POST /shop/nothing HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      "GET /shop/health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    )
    assert.match(answer, /^HTTP\/1\.1 404 [\s\S]*HTTP\/1\.1 200 OK[\s\S]*{"status":"ok"}$/)
  })

  it("forgets clients that leave while they send, and goes on", async () => {
    for (let n = 0; n < 20; n++) {
      const socket = connect(Number(new URL(url()).port), "127.0.0.1")
      socket.write(
        "POST /shop/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
      )
      await new Promise((sent) => setTimeout(sent, n))
      socket.destroy()
    }
    assert.strictEqual((await exchange(url(), { path: "/shop/health/live" })).status, 200)
    assert.deepStrictEqual(logged, [])
  })

  it("asks the shop nothing for a client that has left before its turn", async () => {
    let asked = 0
    const counted = (...call: Parameters<CommerceHandler>) => {
      asked += 1
      return opened().handler(...call)
    }
    const handle = toNodeHandler({ handler: Object.assign(counted, opened().handler) })
    const turns: Array<() => void> = []
    const server = createServer((request, response) => {
      turns.push(() => handle(request, response))
      response.once("close", () => turns.at(-1)?.())
    })
    const { url: origin, close } = await listen(server)
    const socket = connect(Number(new URL(origin).port), "127.0.0.1")
    socket.write("POST /shop/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
    await once(server, "request")
    socket.destroy()
    await once(socket, "close")
    await new Promise((resolve) => setTimeout(resolve, 50))
    assert.deepStrictEqual([turns.length, asked], [1, 0])
    await close()
  })

  it("serves HTTP/2", async () => {
    const server = http2.createServer(toNodeHandler(opened()) as never)
    const { url: origin, close } = await listen(server as never)
    const client = http2.connect(origin)
    const stream = client.request({ ":path": "/shop/health/live" })
    const [headers] = await once(stream, "response")
    assert.strictEqual(headers[":status"], 200)
    assert.strictEqual(await text(stream), '{"status":"ok"}')
    client.close()
    await close()
  })
})

/** A commerce whose handler is that of a test. */
const answering = (
  answer: (request: Request) => Response | Promise<Response>
): { readonly handler: CommerceHandler } => ({
  handler: Object.assign(async (request: Request) => answer(request), {
    basePath: "/",
    fail: async () => new Response(null, { status: 500 })
  })
})

describe("a response", () => {
  it("is read as fast as the client reads, and no longer than it listens", async () => {
    let produced = 0
    let cancelled = false
    const endless = () =>
      new ReadableStream<Uint8Array>(
        {
          pull: (controller) => {
            produced += 1
            controller.enqueue(new Uint8Array(65_536))
          },
          cancel: () => {
            cancelled = true
          }
        },
        { highWaterMark: 0 }
      )
    let signal: AbortSignal | undefined
    const handle = toNodeHandler(
      answering((request) => {
        signal = request.signal
        return new Response(endless())
      })
    )
    const { url, close } = await listen(createServer(handle))
    const socket = connect(Number(new URL(url).port), "127.0.0.1")
    socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    socket.pause()
    let before = -1
    while (produced !== before) {
      before = produced
      await new Promise((done) => setTimeout(done, 300))
    }
    assert.isAbove(produced, 0)
    assert.isBelow(produced, 1000)
    socket.destroy()
    while (!cancelled) await new Promise((done) => setTimeout(done, 5))
    assert.isTrue(signal?.aborted)
    await close()
  })

  it("that fails after its head ends the connection", async () => {
    const failing = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode("half")),
      pull: (controller) => controller.error(new Error("broken"))
    })
    const { url, close } = await listen(createServer(toNodeHandler(answering(() => new Response(failing)))))
    const answer = await raw(url, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").catch(String)
    assert.notMatch(answer, /\r\n0\r\n\r\n$/)
    await close()
  })
})

describe("a body that a middleware has read", () => {
  const logged: Array<string> = []
  const opened = useMemory({
    http: { basePath: "/shop", rateLimit: "off" },
    logger: { error: (_, { error }) => logged.push(String(error)) }
  })
  const person = { email: "ada@example.com", password: "a long password" }
  const login: Sent = {
    method: "POST",
    path: "/shop/auth/login",
    headers: json,
    body: JSON.stringify(person)
  }
  beforeAll(() => opened().accounts.register(person))

  const over = async (listener: RequestListener, sent: Sent) => {
    const { url, close } = await listen(createServer(listener))
    const answer = await exchange(url, sent)
    await close()
    return answer
  }
  const app = (...parsers: ReadonlyArray<express.RequestHandler>) => {
    const made = express()
    for (const parser of parsers) made.use(parser)
    made.use("/shop", toNodeHandler(opened()))
    return made
  }

  it.each([
    ["as JSON", express.json()],
    ["as text", express.text({ type: "*/*" })],
    ["as bytes", express.raw({ type: "*/*" })]
  ])("%s is sent on", async (_, parser) => {
    const answer = await over(app(parser), login)
    assert.strictEqual(answer.status, 200)
    assert.strictEqual(JSON.parse(answer.body).tokenType, "Bearer")
    const wrong = await over(app(parser), { ...login, body: JSON.stringify({ email: 7 }) })
    assert.strictEqual(JSON.parse(wrong.body).code, "invalid-request")
    const other = await over(app(parser), { ...login, headers: { "content-type": "text/plain" } })
    assert.strictEqual(other.status, 415)
    const none = await over(app(parser), { path: "/shop/products" })
    assert.strictEqual(none.status, 200)
  })

  it("by Fastify is sent on", async () => {
    const server = await fastifyOf(opened(), { parsesJson: true })
    const answer = await server.inject({ method: "POST", url: "/shop/auth/login", payload: person })
    assert.strictEqual(answer.statusCode, 200)
    await server.close()
  })

  it("and not kept is an error that says what to do", async () => {
    const drain: express.RequestHandler = (request, _response, next) => {
      request.on("data", () => {}).on("end", () => next())
    }
    const seen: Array<unknown> = []
    const made = app(drain)
    made.use(((error, _request, response, _next) => {
      seen.push(error)
      response.status(500).end("the host's own")
    }) satisfies express.ErrorRequestHandler)
    assert.strictEqual((await over(made, login)).body, "the host's own")
    assert.match(String(seen), /mount the handler before what reads bodies/)
    const alone = await over((request, response) => {
      request.on("data", () => {}).on("end", () => toNodeHandler(opened())(request, response))
    }, login)
    assert.strictEqual(alone.status, 500)
    assert.strictEqual(JSON.parse(alone.body).code, "internal")
    assert.match(logged.join(), /mount the handler before what reads bodies/)
  })
})

describe("Express", () => {
  const opened = useMemory({ http: { basePath: "/api/shop" } })

  const statusOf = async (app: express.Express, path: string) => {
    app.use((_request, response) => void response.status(299).end())
    app.use(((error, _request, response, _next) => {
      response.status(599).end(String(error))
    }) satisfies express.ErrorRequestHandler)
    const { url, close } = await listen(createServer(app))
    const { status, body } = await exchange(url, { path })
    await close()
    return status === 599 ? body : status
  }

  it("gets what is outside of the base path, and nothing else", async () => {
    const app = () => express().use(toNodeHandler(opened()))
    assert.strictEqual(await statusOf(app(), "/api/shop/health/live"), 200)
    assert.strictEqual(await statusOf(app(), "/api/shop/nothing"), 404)
    for (const path of ["/", "/api", "/api/shopping", "/api/shop/../shop/health/live", "/health/live"]) {
      assert.strictEqual(await statusOf(app(), path), 299, path)
    }
  })

  it("may mount it deeper, as long as the base path is the whole path", async () => {
    const handle = toNodeHandler(opened())
    const router = express.Router().use("/shop", handle)
    assert.strictEqual(await statusOf(express().use("/api", router), "/api/shop/health/live?"), 200)
    assert.strictEqual(await statusOf(express().use("/api", router), "/API/shop/health/live"), 299)
    assert.strictEqual(await statusOf(express().use("/api", handle), "/api/shop/health/live"), 200)
    const elsewhere = await statusOf(express().use("/store", handle), "/store/health/live")
    assert.match(String(elsewhere), /mounted under \/store, .* set http: { basePath: "\/store" }/)
  })
})
