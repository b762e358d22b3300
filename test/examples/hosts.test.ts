/** Every host of docs/hosts.md, from its start to a paid order. */
import { type ChildProcess, spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import { createServer } from "node:net"
import { afterAll, assert, describe, it } from "vitest"

const page = readFileSync("docs/hosts.md", "utf8")

const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const server = createServer().once("error", reject)
    server.listen(0, () => {
      const address = server.address()
      server.close(() => resolve(typeof address === "object" ? (address?.port ?? 0) : 0))
    })
  })

type Send = (path: string, init?: RequestInit) => Promise<Response>

/** Registers, logs in, orders the first product and pays for it. */
const buy = async (send: Send) => {
  const post = async (path: string, body: unknown, headers: Record<string, string> = {}) => {
    const response = await send(path, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json", ...headers }
    })
    return response.json()
  }
  const person = { email: "ada@example.com", password: "a long password" }
  await post("/auth/register", person)
  const { accessToken } = await post("/auth/login", person)
  const { items } = await (await send("/products")).json()
  const authorization = `Bearer ${accessToken}`
  const order = await post("/orders", { items: [{ productId: items[0].id, quantity: 2 }] }, { authorization })
  assert.deepStrictEqual(order.total, { amount: 1800, currency: "EUR" })
  const paid = await post(`/orders/${order.id}/payments`, { paymentMethod: "sim_approve" }, { authorization })
  assert.strictEqual(paid.orderStatus, "PAID")
}

/** Lines of code without blank ones. */
const linesOf = (name: string) =>
  readFileSync(`examples/hosts/${name}.ts`, "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "").length

describe("a host", () => {
  const started: Array<ChildProcess> = []
  afterAll(() => {
    for (const child of started) child.kill()
  })

  it.each(["node", "express", "fastify", "hono"])("on %s sells a mug", async (name) => {
    const port = await freePort()
    const child = spawn(
      process.execPath,
      ["--conditions=effect-commerce-source", `examples/hosts/${name}.ts`],
      { env: { ...process.env, PORT: String(port) }, stdio: ["ignore", "ignore", "pipe"] }
    )
    started.push(child)
    let failed = ""
    child.stderr?.on("data", (text) => {
      failed += text
    })
    const send: Send = (path, init) => fetch(`http://localhost:${port}/shop${path}`, init)
    for (let isUp = false; !isUp; ) {
      if (child.exitCode !== null) throw new Error(failed)
      isUp = await send("/health/live").then(
        ({ ok }) => ok,
        () => false
      )
      await new Promise((done) => setTimeout(done, 50))
    }
    await buy(send)
    child.kill()
  })

  it("on Next.js sells a mug by its route", async () => {
    const route = await import("../../examples/hosts/next.ts")
    const { commerce } = await import("../../examples/hosts/shop.ts")
    await buy((path, init) => {
      const request = new Request(`http://localhost/shop${path}`, init)
      return request.method === "POST" ? route.POST(request) : route.GET(request)
    })
    await commerce.close()
  })

  it.each([
    ["node:http", "node"],
    ["Express", "express"],
    ["Fastify", "fastify"],
    ["Hono", "hono"],
    ["Next.js", "next"]
  ])("on %s has the lines that the page says, and at most 15", (title, name) => {
    const lines = linesOf("shop") + linesOf(name)
    assert.match(page, new RegExp(`^\\| \\[${title}\\]\\(#[a-z]+\\) \\| ${lines} \\|`, "m"))
    assert.isAtMost(lines, 15)
  })
})
