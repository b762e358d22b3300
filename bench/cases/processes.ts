import { spawn } from "node:child_process"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { Effect, Redacted } from "effect"
import { Bench, type Group, progress } from "../Bench.ts"
import { besideEachOther, type Comparison, median, type Reading } from "../Measure.ts"
import type { Placing } from "../Placer.ts"
import { end } from "../Server.ts"
import { fill, shop, verified } from "../Shop.ts"

/** A process that measures what it is asked to. */
const placer = Effect.fnUntraced(function* (url: Redacted.Redacted) {
  const { built } = yield* Bench
  const child = yield* Effect.acquireRelease(
    Effect.sync(() =>
      spawn(process.execPath, [join(built, "bench/Placer.js")], {
        env: { PATH: process.env.PATH, DATABASE_URL: Redacted.value(url) },
        stdio: ["pipe", "pipe", "inherit"]
      })
    ),
    (child) => Effect.promise(() => end(child))
  )
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const nextLine = Effect.promise(async (): Promise<string> => {
    const { done, value } = await lines.next()
    if (done) throw new Error("A process that places orders has ended")
    return value
  })
  yield* nextLine
  return (placing: Placing) =>
    Effect.suspend(() => {
      child.stdin.write(`${JSON.stringify(placing)}\n`)
      return Effect.map(nextLine, (line): Reading => JSON.parse(line))
    })
})

const sum = (numbers: ReadonlyArray<number>) => numbers.reduce((total, number) => total + number, 0)

/** What several processes came to at the same time. */
const together = (readings: ReadonlyArray<Reading>): Reading => ({
  perSecond: sum(readings.map(({ perSecond }) => perSecond)),
  p50: median(readings.map(({ p50 }) => p50)),
  p99: Math.max(...readings.map(({ p99 }) => p99)),
  busy: sum(readings.map(({ busy }) => busy))
})

const counts = [1, 2, 4]

interface Crowd {
  readonly name: string
  readonly callersOf: (processes: number) => number
}

const crowds: ReadonlyArray<Crowd> = [
  { name: "64 callers in all", callersOf: () => 64 },
  { name: "64 callers in each", callersOf: (processes) => 64 * processes }
]

/** Placing one product for all in several processes on one database, each with connections of its own. */
export const processes: Group = Effect.gen(function* () {
  const { database, pace } = yield* Bench
  const url = yield* database
  const measured = Effect.gen(function* () {
    const productIds = yield* fill(1)
    const placers = yield* Effect.replicateEffect(placer(url), Math.max(...counts))

    const stretchOf = (count: number, callers: number) => (seconds: number) =>
      Effect.map(
        Effect.all(
          placers
            .slice(0, count)
            .map((place) => place({ productIds, items: 1, callers: callers / count, seconds })),
          { concurrency: "unbounded" }
        ),
        together
      )

    const compare = Effect.fnUntraced(function* ({ name, callersOf }: Crowd) {
      yield* progress(`place, one product for all, ${name}, ${counts.join(", ")} processes`)
      const stretches = counts.map((count) => stretchOf(count, callersOf(count)))
      const [one, ...several] = yield* besideEachOther(stretches, pace)
      if (one === undefined) return yield* Effect.die("Nothing was measured")
      return several.map(({ reading, ratio }, index): Comparison => {
        const count = counts[index + 1] ?? 0
        return {
          kind: "comparison",
          name: `place, one product, ${count} processes against 1, ${name}`,
          callers: callersOf(count),
          goal: "≥ 1 ×",
          ratio,
          reached: ratio >= 1,
          baseline: one.reading,
          ours: reading
        }
      })
    })

    const comparisons = (yield* Effect.forEach(crowds, compare)).flat()
    yield* verified
    return comparisons
  })
  return yield* Effect.provide(measured, shop(url))
})
