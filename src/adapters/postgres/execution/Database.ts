import { Context, Effect, Layer, Option } from "effect"
import { SqlClient, type SqlError, type Statement } from "effect/sql"
import type { StoreUnavailable } from "../../../ports/errors.ts"
import { schemaName } from "../../../settings/DatabaseSettings.ts"
import { hostDriver } from "../host-transaction/HostConnection.ts"
import { type ExecutionLimits, Limits } from "./Limits.ts"
import { bySharing, CurrentPoolShare } from "./PoolShare.ts"
import { classify, isReadOnly } from "./SqlErrors.ts"
import { readWithin, type TransactionOptions, transact, transactSingleStatement } from "./Transaction.ts"

/** The names of all tables that the stores use. */
export const tableNames = [
  "accounts",
  "sessions",
  "refresh_tokens",
  "service_tokens",
  "categories",
  "products",
  "stock_adjustments",
  "orders",
  "order_items",
  "order_events",
  "order_adjustments",
  "vouchers",
  "redemptions",
  "feed_epochs",
  "payments",
  "payment_operations",
  "idempotency_keys"
] as const
type TableName = (typeof tableNames)[number]

/**
 * Whose clock decides whether a key is old, an order is due, or a lease has ended. `server`: processes with wrong clocks do no
 * harm. `process`: for tests that set the time, and for PostgreSQL inside the process. Defaults to `server`.
 */
export const TimeSource = Context.Reference<"server" | "process">(
  "effect-commerce/adapters/postgres/TimeSource",
  { defaultValue: () => "server" }
)

/** Begins a transaction in which all statements read one snapshot. */
export const oneSnapshot = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

type Classified<A, E, R> = Effect.Effect<A, Exclude<E, SqlError.SqlError> | StoreUnavailable, R>

/** The client that all stores share, with the qualified names of its tables. `search_path` is never relied on. */
export class Database extends Context.Service<
  Database,
  {
    readonly sql: SqlClient.SqlClient
    readonly limits: ExecutionLimits
    readonly table: { readonly [Name in TableName]: Statement.Fragment }
    readonly timeSource: "server" | "process"
    /** The present time: the server's, or `at` if the process's clock decides. */
    readonly now: (at: Date) => Statement.Fragment
    /** A time that is as far from the present as `time` is from `at`. */
    readonly relative: (time: Date, at: Date) => Statement.Fragment
    /** Runs a reading statement that needs no transaction of its own. */
    readonly query: <A, E, R>(work: Effect.Effect<A, E | SqlError.SqlError, R>) => Classified<A, E, R>
    /** Runs work in a transaction. Inside a transaction of the caller's it runs once, in a savepoint of that. */
    readonly transaction: <A, E, R>(
      work: Effect.Effect<A, E | SqlError.SqlError, R>,
      options?: TransactionOptions
    ) => Classified<A, E, R>
    /** Reads facts and writes what follows with one statement, once; not inside a transaction of the caller's. */
    readonly singleStatement: <Facts, A, E, R>(
      facts: Effect.Effect<Facts, E | SqlError.SqlError, R>,
      write: (facts: Facts) => Effect.Effect<A, E | SqlError.SqlError, R>
    ) => Classified<A, E, R>
    /** Whether the caller holds a transaction of this client open. */
    readonly inTransaction: Effect.Effect<boolean>
  }
>()("effect-commerce/adapters/postgres/Database") {
  static readonly layer = (schema: string): Layer.Layer<Database, never, SqlClient.SqlClient> =>
    Layer.effect(
      Database,
      Effect.gen(function* () {
        if (!schemaName.test(schema)) {
          return yield* Effect.die(new Error(`"${schema}" is not a name for a schema: ${schemaName}`))
        }
        const sql = (yield* SqlClient.SqlClient).withoutTransforms()
        const limits = yield* Limits
        const timeSource = yield* TimeSource
        const shared = bySharing(yield* CurrentPoolShare, limits)
        const table = Object.fromEntries(
          tableNames.map((name) => [name, sql.literal(`"${schema}".${name}`)])
        ) as Record<TableName, Statement.Fragment>
        const inTransaction =
          sql.driver === hostDriver
            ? Effect.succeed(true)
            : Effect.map(Effect.serviceOption(sql.transactionService), Option.isSome)
        // The caller's transaction is not committed yet.
        const notApplied = () => "notApplied" as const
        /** Dies on a primary, where the caller has begun a READ ONLY transaction: repeating it does not help. */
        const refuseReadOnly = <A, E, R>(work: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
          Effect.catchIf(work, isReadOnly, (error) =>
            Effect.flatMap(
              Effect.option(sql<{ standby: boolean }>`SELECT pg_is_in_recovery() AS standby`),
              (answer) =>
                Option.isSome(answer) && answer.value[0]?.standby === false
                  ? Effect.die(new Error("The transaction of the caller is READ ONLY", { cause: error }))
                  : Effect.fail(error)
            )
          )
        return Database.of({
          sql,
          limits,
          table,
          timeSource,
          // Stable within a statement, so that an index can be used.
          now: (at) => (timeSource === "server" ? sql`statement_timestamp()` : sql`${at}::timestamptz`),
          relative: (time, at) =>
            timeSource === "server"
              ? sql`statement_timestamp() + ${time.getTime() - at.getTime()}::float8 * interval '1 millisecond'`
              : sql`${time}::timestamptz`,
          query: (work) =>
            Effect.flatMap(inTransaction, (joined) =>
              joined ? classify(work, notApplied) : shared(readWithin(limits, work))
            ),
          transaction: (work, options) =>
            Effect.flatMap(inTransaction, (joined) =>
              joined
                ? classify(refuseReadOnly(sql.withTransaction(work)), notApplied)
                : shared(transact(sql, limits, work, options))
            ),
          singleStatement: (facts, write) => shared(transactSingleStatement(sql, limits, facts, write)),
          inTransaction
        })
      })
    )
}
