import { PgClient } from "@effect/sql-pg"
import { Context, type Duration, Effect, Layer, type Redacted } from "effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import { SqlClient } from "effect/sql"
import { databaseSettings, type ServerDatabaseSettings } from "../../../settings/DatabaseSettings.ts"
import { type ExecutionLimits, Limits } from "../execution/Limits.ts"
import { PlatformScheduler } from "../execution/PlatformScheduler.ts"
import { withBoundedTransactions } from "./BoundedTransactions.ts"
import { connectionPool } from "./ConnectionPool.ts"
import { ControlClient } from "./ControlClient.ts"
import { connectionOpener, type ServerState, urlOf } from "./OpenConnection.ts"
import { sessionSettings } from "./SessionLimits.ts"

/** Settings of `layerClient`. */
export interface ClientSettings extends Pick<ServerDatabaseSettings, "pool" | "pooler"> {
  /** URL of the server, or of several. */
  readonly url: Redacted.Redacted
  /** How long connecting may take. Defaults to 5 seconds, and to 2 for each of several servers. */
  readonly connectTimeout?: Duration.Input | undefined
  /** Whether the server refuses every change on these connections. Defaults to false. Not possible behind a pooler. */
  readonly readOnly?: boolean | undefined
}

/** Settings of every session of this client. */
const startupParameters = (limits: ExecutionLimits) => ({
  ...sessionSettings(limits),
  default_transaction_isolation: "read committed",
  // The default of 4 is the cost of a random page on a disk. It keeps the planner from index-only scans for sums.
  random_page_cost: "1.1"
})

interface RestrictedClient extends ClientSettings {
  /** Whether the pool may read at a server. Defaults to any. */
  readonly accepts?: ((server: ServerState) => boolean) | undefined
}

/** Makes a client and its control connection. The control connection may lead to any server. */
export const makeClient = Effect.fnUntraced(function* ({
  accepts,
  connectTimeout = "5 seconds",
  pool = databaseSettings.pool.default,
  pooler,
  readOnly = false,
  url
}: RestrictedClient) {
  const limits = yield* Limits
  const open = connectionOpener(yield* urlOf(url), {
    url,
    connectTimeout,
    ...(pooler === "transaction"
      ? { prepare: false }
      : {
          prepare: true,
          startupParameters: {
            ...startupParameters(limits),
            ...(readOnly ? { default_transaction_read_only: "on" } : {})
          }
        })
  })
  const client = Effect.fnUntraced(function* (size: number, accepts?: (server: ServerState) => boolean) {
    const { retireAll, ...acquirers } = yield* connectionPool(open, limits, {
      size,
      accepts,
      isPooled: pooler === "transaction",
      readOnly
    })
    const sql = yield* SqlClient.make({
      ...acquirers,
      driver: "effect-commerce",
      compiler: PgClient.makeCompiler(),
      spanAttributes: [["db.system.name", "postgresql"]]
    })
    return { sql: Object.assign(withBoundedTransactions(sql, limits), { poolSize: size }), retireAll }
  })
  const [main, control] = [yield* client(pool, accepts), yield* client(1)]
  return Context.make(SqlClient.SqlClient, main.sql).pipe(
    Context.add(ControlClient, {
      sql: control.sql,
      retireAll: Effect.andThen(main.retireAll, control.retireAll)
    })
  )
})

/**
 * A client with a pool of its own. Its statements and lock waits are bounded. It replaces connections whose server falls
 * silent, becomes read-only or is stopped, and opens new ones by the rules of libpq.
 *
 * Connects when the first statement is sent. Dies if the URL is not valid.
 */
export const layerClient = (settings: ClientSettings): Layer.Layer<SqlClient.SqlClient> =>
  Layer.effectContext(makeClient(settings)).pipe(
    Layer.provide(Reactivity.layer),
    Layer.provide(PlatformScheduler)
  )
