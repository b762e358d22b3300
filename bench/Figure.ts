/** A figure that stands for itself. */
export interface Figure {
  readonly kind: "figure"
  readonly name: string
  readonly value: string
  readonly goal: string
  readonly reached: boolean
  /** What it comes from. */
  readonly readings?: unknown
}

/** A figure that should be at most so much. */
export const atMost = (
  name: string,
  value: number,
  goal: number,
  unit: string,
  readings: unknown
): Figure => ({
  kind: "figure",
  name,
  value: `${value.toFixed(value < 10 ? 2 : 0)} ${unit}`,
  goal: `≤ ${goal} ${unit}`,
  reached: value <= goal,
  readings
})

/** A figure without a goal, which others are compared with. */
export const comparison = (name: string, value: number, unit: string, readings: unknown): Figure => ({
  ...atMost(name, value, Number.POSITIVE_INFINITY, unit, readings),
  goal: "baseline"
})
