/**
 * A server under attack besides its customers, for `SOAK_MINUTES`: `npm run soak`. It prints what it measures, and ends with 1 if the server
 * takes more memory, answers later or loses more than it may.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { randomUUID } from "node:crypto"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { loadavg, tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { Effect } from "effect"
import { flagsOf, heapOf } from "../../src/cli/NodeFlags.ts"
import { bundle } from "../support/bundle.ts"
import { embeddedServer } from "../support/EmbeddedServer.ts"
import { customer, lost } from "./Customers.ts"
import { exchangeOf, jsonOf } from "./Exchange.ts"
import { attack, type Counts } from "./Hostile.ts"

const minutes = Number(process.env.SOAK_MINUTES ?? 10)
/** What an operator sets who is attacked. */
const rateLimit = process.env.SOAK_RATE_LIMIT ?? "600 per minute"

/** In 10^6 bytes, and in milliseconds. */
const bounds = { memory: 250, health: 100 }

/** What `serve` sets in a container of 256 MiB. This machine allows more, which attacks would take. */
const memoryFlags = flagsOf(heapOf({ limit: 256, workers: 1 })).join(" ")

/** The command as it is built: compiling TypeScript takes memory of its own. */
const programs = await mkdtemp(join(tmpdir(), "effect-commerce-soak-"))
const main = join(programs, "src/cli/main.js")
const admin = { email: "admin@example.com", password: "a password of the soak" }

const environment = (url: string): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  MALLOC_ARENA_MAX: "2",
  DATABASE_URL: url,
  JWT_SECRET: "a secret of the soak, at least 32 bytes",
  PAYMENTS: "simulated",
  ADMIN_EMAIL: admin.email,
  ADMIN_PASSWORD: admin.password,
  RATE_LIMIT: rateLimit,
  LOG_LEVEL: "warn",
  LOG_FORMAT: "json",
  PORT: "0"
})

const serve = async (env: NodeJS.ProcessEnv) => {
  const flags = (process.env.SOAK_SERVER_FLAGS ?? memoryFlags).split(" ").filter((flag) => flag !== "")
  const child = spawn(process.execPath, [...flags, main, "serve"], {
    env,
    stdio: ["ignore", "pipe", "inherit"]
  })
  let said = ""
  const url = await new Promise<URL>((resolve, reject) => {
    child.stdout.on("data", (part: Buffer) => {
      said = `${said}${part}`.slice(-200_000)
      const [, found] = /\b(http:\/\/127\.0\.0\.1:\d+)/.exec(said) ?? []
      if (found !== undefined) resolve(new URL(found))
    })
    child.once("exit", (code) => reject(new Error(`The server ended with ${code}: ${said}`)))
  })
  return { child, url, said: () => said }
}

/** Memory of a process, in 10^6 bytes: now, and the most so far. */
const memoryOf = ({ pid }: ChildProcess) => {
  const status = readFileSync(`/proc/${pid}/status`, "utf8")
  const of = (name: string) => (Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024) / 1e6
  return { now: of("VmRSS"), most: of("VmHWM") }
}

const quantile = (values: ReadonlyArray<number>, q: number) =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))] ?? 0

const shown = (values: ReadonlyArray<number>) =>
  [0.5, 0.95, 1].map((q) => `${quantile(values, q).toFixed(1)}`).join(" / ")

