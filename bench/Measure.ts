import { Effect } from "effect"

/** What one stretch of work came to. */
export interface Reading {
  readonly perSecond: number
  /** Milliseconds that half of the calls took at most. */
  readonly p50: number
  readonly p99: number
  /** How busy this process was, as a share of one core. */
  readonly busy: number
}

/** How long and how often to measure. */
export interface Pace {
  readonly seconds: number
  readonly rounds: number
}

/** Work that many callers do at the same time, each again as soon as it is answered. */
export interface Load<E> {
  readonly callers: number
  readonly work: Effect.Effect<unknown, E>
}

const quantile = (sorted: ReadonlyArray<number>, q: number) =>
  sorted[Math.floor((sorted.length - 1) * q)] ?? 0

export const median = (numbers: ReadonlyArray<number>) =>
  quantile(
    [...numbers].sort((a, b) => a - b),
    0.5
  )

const cpuSeconds = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

export const stretch = Effect.fnUntraced(function* <E>({ callers, work }: Load<E>, seconds: number) {
  const latencies: Array<number> = []
  const cpu = cpuSeconds()
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
    p99: quantile(latencies, 0.99),
    busy: (cpuSeconds() - cpu) / elapsed
  }
  return reading
})

/** A stretch of so many seconds. */
type Stretch<E> = (seconds: number) => Effect.Effect<Reading, E>

/** Each in turn, round by round, so that whatever else the machine does meets them all. */
const rounds = Effect.fnUntraced(function* <E>(
  stretches: ReadonlyArray<Stretch<E>>,
  { seconds, rounds }: Pace
) {
  const all = Effect.forEach(stretches, (stretch) => stretch(seconds))
  // The first stretch of each only warms it up.
  yield* all
  return yield* Effect.replicateEffect(all, rounds)
})

const middle = (readings: ReadonlyArray<Reading>): Reading => ({
  perSecond: median(readings.map(({ perSecond }) => perSecond)),
  p50: median(readings.map(({ p50 }) => p50)),
  p99: median(readings.map(({ p99 }) => p99)),
  busy: median(readings.map(({ busy }) => busy))
})

type Kind = "rate" | "latency"

const compare = (kind: Kind, one: Reading, other: Reading) =>
  kind === "rate" ? one.perSecond / other.perSecond : one.p50 / other.p50

/** Stretches beside each other: of each its middle reading, and the median of its ratios to the first one. */
export const besideEachOther = Effect.fnUntraced(function* <E>(
  stretches: ReadonlyArray<Stretch<E>>,
  pace: Pace,
  kind: Kind = "rate"
) {
  const measured = yield* rounds(stretches, pace)
  return stretches.map((_, index) => {
    const pairs = measured.flatMap(({ 0: first, [index]: own }) => (first && own ? [{ first, own }] : []))
    return {
      reading: middle(pairs.map(({ own }) => own)),
      ratio: median(pairs.map(({ first, own }) => compare(kind, own, first)))
    }
  })
})

/** The same of loads. */
export const beside = <E>(loads: ReadonlyArray<Load<E>>, pace: Pace, kind: Kind = "rate") =>
  besideEachOther(
    loads.map((load) => (seconds: number) => stretch(load, seconds)),
    pace,
    kind
  )

export interface Case<E> {
  readonly name: string
  readonly callers: number
  /** `rate`: how many times as many per second; `latency`: how many times as long, by the median. */
  readonly ratio: Kind
  readonly goal: number
  readonly baseline: Effect.Effect<unknown, E>
  readonly ours: Effect.Effect<unknown, E>
}

/** Ours beside its baseline. */
export interface Comparison {
  readonly kind: "comparison"
  readonly name: string
  readonly callers: number
  readonly goal: string
  readonly ratio: number
  readonly reached: boolean
  readonly baseline: Reading
  readonly ours: Reading
}

/** Measures baseline and ours in turn. */
export const measure = Effect.fnUntraced(function* <E>(one: Case<E>, pace: Pace) {
  const { name, callers, goal } = one
  const loads = [one.baseline, one.ours].map((work) => ({ callers, work }))
  const [baseline, ours] = yield* beside(loads, pace, one.ratio)
  if (baseline === undefined || ours === undefined) return yield* Effect.die("Nothing was measured")
  const more = one.ratio === "rate"
  const comparison: Comparison = {
    kind: "comparison",
    name,
    callers,
    goal: `${more ? "≥" : "≤"} ${goal} ×`,
    ratio: ours.ratio,
    reached: more ? ours.ratio >= goal : ours.ratio <= goal,
    baseline: baseline.reading,
    ours: ours.reading
  }
  return comparison
})
