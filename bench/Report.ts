import { cpus, totalmem } from "node:os"
import type { Outcome } from "./Bench.ts"
import type { Figure } from "./Figure.ts"
import type { Growth } from "./Growth.ts"
import type { Comparison } from "./Measure.ts"

const mark = (reached: boolean) => (reached ? "reached" : "GOAL NOT REACHED")

const comparison = ({ name, callers, goal, ratio, reached, baseline, ours }: Comparison) => ({
  case: name,
  callers,
  "baseline /s": Math.round(baseline.perSecond),
  "ours /s": Math.round(ours.perSecond),
  "baseline p50 ms": baseline.p50.toFixed(2),
  "ours p50 ms": ours.p50.toFixed(2),
  "ours p99 ms": ours.p99.toFixed(2),
  "ours busy": ours.busy.toFixed(2),
  ratio: `${ratio.toFixed(2)} ×`,
  goal,
  "": mark(reached)
})

const figure = ({ name, value, goal, reached }: Figure) => ({
  case: name,
  ours: value,
  goal,
  "": mark(reached)
})

const growth = ({ name, of, steps }: Growth) =>
  steps.map(({ at, reading, ratio, cliff }) => ({
    case: name,
    size: `${at.toLocaleString("en")} ${of}`,
    "/s": Math.round(reading.perSecond),
    "p50 ms": reading.p50.toFixed(2),
    "p99 ms": reading.p99.toFixed(2),
    "to the first": `${ratio.toFixed(2)} ×`,
    "": cliff ? "CLIFF" : ""
  }))

const table = (rows: ReadonlyArray<object>) => {
  if (rows.length > 0) console.table(rows)
}

/** Prints one table per kind of outcome. */
export const print = (outcomes: ReadonlyArray<Outcome>): void => {
  table(outcomes.flatMap((one) => (one.kind === "comparison" ? [comparison(one)] : [])))
  table(outcomes.flatMap((one) => (one.kind === "figure" ? [figure(one)] : [])))
  table(outcomes.flatMap((one) => (one.kind === "growth" ? growth(one) : [])))
}

/** What the figures were measured on. */
export const machine = {
  cpu: cpus()[0]?.model,
  cores: cpus().length,
  memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
  node: process.version
}
