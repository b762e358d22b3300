import { readFile } from "node:fs/promises"
import { setTimeout } from "node:timers/promises"
import { Effect, Schedule } from "effect"
import { flagsOf, heapOf } from "../../src/cli/NodeFlags.ts"
import { Bench, type Group, progress } from "../Bench.ts"
import { atMost, comparison } from "../Figure.ts"
import { median } from "../Measure.ts"
import { httpShop, type Started, servedShop } from "../Server.ts"
import { fill, pick, shop, verified } from "../Shop.ts"

const total = Number(process.env.BENCH_ORDERS ?? 200_000)
const intervals = 10
const callers = 64

interface Memory {
  readonly rss: number
  readonly heapUsed: number
}

const mebibytes = (bytes: number) => bytes / 2 ** 20

/** By least squares: how much more with each interval. */
const slope = (values: ReadonlyArray<number>): number => {
  const middle = (values.length - 1) / 2
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const rise = values.reduce((sum, value, at) => sum + (at - middle) * (value - mean), 0)
  return rise / values.reduce((sum, _, at) => sum + (at - middle) ** 2, 0)
}

/** Places orders of 3 of the products, each caller again as soon as it is answered. */
const placing = ({ client, token }: Started, products: ReadonlyArray<string>, count: number) => {
  const place = Effect.suspend(() =>
    client.ask(201, { method: "POST", path: "/orders", token, body: { items: pick(products, 3) } })
  )
  return Effect.all(
    Array.from({ length: count }, () => place),
    { concurrency: callers, discard: true }
  )
}

/** Resident memory of a process in 10^6 bytes: now, and the most so far. Linux knows both. */
const residentOf = async (pid: number) => {
  const status = await readFile(`/proc/${pid}/status`, "utf8")
  const of = (name: string) => (Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024) / 1e6
  return { now: of("VmRSS"), most: of("VmHWM") }
}

/** A server is idle when it has done nothing for so long, in milliseconds: what its start has left is collected by then. */
const idleTime = 5000

/** `serve` at rest, and while it places orders. */
const resident = Effect.fnUntraced(function* (name: string, options: Parameters<typeof servedShop>[1]) {
  const { database } = yield* Bench
  yield* progress(`memory of serve ${name}, placing ${total} orders`)
  const url = yield* database
  const products = yield* Effect.provide(fill(1000), shop(url))
  const started = yield* servedShop(url, options)
  const { pid } = started
  yield* Effect.promise(() => setTimeout(idleTime))
  const idle = yield* Effect.promise(() => residentOf(pid))
  const samples: Array<number> = []
  const sample = Effect.promise(async () => samples.push((await residentOf(pid)).now))
  const before = performance.now()
  yield* placing(started, products, total).pipe(
    Effect.raceFirst(Effect.andThen(Effect.repeat(sample, Schedule.spaced("200 millis")), Effect.never))
  )
  const seconds = (performance.now() - before) / 1000
  const { most } = yield* Effect.promise(() => residentOf(pid))
  yield* Effect.provide(verified, shop(url))
  return { name, idle: idle.now, median: median(samples), most, perSecond: total / seconds }
}, Effect.scoped)

type Resident = Effect.Success<ReturnType<typeof resident>>

/** How much the heap grows with the number of orders; garbage is collected before each reading. */
const growth = Effect.gen(function* () {
  const url = yield* (yield* Bench).database
  const products = yield* Effect.provide(fill(1000), shop(url))
  const started = yield* httpShop(url)
  const reading = started.client.json<Memory>(200, { method: "GET", path: "/bench/memory" })
  const perInterval = Math.round(total / 2 / intervals)
  yield* progress(`growth of the heap while placing ${perInterval * intervals} orders`)
  const readings = yield* Effect.all(
    Array.from({ length: intervals }, () => Effect.andThen(placing(started, products, perInterval), reading))
  )
  // In the first half, what the other uses is still being compiled.
  const settled = readings.slice(intervals / 2)
  const grows = (what: keyof Memory, goal: number) => {
    const values = settled.map((reading) => mebibytes(reading[what]))
    const name = `memory: ${what} grows with 100,000 orders by`
    return atMost(name, (slope(values) * 100_000) / perInterval, goal, "MiB", values)
  }
  return [grows("heapUsed", 1), grows("rss", 5)]
})

/** V8's own default. It is a choice of the user, so `serve` sets no flags. */
const ofNode = { flags: ["--max-semi-space-size=16"] }

/** What `serve` sets in a small container. */
const inContainer = { flags: flagsOf(heapOf({ limit: 256, workers: 1 })), env: { MALLOC_ARENA_MAX: "2" } }

const figures = (one: Resident, goals: { readonly idle: number; readonly most: number } | undefined) => {
  const figure = (what: "idle" | "median" | "most", goal = goals?.most) => {
    const name = `memory: ${one.name}, ${what}`
    return goal === undefined
      ? comparison(name, one[what], "MB", one)
      : atMost(name, one[what], goal, "MB", one)
  }
  return [figure("idle", goals?.idle), figure("median"), figure("most")]
}

/** What the server holds, with the flags that it sets and with Node's own, and what it keeps. */
export const memory: Group = Effect.gen(function* () {
  const own = yield* resident("as it is", {})
  const node = yield* resident("with Node's own bounds", ofNode)
  const small = yield* resident("in 256 MiB", inContainer)
  return [
    ...figures(own, { idle: 120, most: 200 }),
    ...figures(node, undefined),
    ...figures(small, { idle: 120, most: Math.floor(256 * 1.048576) }),
    ...(yield* Effect.scoped(growth))
  ]
})
