import { type AddressInfo, connect, type Socket } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"
import { Effect } from "effect"
import { afterEach, describe, expect, test } from "vitest"
import { httpServer, type ServerLimits } from "../../../src/cli/support/HttpServer.ts"

/** More than the kernel takes for a client that does not read. */
const size = 12 * 1024 * 1024

const closing: Array<() => void> = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/** A server whose answers are large, and in memory of their own. */
const open = async (limits: Partial<ServerLimits>) => {
  const { server } = await Effect.runPromise(httpServer(limits))
  const handled: Array<string> = []
  server.on("request", ({ url = "" }, response) => {
    handled.push(url)
    setImmediate(() => response.end(url === "/small" ? "small" : Buffer.alloc(size, "x")))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  closing.push(() => {
    server.close()
    server.closeAllConnections()
  })
  const { port } = server.address() as AddressInfo
  const ask = (...paths: ReadonlyArray<string>): Socket => {
    const socket = connect(port, "127.0.0.1")
    closing.push(() => socket.destroy())
    socket.on("error", () => {})
    socket.write(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`).join(""))
    return socket
  }
  /** How many connections the server has. */
  const connections = () =>
    new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)))
  return { ask, handled, connections, url: `http://127.0.0.1:${port}` }
}

const textOf = async (socket: Socket) => {
  let text = ""
  for await (const part of socket) text += part
  return text
}

describe("A client that does not read its answer", () => {
  test("is dropped after a time, and a slow one that reads is not", async () => {
    const { ask, connections } = await open({ unreadTime: 700 })
    const silent = ask("/")
    silent.pause()
    const slow = ask("/")
    let read = 0
    slow.on("data", (part: Buffer) => {
      read += part.length
      slow.pause()
      setTimeout(() => slow.resume(), 10)
    })
    await expect.poll(() => read, { timeout: 20_000 }).toBeGreaterThan(size)
    await expect.poll(connections, { timeout: 20_000 }).toBe(1)
  })

  test("holds no more memory than its share of what all may hold, and others are served", async () => {
    const { ask, connections, handled, url } = await open({ unsent: 8 * size })
    for (let n = 0; n < 20; n++) ask("/").pause()
    await expect.poll(() => handled.length, { timeout: 20_000 }).toBe(20)
    // What the kernel holds of each answer is not counted.
    await expect.poll(connections, { timeout: 20_000 }).toBeLessThan(16)
    expect((await (await fetch(url)).text()).length).toBe(size)
    await sleep(100)
    expect(await connections()).toBeGreaterThan(3)
  })
})

describe("More reads than are handled at once", () => {
  const slowServer = async (limits: Partial<ServerLimits>) => {
    const { server } = await Effect.runPromise(httpServer(limits))
    const waiting: Array<() => void> = []
    let most = 0
    server.on("request", ({ url = "" }, response) => {
      if (url.startsWith("/health")) return void response.end("ok")
      waiting.push(() => response.end(url))
      most = Math.max(most, waiting.length)
    })
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    closing.push(() => {
      server.close()
      server.closeAllConnections()
    })
    const { port } = server.address() as AddressInfo
    const get = async (path: string, method = "GET") =>
      (await fetch(`http://127.0.0.1:${port}${path}`, { method })).text()
    return { get, waiting, most: () => most }
  }

  test("wait in their order, and health checks do not", async () => {
    const { get, most, waiting } = await slowServer({ reads: 3, readTime: 60_000 })
    const answers = Array.from({ length: 20 }, (_, n) => get(`/${n}`))
    await expect.poll(() => waiting.length).toBe(3)
    expect(await get("/health/live")).toBe("ok")
    for (let n = 0; n < 20; n++) {
      await expect.poll(() => waiting.length).toBeGreaterThan(0)
      waiting.shift()?.()
    }
    expect((await Promise.all(answers)).sort()).toEqual(Array.from({ length: 20 }, (_, n) => `/${n}`).sort())
    expect(most()).toBe(3)
  })

  test("that are answered at once let others have the thread in between", async () => {
    const { server } = await Effect.runPromise(httpServer())
    let turns = 0
    const count = () => {
      turns++
      if (server.listening) setImmediate(count)
    }
    const handledAt: Array<number> = []
    server.on("request", (_, response) => {
      const until = performance.now() + 1
      while (performance.now() < until);
      handledAt.push(turns)
      response.end()
    })
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    closing.push(() => {
      server.close()
      server.closeAllConnections()
    })
    count()
    const { port } = server.address() as AddressInfo
    const sockets = Array.from({ length: 10 }, () => connect(port, "127.0.0.1"))
    for (const socket of sockets) {
      closing.push(() => socket.destroy())
      socket.resume().write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".repeat(20))
    }
    await expect.poll(() => handledAt.length, { timeout: 20_000 }).toBe(200)
    const inOneTurn = Map.groupBy(handledAt, (turn) => turn).values()
    expect(Math.max(...Array.from(inOneTurn, ({ length }) => length))).toBeLessThan(10)
  })

  test("keep no change waiting, and cannot name a health check in their query", async () => {
    const { get, waiting } = await slowServer({ reads: 3, readTime: 60_000 })
    const paths = Array.from({ length: 9 }, (_, n) => (n % 2 === 0 ? `/${n}` : `/${n}?q=/health/live`))
    const reads = [...paths.map((path) => get(path)), ...paths.map((path) => get(path, "HEAD"))]
    await expect.poll(() => waiting.length).toBe(3)
    const changes = Array.from({ length: 9 }, (_, n) => get(`/changes/${n}`, "POST"))
    await expect.poll(() => waiting.length).toBe(12)
    const all = Promise.all([...reads, ...changes])
    const answering = setInterval(() => waiting.shift()?.(), 1)
    expect((await all).length).toBe(27)
    clearInterval(answering)
  })

  test("do not wait for those that wait for something else", async () => {
    const { get, waiting } = await slowServer({ reads: 3, readTime: 300 })
    const answers = Array.from({ length: 10 }, (_, n) => get(`/${n}`))
    await expect.poll(() => waiting.length, { timeout: 20_000 }).toBe(10)
    for (const answer of waiting) answer()
    expect((await Promise.all(answers)).length).toBe(10)
  })
})

describe("Requests on one connection before their answers", () => {
  test("are handled up to a number, and refused in their order beyond it", async () => {
    const { ask, handled } = await open({ pipelined: 5 })
    const text = await textOf(ask(...Array.from({ length: 200 }, () => "/small")))
    expect(handled.length).toBe(5)
    const answers = text.split("HTTP/1.1 ").slice(1)
    expect(answers.map((answer) => answer.slice(0, 3))).toEqual(["200", "200", "200", "200", "200", "429"])
    expect(answers.at(-1)).toMatch(/retry-after: 1\r\n.*"code":"too-many-requests"/s)
  })

  test("are handled without end if each is answered before the next", async () => {
    const { ask, handled } = await open({ pipelined: 1 })
    const socket = ask("/small")
    for (let n = 0; n < 20; n++) {
      await new Promise<void>((resolve) => socket.once("data", () => resolve()))
      await sleep(5)
      socket.write("GET /small HTTP/1.1\r\nHost: x\r\n\r\n")
    }
    await expect.poll(() => handled.length).toBe(21)
  })
})
