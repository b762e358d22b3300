/** Clients that do what no customer does, each without end until `isOver`. */
import { randomUUID } from "node:crypto"
import { connect, type Socket } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"
import { type Exchange, exchangeOf } from "./Exchange.ts"

export interface Target {
  readonly url: URL
  /** Tokens of accounts that the attackers have. */
  readonly tokens: ReadonlyArray<string>
  readonly productIds: ReadonlyArray<string>
  readonly isOver: () => boolean
}

/** What each attack has done, by its name. */
export type Counts = Map<string, number>

const pick = <A>(values: ReadonlyArray<A>): A => {
  const value = values[Math.floor(Math.random() * values.length)]
  if (value === undefined) throw new Error("Nothing to pick from")
  return value
}

/** Attackers have ten addresses. */
const address = () => `127.0.1.${1 + Math.floor(Math.random() * 10)}`

/** Keeps a number of connections open, and opens each again when the server has closed it. */
const holding = async (
  { url, isOver }: Target,
  { connections, pause = 200 }: { readonly connections: number; readonly pause?: number },
  use: (socket: Socket) => (() => void) | undefined,
  count: () => void
) => {
  const hold = async () => {
    while (!isOver()) {
      const socket = connect({ port: Number(url.port), host: url.hostname, localAddress: address() })
      socket.on("error", () => {})
      const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()))
      const over = new AbortController()
      const watch = setInterval(() => isOver() && socket.destroy(), 500)
      socket.once("connect", () => {
        count()
        const step = use(socket)
        if (step === undefined) return
        const timer = setInterval(() => (socket.writable ? step() : clearInterval(timer)), 1000)
        over.signal.addEventListener("abort", () => clearInterval(timer))
      })
      await closed
      over.abort()
      clearInterval(watch)
      await sleep(pause + Math.random() * pause)
    }
  }
  await Promise.all(Array.from({ length: connections }, hold))
}

/** Sends requests, some at once, each with a pause after it. */
const asking = async (
  { isOver }: Target,
  { atOnce, pause }: { readonly atOnce: number; readonly pause: number },
  ask: (n: number) => Promise<unknown>,
  count: () => void
) => {
  let n = 0
  const repeat = async () => {
    while (!isOver()) {
      await ask(n++).catch(() => {})
      count()
      await sleep(pause * (0.5 + Math.random()))
    }
  }
  await Promise.all(Array.from({ length: atOnce }, repeat))
}

const head = (method: string, path: string, ...headers: ReadonlyArray<string>) =>
  [`${method} ${path} HTTP/1.1`, "Host: soak", ...headers, "", ""].join("\r\n")

const bearer = (target: Target) => `Authorization: Bearer ${pick(target.tokens)}`

type Attack = (target: Target, ask: Exchange, count: () => void) => Promise<void>

