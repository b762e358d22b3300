import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { Analytics } from "../../src/services/Analytics.ts"
import { Bench, type Group, progress } from "../Bench.ts"
import type { Figure } from "../Figure.ts"
import { type Case, measure } from "../Measure.ts"
import { planOf } from "../Plan.ts"
import { shop } from "../Shop.ts"

const indexOnly = (plan: ReadonlyArray<string>): Figure => {
  const scans = plan.filter((line) => / Scan /.test(line)).map((line) => line.replace(/^[\s>-]*/, ""))
  return {
    kind: "figure",
    name: "analytics: plan of the summary",
    value: scans.join("; "),
    goal: "an index-only scan",
    reached: scans.length > 0 && scans.every((scan) => scan.includes("Index Only Scan"))
  }
}

/** The summary of a million orders. */
export const analytics: Group = Effect.gen(function* () {
  const { millionOrders, pace } = yield* Bench
  const measured = Effect.gen(function* () {
    const { summary } = yield* Analytics
    const sql = yield* SqlClient.SqlClient
    const one: Case<unknown> = {
      name: "analytics: summary of 1,000,000 orders, p50",
      callers: 1,
      ratio: "latency",
      goal: 1.1,
      baseline: sql`
        SELECT status, currency, count(*), sum(total) FROM commerce.orders GROUP BY status, currency`,
      ours: summary()
    }
    yield* progress(one.name)
    return [
      yield* measure(one, pace),
      indexOnly(yield* planOf(Effect.flatMap(Analytics, (it) => it.summary())))
    ]
  })
  return yield* Effect.provide(measured, shop(yield* millionOrders))
})
