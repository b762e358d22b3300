import type { Server } from "node:http"
import { connect, type Socket } from "node:net"
import { setTimeout as pause } from "node:timers/promises"
import { Effect } from "effect"
import { afterEach, describe, expect, test } from "vitest"
import { httpServer, type ServerLimits } from "../../../src/cli/support/HttpServer.ts"

const limits = { head: 2048, headTime: 300, requestTime: 600, idleTimeout: 900, connections: 20 }

const ending: Array<() => void> = []
afterEach(() => {
  for (const end of ending.splice(0)) end()
})

let latest: Server | undefined

/** A server that answers each request with what it was sent, once it has all of it. */
const start = async (given: Partial<ServerLimits> = limits) => {
  const { server } = await Effect.runPromise(httpServer(given))
  latest = server
  server.on("request", (request, response) => {
    let size = 0
    request.on("data", (part) => {
      size += part.length
    })
    request.on("end", () => {
      if (request.url === "/never") return
      if (request.url === "/slowly") return void setTimeout(() => response.end(`${size} bytes`), 200)
      response.end(request.url === "/much" ? Buffer.alloc(50_000_000) : `${size} bytes`)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  ending.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  return typeof address === "object" && address !== null ? address.port : 0
}

/** How many connections the latest server has. */
const connections = () =>
  new Promise<number>((resolve, reject) =>
    latest?.getConnections((error, count) => (error ? reject(error) : resolve(count)))
  )

interface Connection {
  readonly socket: Socket
  /** All that came until the server closed the connection. */
  readonly closed: Promise<{ readonly text: string }>
}

const open = async (port: number, reads = true): Promise<Connection> => {
  const socket = connect(port, "127.0.0.1")
  ending.push(() => socket.destroy())
  socket.on("error", () => {})
  let text = ""
  if (reads) {
    socket.on("data", (part) => {
      text += part
    })
  }
  const closed = new Promise<{ text: string }>((resolve) => socket.on("close", () => resolve({ text })))
  await new Promise((resolve) => socket.once("connect", resolve))
  return { socket, closed }
}

/** Says something bit by bit, without end. */
const dribble = async ({ socket }: Connection, first: string, bit: string) => {
  socket.write(first)
  while (socket.writable) {
    await pause(50)
    socket.write(bit)
  }
}

const problemIn = (text: string) => {
  const [head = "", body = ""] = text.split("\r\n\r\n")
  expect(head).toMatch(/^content-type: application\/problem\+json$/im)
  expect(head).toMatch(/^x-request-id: \S+$/im)
  expect(head).toMatch(/^connection: close$/im)
  const { status, code, type } = JSON.parse(body)
  expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
  expect(type).toBe(`urn:effect-commerce:problem:${code}`)
  return { status, code }
}

const timedOut = { status: 408, code: "request-timeout" }

/** What a server waits for that does not keep to the limits lasts longer: Node's own are a minute and more. */
describe("A server", { timeout: 45_000 }, () => {
  test("waits for nobody who says nothing", async () => {
    const { closed } = await open(await start())
    const { text } = await closed
    if (text !== "") expect(problemIn(text)).toEqual(timedOut)
  })

  test("waits for no head that never ends [A3]", async () => {
    const connection = await open(await start())
    void dribble(connection, "GET / HTTP/1.1\r\nHost: x\r\n", "X-A: b\r\n")
    const { text } = await connection.closed
    expect(problemIn(text)).toEqual(timedOut)
  })

  test("waits for no body that never ends [A3]", async () => {
    const connection = await open(await start())
    void dribble(connection, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n", "x")
    const { text } = await connection.closed
    expect(problemIn(text)).toEqual(timedOut)
  })

  test("waits for no client that does not read the answer [A3]", async () => {
    const port = await start()
    const { socket } = await open(port, false)
    socket.write("GET /much HTTP/1.1\r\nHost: x\r\n\r\n")
    await expect.poll(connections, { timeout: 60_000 }).toBe(1)
    await expect.poll(connections, { timeout: 60_000 }).toBe(0)
  })

  test.each([
    ["nonsense", "nonsense\r\n\r\n"],
    ["a broken body", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"]
  ])("answers what came first, and not %s behind it in its place", async (_, broken) => {
    const { socket, closed } = await open(await start())
    const slowly = "POST /slowly HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n12345"
    socket.write(`${slowly}${slowly}${broken}`)
    const { text } = await closed
    expect(text.match(/HTTP\/1.1 200 OK/g)).toHaveLength(2)
    expect(text.match(/HTTP\/1.1/g)).toHaveLength(2)
    expect(text.match(/5 bytes/g)).toHaveLength(2)
  })

  test("keeps no connection open for an answer that never comes", async () => {
    const { socket, closed } = await open(await start())
    socket.write("GET /never HTTP/1.1\r\nHost: x\r\n\r\n")
    await closed
  })

  test.each([
    ["a URL", `GET /${"x".repeat(3000)} HTTP/1.1\r\nHost: x\r\n\r\n`],
    ["a header", `GET / HTTP/1.1\r\nHost: x\r\nX-A: ${"x".repeat(3000)}\r\n\r\n`],
    ["many headers", `GET / HTTP/1.1\r\nHost: x\r\n${"X-A: b\r\n".repeat(1000)}\r\n`]
  ])("does not take %s without end", async (_, text) => {
    const { socket, closed } = await open(await start())
    socket.write(text)
    expect(problemIn((await closed).text)).toEqual({ status: 431, code: "headers-too-large" })
  })

  test.each([
    "nonsense\r\n\r\n",
    "GET / HTTP/9.9\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    "\u0016\u0003\u0001\u0002\u0000\u0001",
    "CONNECT shop.example:443 HTTP/1.1\r\nHost: shop.example:443\r\n\r\n"
  ])("answers %j, which is no HTTP, with a problem", async (text) => {
    const { socket, closed } = await open(await start())
    socket.write(text)
    expect(problemIn((await closed).text)).toEqual({ status: 400, code: "invalid-request" })
  })

  test("says nothing in the middle of an answer", async () => {
    const connection = await open(await start(), false)
    connection.socket.write("GET /much HTTP/1.1\r\nHost: x\r\n\r\n")
    await pause(100)
    connection.socket.write("nonsense\r\n\r\n")
    await pause(100)
    let text = ""
    connection.socket.on("data", (part) => {
      text += part.toString("latin1").slice(0, 5000)
    })
    await connection.closed
    expect(text).toContain("200 OK")
    expect(text).not.toContain("problem")
  })

  test("takes no more connections than it can bear, and others again when some have gone", async () => {
    const port = await start()
    const all = await Promise.all(Array.from({ length: limits.connections + 10 }, () => open(port)))
    await Promise.all(all.map(({ closed }) => closed))
    const { socket, closed } = await open(port)
    socket.write("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    expect((await closed).text).toContain("0 bytes")
  })

  test("answers whoever asks in time, again and again over one connection", async () => {
    const patient = { ...limits, headTime: 1500, requestTime: 3000, idleTimeout: 4500 }
    const { socket, closed } = await open(await start(patient))
    for (let n = 0; n < 4; n++) {
      socket.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nab")
      await pause(500)
      socket.write("c")
      await pause(500)
    }
    socket.end()
    expect((await closed).text.match(/3 bytes/g)).toHaveLength(4)
  })
})

describe("A connection between two requests", () => {
  const get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

  test("stays open for longer than load balancers keep theirs, which is 60 seconds", async () => {
    const { socket } = await open(await start({}))
    const answered = new Promise<Buffer>((resolve) => socket.once("data", resolve))
    socket.write(get)
    const seconds = Number(/^keep-alive: timeout=(\d+)/im.exec((await answered).toString())?.[1])
    expect(seconds).toBeGreaterThan(60)
    expect(latest?.keepAliveTimeout).toBe(seconds * 1000)
    expect(latest?.headersTimeout).toBeLessThan(60_000)
  })

  test("stays open for longer than a head may take, and no longer than KEEP_ALIVE_TIMEOUT", async () => {
    const { socket, closed } = await open(await start({ headTime: 300, keepAliveTime: 2_000 }))
    for (const wait of [1_000, 1_000]) {
      const answered = new Promise<Buffer>((resolve) => socket.once("data", resolve))
      socket.write(get)
      expect((await answered).toString()).toMatch(/^HTTP\/1.1 200/)
      await pause(wait)
      expect(socket.readyState).toBe("open")
    }
    expect((await closed).text).not.toContain("408")
  })
})