const soak = async (databaseUrl: string): Promise<ReadonlyArray<string>> => {
  const env = environment(databaseUrl)
  const { child, said, url } = await serve(env)
  const ask = exchangeOf(url, 16)
  const register = async (name: string) => {
    const account = { email: `${name}-${randomUUID()}@example.com`, password: "a password of hers" }
    jsonOf(await ask("/auth/register", { method: "POST", body: account }), 201)
    return jsonOf<{ accessToken: string }>(await ask("/auth/login", { method: "POST", body: account }), 200)
      .accessToken
  }
  const { accessToken: token } = jsonOf<{ accessToken: string }>(
    await ask("/auth/login", { method: "POST", body: admin }),
    200
  )
  const categories = { method: "POST", token, body: { name: "Soak" } }
  const { id: categoryId } = jsonOf<{ id: string }>(await ask("/categories", categories), 201)
  const productIds: Array<string> = []
  for (let n = 0; n < 100; n++) {
    const name = `Product ${n} ${"ü".repeat(180)}`
    const body = {
      categoryId,
      name,
      description: "x".repeat(2000),
      price: { amount: 100 + n, currency: "EUR" },
      stock: 1e9
    }
    productIds.push(jsonOf<{ id: string }>(await ask("/products", { method: "POST", token, body }), 201).id)
  }
  const [customers, hostile] = [await names(8, register), await names(5, register)]
  const items = productIds.map((productId) => ({ productId, quantity: 1 }))
  for (const attacker of hostile) {
    for (let n = 0; n < 20; n++) {
      jsonOf(await ask("/orders", { method: "POST", token: attacker, body: { items } }), 201)
    }
  }
  console.log(`before: ${memoryOf(child).now.toFixed(0)} MB, load ${loadavg()[0]?.toFixed(1)}`)

  const endsAt = Date.now() + minutes * 60_000
  const isOver = () => Date.now() >= endsAt
  const counts: Counts = new Map()
  const attacking = attack({ url, tokens: hostile, productIds, isOver }, counts)
  const buying = Promise.all(customers.map((one) => customer(exchangeOf(url, 1), one, productIds, isOver)))

  const [health, memory, lag, loads]: ReadonlyArray<Array<number>> = [[], [], [], []]
  const probe = exchangeOf(url, 1)
  for (let n = 0; !isOver(); n++) {
    const before = performance.now()
    await sleep(200)
    const asked = performance.now()
    lag?.push(asked - before - 200)
    const answer = await probe(n % 2 === 0 ? "/health/live" : "/health/ready").catch(() => undefined)
    health?.push(answer?.status === 200 ? performance.now() - asked : 60_000)
    memory?.push(memoryOf(child).now)
    loads?.push(loadavg()[0] ?? 0)
    if (n % 60 === 59) {
      console.log(
        `${Math.round((endsAt - Date.now()) / 1000)} s left: ${memory?.at(-1)?.toFixed(0)} MB, health ${shown(health ?? [])} ms`
      )
    }
  }
  const told = (await buying).flat()
  await attacking
  const missing = await lost(ask, told)
  const { most } = memoryOf(child)
  child.kill("SIGTERM")
  await once(child, "exit")
  const verified = spawnSync(process.execPath, [main, "verify"], { env, encoding: "utf8" })
  const logged = said()
    .split("\n")
    .filter((line) => /"level":"(ERROR|FATAL)"/i.test(line))
  // A database without processor time for seconds is an outage, which clients are told: 503, and retried by customers.
  const errors = logged.filter((line) => !line.includes('"The store is unavailable."'))

  console.log(`\n${minutes} minutes with RATE_LIMIT=${rateLimit}`)
  for (const [name, count] of counts) console.log(`  ${String(count).padStart(8)}  ${name}`)
  console.log(`  ${String(told.length).padStart(8)}  orders of 8 customers, ${missing.length} lost`)
  console.log(`memory: median ${quantile(memory ?? [], 0.5).toFixed(0)} MB, most ${most.toFixed(0)} MB`)
  console.log(
    `health: ${shown(health ?? [])} ms (median / 95 % / most), of them waiting for this process: ${shown(lag ?? [])} ms`
  )
  console.log(`load of the machine: ${shown(loads ?? [])}`)
  console.log(
    `errors in the log: ${errors.length}, and ${logged.length - errors.length} times an outage of the database`
  )
  console.log(`verify: ${verified.status} ${verified.stdout.trim().split("\n").at(-1)}`)
  return [
    ...(most > bounds.memory
      ? [`The server took ${most.toFixed(0)} MB, at most ${bounds.memory} are allowed`]
      : []),
    ...(quantile(health ?? [], 0.5) > bounds.health ? ["Health checks are too slow"] : []),
    ...missing,
    ...(verified.status === 0 ? [] : [`verify: ${verified.stdout}${verified.stderr}`]),
    ...errors.slice(0, 5)
  ]
}

const names = async (count: number, register: (name: string) => Promise<string>) => {
  const tokens: Array<string> = []
  for (let n = 0; n < count; n++) tokens.push(await register(`soak${n}`))
  return tokens
}

await bundle({ "src/cli/main": "src/cli/main.ts" }, programs)
const faults = await Effect.runPromise(
  Effect.scoped(Effect.flatMap(embeddedServer({ durable: true }), (url) => Effect.promise(() => soak(url))))
)
await rm(programs, { recursive: true })
for (const fault of faults) console.error(`FAULT ${fault}`)
process.exit(faults.length === 0 ? 0 : 1)
