import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { type Executor, layer, layerHost, within } from "../src/adapters/postgres/index.ts"
import { Analytics } from "../src/services/Analytics.ts"

/** Apart from the services of the same name that are measured. */
const onHost = Layer.fresh(Analytics.layer.pipe(Layer.provide(layer()), Layer.provide(layerHost)))

/** How PostgreSQL would run what a service sends: the service talks to a host that explains, and answers no rows. */
export const planOf = Effect.fnUntraced(function* <A, E>(work: Effect.Effect<A, E, Analytics>) {
  const sql = yield* SqlClient.SqlClient
  const context = yield* Effect.context()
  const plan: Array<string> = []
  const explain: Executor = async (statement, parameters) => {
    const explained = sql.unsafe<{ "QUERY PLAN": string }>(`EXPLAIN (COSTS OFF) ${statement}`, parameters)
    const rows = await Effect.runPromiseWith(context)(explained)
    plan.push(...rows.map((row) => row["QUERY PLAN"]))
    return []
  }
  yield* work.pipe(within(explain), Effect.provide(onHost))
  return plan
})
