import { Effect } from "effect"
import { beside, type Load, type Pace, type Reading } from "./Measure.ts"

interface Step<E> extends Load<E> {
  /** How large it is here: so many products, callers, lines. */
  readonly at: number
  /** What one call counts for, 1 if absent: an order of 100 lines is 100 lines. */
  readonly units?: number
}

/** How a rate changes while something grows. */
export interface Growth {
  readonly kind: "growth"
  readonly name: string
  /** What grows. */
  readonly of: string
  readonly steps: ReadonlyArray<{
    readonly at: number
    readonly reading: Reading
    /** The rate, or that of the units, in proportion to the first step. */
    readonly ratio: number
    /** Less than half of the step before. */
    readonly cliff: boolean
  }>
}

/** Measures all steps in turn, so that each is a ratio to the smallest one of the same moment. */
export const grow = Effect.fnUntraced(function* <E>(
  name: string,
  of: string,
  steps: ReadonlyArray<Step<E>>,
  pace: Pace
) {
  const measured = yield* beside(steps, pace)
  const first = steps[0]?.units ?? 1
  const ratios = measured.map(({ ratio }, index) => (ratio * (steps[index]?.units ?? 1)) / first)
  const growth: Growth = {
    kind: "growth",
    name,
    of,
    steps: measured.map(({ reading }, index) => {
      const ratio = ratios[index] ?? 0
      return { at: steps[index]?.at ?? 0, reading, ratio, cliff: ratio < (ratios[index - 1] ?? ratio) / 2 }
    })
  }
  return growth
})
