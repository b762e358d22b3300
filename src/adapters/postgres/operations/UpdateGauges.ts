import { Effect, Metric, Option } from "effect"
import { SqlClient } from "effect/sql"
import { paymentsPending } from "../../../telemetry/Metrics.ts"
import { Limits } from "../execution/Limits.ts"
import { read } from "../execution/Transaction.ts"

/** As many as are counted: beyond, something is wrong anyway. */
const countedAtMost = 10_000

/** Measures what only the database knows: pending payments. If it does not answer soon, nothing is said of them. */
export const updateGauges = (schema = "commerce"): Effect.Effect<void, never, SqlClient.SqlClient> =>
  Effect.gen(function* () {
    const sql = (yield* SqlClient.SqlClient).withoutTransforms()
    const [row] = yield* read(sql<{ pending: number }>`
      SELECT count(*)::int AS pending
      FROM (SELECT FROM ${sql(`${schema}.payments`)} WHERE status = 'PENDING' LIMIT ${countedAtMost}) counted`)
    return row?.pending
  }).pipe(
    (work) => Effect.flatMap(Limits, ({ gaugeTimeout }) => Effect.timeoutOption(work, gaugeTimeout)),
    Effect.catchCause(() => Effect.succeedNone),
    Effect.flatMap((pending) =>
      Option.isSome(pending) && pending.value !== undefined
        ? Metric.update(paymentsPending, pending.value)
        : Metric.remove(paymentsPending)
    ),
    Effect.withTracerEnabled(false)
  )
