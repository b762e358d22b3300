import { Effect } from "effect"

/** What one stretch of work came to. */
export interface Reading {
  readonly perSecond: number
  /** Milliseconds that half of the calls took at most. */
  readonly p50: number
  readonly p99: number
}

const quantile = (sorted: ReadonlyArray<number>, q: number) =>
  sorted[Math.floor((sorted.length - 1) * q)] ?? 0

const median = (numbers: ReadonlyArray<number>) =>
  quantile(
    [...numbers].sort((a, b) => a - b),
    0.5
  )

/** Lets many callers work in a loop for some seconds: each asks again as soon as it is answered. */
const stretch = Effect.fnUntraced(function* <E>(
  callers: number,
  seconds: number,
  work: Effect.Effect<unknown, E>
) {
  const latencies: Array<number> = []
  const started = performance.now()
  const end = started + seconds * 1000
  const caller = Effect.gen(function* () {
    while (performance.now() < end) {
      const asked = performance.now()
      yield* work
      latencies.push(performance.now() - asked)
    }
  })
  yield* Effect.all(
    Array.from({ length: callers }, () => caller),
    { concurrency: "unbounded", discard: true }
  )
  const elapsed = (performance.now() - started) / 1000
  latencies.sort((a, b) => a - b)
  const reading: Reading = {
    perSecond: latencies.length / elapsed,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99)
  }
  return reading
})

export interface Case<E> {
  readonly name: string
  readonly callers: number
  /** `rate`: how many times as many per second; `latency`: how many times as long, by the median. */
  readonly ratio: "rate" | "latency"
  readonly goal: number
  readonly baseline: Effect.Effect<unknown, E>
  readonly ours: Effect.Effect<unknown, E>
}

export interface Result {
  readonly name: string
  readonly callers: number
  readonly goal: string
  readonly ratio: number
  readonly baseline: Reading
  readonly ours: Reading
}

const middle = (readings: ReadonlyArray<Reading>): Reading => ({
  perSecond: median(readings.map(({ perSecond }) => perSecond)),
  p50: median(readings.map(({ p50 }) => p50)),
  p99: median(readings.map(({ p99 }) => p99))
})

/** Measures baseline and ours in turn, so that whatever else the machine does meets both. */
export const measure = Effect.fnUntraced(function* <E>(
  { name, callers, ratio, goal, baseline, ours }: Case<E>,
  { rounds, seconds }: { readonly rounds: number; readonly seconds: number }
) {
  const readings: Array<{ readonly baseline: Reading; readonly ours: Reading }> = []
  yield* stretch(callers, 0.5, baseline)
  yield* stretch(callers, 0.5, ours)
  for (let round = 0; round < rounds; round++) {
    readings.push({
      baseline: yield* stretch(callers, seconds, baseline),
      ours: yield* stretch(callers, seconds, ours)
    })
  }
  const ratios = readings.map((reading) =>
    ratio === "rate"
      ? reading.ours.perSecond / reading.baseline.perSecond
      : reading.ours.p50 / reading.baseline.p50
  )
  const result: Result = {
    name,
    callers,
    goal: `${ratio === "rate" ? "≥" : "≤"} ${goal} ×`,
    ratio: median(ratios),
    baseline: middle(readings.map((reading) => reading.baseline)),
    ours: middle(readings.map((reading) => reading.ours))
  }
  return result
})