export const attacks: Readonly<Record<string, Attack>> = {
  "connections without a request": (target, _, count) =>
    holding(target, { connections: 300 }, () => undefined, count),

  "answers that are not read": (target, _, count) =>
    holding(
      target,
      { connections: 150 },
      (socket) => {
        socket.pause()
        const paths = [
          "/orders?limit=100",
          "/orders?limit=100",
          "/docs",
          "/openapi.json",
          "/products?limit=100"
        ]
        socket.write(paths.map((path) => head("GET", path, bearer(target))).join(""))
        return undefined
      },
      count
    ),

  "many requests in one packet": (target, _, count) =>
    holding(
      target,
      { connections: 5, pause: 1000 },
      (socket) => {
        socket.pause()
        socket.write(head("GET", "/products?limit=100").repeat(500))
        return undefined
      },
      count
    ),

  "heads that never end": (target, _, count) =>
    holding(
      target,
      { connections: 100 },
      (socket) => {
        socket.write("GET /products HTTP/1.1\r\nHost: soak\r\n")
        return () => socket.write(`X-${randomUUID()}: ${"x".repeat(200)}\r\n`)
      },
      count
    ),

  "bodies that never end": (target, _, count) =>
    holding(
      target,
      { connections: 100 },
      (socket) => {
        socket.write(
          head("POST", "/orders", bearer(target), "Content-Type: application/json", "Content-Length: 60000")
        )
        return () => socket.write(`{"items":[${" ".repeat(1000)}`)
      },
      count
    ),

  "the documentation": (target, ask, count) =>
    asking(
      target,
      { atOnce: 4, pause: 20 },
      async () => {
        const { text } = await ask("/docs", { from: address() })
        const scripts = Array.from(text.matchAll(/src="(docs\/\w+\.js)"/g), ([, src]) => src)
        for (const src of scripts) await ask(`/${src}`, { from: address() })
        await ask("/openapi.json", { from: address() })
      },
      count
    ),

  "spellings of tokens": (target, ask, count) =>
    asking(
      target,
      { atOnce: 4, pause: 20 },
      (n) => {
        const [first = "", second = "", third = ""] = pick(target.tokens).split(".")
        const spelling = `${third.slice(0, n % third.length)} ${third.slice(n % third.length)}`
        return ask("/orders", {
          token: `${first}.${second}.${pick([spelling, "x".repeat(n % 8000), `${third}${"=".repeat(n % 4)}`])}`,
          from: address()
        })
      },
      count
    ),

  "pages as large as possible": (target, ask, count) =>
    asking(
      target,
      { atOnce: 4, pause: 50 },
      () => ask(`/orders?limit=100`, { token: pick(target.tokens), from: address() }),
      count
    ),

  "orders as large as possible, and keys that are taken": (target, ask, count) =>
    asking(
      target,
      { atOnce: 4, pause: 100 },
      (n) => {
        const items = target.productIds.map((productId) => ({ productId, quantity: 1 + (n % 2) }))
        const key = n % 3 === 0 ? "taken" : randomUUID()
        return ask("/orders", { method: "POST", token: pick(target.tokens), key, body: { items } })
      },
      count
    ),

  nonsense: (target, ask, count) =>
    asking(
      target,
      { atOnce: 4, pause: 20 },
      (n) => {
        const raw = pick([
          "{",
          "[]",
          `{"items":${"[".repeat(5000)}`,
          "x".repeat(60_000),
          '{"__proto__":{"a":1}}'
        ])
        const path = pick([
          "/orders",
          "/auth/register",
          "/auth/refresh",
          `/products/${randomUUID()}`,
          "/quotes"
        ])
        return n % 4 === 0
          ? ask(`/products?q=${encodeURIComponent("ß🦊".repeat(90))}`, { from: address() })
          : ask(path, { method: "POST", token: pick(target.tokens), raw, from: address() })
      },
      count
    ),

  "guesses of passwords": (target, ask, count) =>
    asking(
      target,
      { atOnce: 4, pause: 100 },
      () =>
        ask("/auth/login", {
          method: "POST",
          body: { email: `${randomUUID()}${"x".repeat(200)}@example.com`, password: "guess" },
          from: address()
        }),
      count
    ),

  "orders that are left before their answer": (target, _, count) =>
    holding(
      target,
      { connections: 10, pause: 100 },
      (socket) => {
        const body = JSON.stringify({ items: [{ productId: pick(target.productIds), quantity: 1 }] })
        const length = `Content-Length: ${body.length}`
        socket.write(
          `${head("POST", "/orders", bearer(target), "Content-Type: application/json", length)}${body}`
        )
        setTimeout(() => socket.destroy(), Math.random() * 20)
        return undefined
      },
      count
    )
}

/** Runs all attacks. */
export const attack = (target: Target, counts: Counts): Promise<unknown> =>
  Promise.all(
    Object.entries(attacks).map(([name, run]) => {
      counts.set(name, 0)
      return run(target, exchangeOf(target.url, 4), () => counts.set(name, (counts.get(name) ?? 0) + 1))
    })
  )
