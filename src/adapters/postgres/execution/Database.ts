import { Context, Effect, Layer, Option } from "effect"
import { SqlClient, type SqlError, type Statement } from "effect/sql"
import type { StoreUnavailable } from "../../../ports/errors.ts"
import { schemaName } from "../../../settings/DatabaseSettings.ts"
import { hostDriver } from "../host-transaction/HostConnection.ts"
import { classify } from "./SqlErrors.ts"
import { read, readAndWrite, transact } from "./Transaction.ts"

const names = [
  "accounts",
  "sessions",
  "refresh_tokens",
  "categories",
  "products",
  "stock_adjustments",
  "orders",
  "order_items",
  "order_events",
  "payments",
  "idempotency_keys"
] as const
type TableName = (typeof names)[number]

/** The client that all stores share, with the qualified names of its tables. `search_path` is never relied on. */
export class Database extends Context.Service<
  Database,
  {
    readonly sql: SqlClient.SqlClient
    readonly table: { readonly [Name in TableName]: Statement.Fragment }
    /** Reads, with a statement that needs no transaction of its own. */
    readonly query: <A, E, R>(
      work: Effect.Effect<A, E | SqlError.SqlError, R>
    ) => Effect.Effect<A, Exclude<E, SqlError.SqlError> | StoreUnavailable, R>
    /**
     * Runs work in a transaction; `repeatable`: also again after a COMMIT of which the answer was lost. If the caller
     * holds a transaction open, runs it once, in a savepoint of that.
     */
    readonly transaction: <A, E, R>(
      work: Effect.Effect<A, E | SqlError.SqlError, R>,
      repeatable?: boolean
    ) => Effect.Effect<A, Exclude<E, SqlError.SqlError> | StoreUnavailable, R>
    /** Reads, and writes what comes of it with one statement, once; not inside a transaction that the caller holds. */
    readonly readAndWrite: typeof readAndWrite
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
        const table = Object.fromEntries(
          names.map((name) => [name, sql.literal(`"${schema}".${name}`)])
        ) as Record<TableName, Statement.Fragment>
        const inTransaction =
          sql.driver === hostDriver
            ? Effect.succeed(true)
            : Effect.map(Effect.serviceOption(sql.transactionService), Option.isSome)
        const nothingCommitted = () => "notApplied" as const
        return Database.of({
          sql,
          table,
          query: (work) =>
            Effect.flatMap(inTransaction, (joined) =>
              joined ? classify(work, nothingCommitted) : read(work)
            ),
          transaction: (work, repeatable) =>
            Effect.flatMap(inTransaction, (joined) =>
              joined ? classify(sql.withTransaction(work), nothingCommitted) : transact(sql, work, repeatable)
            ),
          readAndWrite,
          inTransaction
        })
      })
    )
}
