import { Effect } from "effect"
import { Bench, type Group, progress } from "../Bench.ts"
import { atMost } from "../Figure.ts"
import { httpShop } from "../Server.ts"
import { fill, pick, shop, verified } from "../Shop.ts"

const total = Number(process.env.BENCH_ORDERS ?? 200_000)
const intervals = 10
const callers = 64

interface Memory {
  readonly rss: number
  readonly heapUsed: number
  readonly peak: number
}

const mebibytes = (bytes: number) => bytes / 2 ** 20

/** By least squares: how much more with each interval. */
const slope = (values: ReadonlyArray<number>): number => {
  const middle = (values.length - 1) / 2
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const rise = values.reduce((sum, value, at) => sum + (at - middle) * (value - mean), 0)
  return rise / values.reduce((sum, _, at) => sum + (at - middle) ** 2, 0)
}

/** What the server holds while it places orders, over HTTP; garbage is collected before each reading. */
export const memory: Group = Effect.gen(function* () {
  const url = yield* (yield* Bench).database
  const products = yield* Effect.provide(fill(1000), shop(url))
  const { client, token } = yield* httpShop(url)
  const place = Effect.suspend(() =>
    client.ask(201, { method: "POST", path: "/orders", token, body: { items: pick(products, 3) } })
  )
  const orders = (count: number) =>
    Effect.all(
      Array.from({ length: count }, () => place),
      { concurrency: callers, discard: true }
    )
  const reading = client.json<Memory>(200, { method: "GET", path: "/bench/memory" })

  yield* progress(`memory while placing ${total} orders over HTTP`)
  const perInterval = total / intervals
  const readings = yield* Effect.all(
    Array.from({ length: intervals }, () => Effect.andThen(orders(perInterval), reading))
  )
  yield* Effect.provide(verified, shop(url))
  const per100k = 100_000 / perInterval
  const most = Math.max(...readings.map(({ peak }) => peak))
  // In the first half, what the other uses is still being compiled.
  const settled = readings.slice(intervals / 2)
  const grows = (what: keyof Memory, goal: number) => {
    const values = settled.map((reading) => mebibytes(reading[what]))
    const name = `memory: ${what} grows with 100,000 orders by`
    return atMost(name, slope(values) * per100k, goal, "MiB", values)
  }
  return [
    atMost(`memory: at most, placing ${total} orders`, mebibytes(most), 200, "MiB", readings),
    grows("heapUsed", 1),
    grows("rss", 5)
  ]
})
