import { PgClient } from "@effect/sql-pg"
import { Effect, Layer } from "effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import { SqlClient } from "effect/sql"
import { isPgPool, type SharedPool } from "../../../settings/SharedPool.ts"
import { Limits } from "../execution/Limits.ts"
import { PlatformScheduler } from "../execution/PlatformScheduler.ts"
import { withBoundedTransactions } from "./BoundedTransactions.ts"
import { sessionSettings } from "./SessionLimits.ts"
import { leaseControls, leaseFrom } from "./shared/NodePostgres.ts"
import { anyConnection, scopeControls, transactionOf } from "./shared/PostgresJs.ts"

/** The size of a pool of node-postgres that does not tell it. */
const defaultSize = 10

const make = Effect.fnUntraced(function* (pool: SharedPool) {
  const limits = yield* Limits
  // The sessions belong to the host, so its transactions keep the limits that they have.
  const settings = Object.entries(sessionSettings(limits))
    .map(([name, value]) => `SET LOCAL ${name} = '${value}'`)
    .join("; ")
  const { controls, ...acquirers } = isPgPool(pool)
    ? { acquirer: leaseFrom(pool), controls: leaseControls(settings) }
    : {
        acquirer: Effect.succeed(anyConnection(pool)),
        transactionAcquirer: transactionOf(pool),
        controls: scopeControls(settings)
      }
  const sql = yield* SqlClient.make({
    ...acquirers,
    driver: "effect-commerce/pool",
    compiler: PgClient.makeCompiler(),
    spanAttributes: [["db.system.name", "postgresql"]]
  })
  return Object.assign(withBoundedTransactions(sql, limits, controls), {
    poolSize: pool.options.max ?? defaultSize
  })
})

/**
 * A client on a pool of the host: a `Pool` of node-postgres, or a client of postgres.js. It is never closed here, and its parsers and
 * transforms are neither used nor changed. Limits of time are set for each transaction, and no setting of a session is changed.
 *
 * The watch of silent servers and the change to another server are what the host's library has.
 */
export const layerPool = (pool: SharedPool): Layer.Layer<SqlClient.SqlClient> =>
  Layer.effect(SqlClient.SqlClient, make(pool)).pipe(
    Layer.provide(Reactivity.layer),
    Layer.provide(PlatformScheduler)
  )
