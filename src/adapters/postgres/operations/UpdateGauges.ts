import { Effect, Metric, Option } from "effect"
import { SqlClient } from "effect/sql"
import { databaseSettings } from "../../../settings/DatabaseSettings.ts"
import { paymentsPending } from "../../../telemetry/Metrics.ts"
import { Limits } from "../execution/Limits.ts"
import { read } from "../execution/Transaction.ts"

/** Bounds the cost of the count. More pending payments mean an incident in any case. */
const countLimit = 10_000

/**
 * Updates the gauge of pending payments from the database. Removes the gauge if the query fails or takes longer
 * than 2 seconds.
 */
export const updateGauges = (
  schema: string = databaseSettings.schema.default
): Effect.Effect<void, never, SqlClient.SqlClient> =>
  Effect.gen(function* () {
    const sql = (yield* SqlClient.SqlClient).withoutTransforms()
    const [row] = yield* read(sql<{ pending: number }>`
      SELECT count(*)::int AS pending
      FROM (SELECT FROM ${sql(`${schema}.payments`)} WHERE status = 'PENDING' LIMIT ${countLimit}) counted`)
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
