import { once } from "node:events"
import { request } from "node:http"
import { connect } from "node:net"
import { setTimeout as pause } from "node:timers/promises"
import { Redacted } from "effect"
import { beforeAll, describe, expect, test, vi } from "vitest"
import { lasting } from "../../support/lasting.ts"
import { freshDatabase } from "../../support/postgres.ts"
import { leaveNothingRunning, type Serving, serve } from "../support/Cli.ts"
import { get } from "../support/Http.ts"

const JWT_SECRET = "0123456789abcdef0123456789abcdef"

// One of them waits for ten seconds, in which the others are done.
describe("A server that is told to stop", { concurrent: true }, () => {
  leaveNothingRunning("all")
  let DATABASE_URL: string
  beforeAll(async () => {
    DATABASE_URL = Redacted.value(await lasting(freshDatabase))
  })
  const start = (env = {}) => serve({ DATABASE_URL, JWT_SECRET, ...env })

  /** A connection over which so much has been sent. */
  const open = async ({ url }: Serving, text = "") => {
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname)
    socket.on("error", () => {})
    await once(socket, "connect")
    if (text !== "") socket.write(text)
    await pause(300)
    return socket
  }

  const stop = async (server: Serving, signal?: NodeJS.Signals) => {
    const { code, stderr } = await server.stop(signal)
    expect([code, stderr]).toEqual([0, ""])
  }

  /** A customer who registers, of whose request all is there but the body. */
  const registering = async ({ url }: Serving) => {
    const headers = { "content-type": "application/json", expect: "100-continue" }
    const asked = request(`${url}/auth/register`, { method: "POST", headers })
    const answered = once(asked, "response")
    asked.flushHeaders()
    await once(asked, "continue")
    return async () => {
      asked.end(JSON.stringify({ email: `${crypto.randomUUID()}@example.com`, password: "a secret phrase" }))
      const [answer] = await answered
      answer.resume()
      return [answer.statusCode, answer.headers.connection]
    }
  }

  test.each(["SIGTERM", "SIGINT"] as const)(
    "by %s lets go of whoever is connected without asking, before all others are answered",
    async (signal) => {
      const server = await start()
      await get(`${server.url}/products`)
      const sockets = [await open(server), await open(server, "GET /prod")]
      const finish = await registering(server)
      const closed = Promise.all(sockets.map((socket) => once(socket, "close")))
      const stopping = stop(server, signal)
      await closed
      // The server waits for ten seconds: if it closed the sockets only then, there would be no answer.
      expect(await finish()).toEqual([201, "close"])
      await stopping
    }
  )

  test("still answers for SHUTDOWN_DELAY, is not ready, and closes each connection with its response [D6]", async () => {
    const server = await start({ SHUTDOWN_DELAY: "1 minute" })
    expect((await get(`${server.url}/health/ready`)).status).toBe(200)
    const stopping = server.stop("SIGTERM")
    await vi.waitFor(async () => expect((await get(`${server.url}/health/ready`)).status).toBe(503), {
      timeout: 60_000
    })
    const answer = await fetch(`${server.url}/products`)
    expect([answer.status, answer.headers.get("connection")]).toEqual([200, "close"])
    await server.stop("SIGKILL")
    await stopping
  })

  test("answers what it was asked before, and nobody else", async () => {
    const server = await start()
    const finish = await registering(server)
    const stopping = stop(server)
    await vi.waitFor(() => expect(get(`${server.url}/health/live`)).rejects.toThrow(), { timeout: 60_000 })
    expect(await finish()).toEqual([201, "close"])
    await stopping
  })

  test("answers who waits for events of the feed, and does not wait with them [D6]", async () => {
    const admin = { email: "boss@example.com", password: "a password of theirs" }
    const server = await start({ ADMIN_EMAIL: admin.email, ADMIN_PASSWORD: admin.password })
    const login = await fetch(`${server.url}/auth/login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(admin)
    })
    const { accessToken } = await login.json()
    const headers = { authorization: `Bearer ${accessToken}` }
    const read = () => fetch(`${server.url}/feed?wait=25`, { headers })
    const readers = Array.from({ length: 3 }, read)
    await pause(1000)
    const stopping = server.stop("SIGTERM")
    // The server would cut them off after ten seconds.
    for (const answer of await Promise.all(readers)) {
      expect([answer.status, answer.headers.get("connection")]).toEqual([200, "close"])
      expect(await answer.json()).toEqual({ items: [], nextPosition: null })
    }
    expect((await stopping).code).toBe(0)
  })

  test("does not wait for ever for the rest of a request [F9]", async () => {
    const server = await start()
    const half =
      "POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"
    const socket = await open(server, half)
    await stop(server)
    socket.destroy()
  })
})
