import { PgClient } from "@effect/sql-pg"
import { Context, Effect, Layer, Option, Semaphore, Stream } from "effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import { SqlClient, type SqlConnection, type SqlError } from "effect/sql"
import { hostFailure, isHostFault } from "./HostErrors.ts"
import { type HostParameter, toParameter } from "./HostValues.ts"

/**
 * Runs one statement on the connection of the host's open transaction, and returns the rows of the host's driver.
 *
 * Rows are objects by column name with parsed JSON. A `bigint` is a bigint, a number or text. No statement depends on a
 * setting of the session such as `DateStyle`. Rejects with the error of the driver, whose `code` is the SQLSTATE.
 */
export type Executor = (
  statement: string,
  parameters: ReadonlyArray<HostParameter>
) => PromiseLike<ReadonlyArray<object>>

/** Connection that the host has lent to a fiber. `turns` serializes the calls on it. */
export class HostConnection extends Context.Service<
  HostConnection,
  { readonly connection: SqlConnection.Connection; readonly turns: Semaphore.Semaphore }
>()("effect-commerce/adapters/postgres/HostConnection") {}

const isRow = (row: unknown) => typeof row === "object" && row !== null && !Array.isArray(row)

/** An executor that forgets `.rows` would look like a statement that has found nothing. */
const rowsOf = (rows: unknown): Effect.Effect<ReadonlyArray<object>> =>
  Array.isArray(rows) && rows.every(isRow)
    ? Effect.succeed(rows)
    : Effect.die(new TypeError("An executor must return the rows of the statement: an array of objects"))

/** Makes a lendable connection from an executor. */
export const lend = (executor: Executor): HostConnection["Service"] => {
  const statementLock = Semaphore.makeUnsafe(1)
  // Interruption waits for the running statement, since the next statement must not share the connection with it.
  const run = (statement: string, parameters: ReadonlyArray<unknown>) =>
    Effect.tryPromise({
      try: async () => executor(statement, parameters.map(toParameter)),
      catch: (error) => error
    }).pipe(
      // An outage says that the call may be repeated, which does not help against a bug of the host.
      Effect.catch((error) => (isHostFault(error) ? Effect.die(error) : Effect.fail(hostFailure(error)))),
      Effect.flatMap(rowsOf),
      Effect.uninterruptible,
      statementLock.withPermit
    )
  const values = (statement: string, parameters: ReadonlyArray<unknown>) =>
    Effect.map(run(statement, parameters), (rows) => rows.map((row): Array<unknown> => Object.values(row)))
  return {
    turns: Semaphore.makeUnsafe(1),
    connection: {
      execute: run,
      executeUnprepared: run,
      executeRaw: run,
      executeValues: values,
      executeValuesUnprepared: values,
      executeStream: (statement, parameters) => Stream.fromIterableEffect(run(statement, parameters))
    }
  }
}

/** Runs an effect inside the host's open transaction, on its connection. */
export const within =
  (executor: Executor) =>
  <A, E, R>(work: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.suspend(() => Effect.provideService(work, HostConnection, lend(executor)))

const lent = Effect.flatMap(Effect.serviceOption(HostConnection), (found) =>
  Option.isSome(found)
    ? Effect.succeed(found.value)
    : Effect.die(new Error("No host connection is available. Call this inside `within`."))
)

const turn = Effect.flatMap(lent, ({ connection, turns }) =>
  Effect.as(
    Effect.acquireRelease(turns.take(1), () => turns.release(1), { interruptible: true }),
    connection
  )
)

const savepoint =
  (command: string) =>
  (connection: SqlConnection.Connection, depth: number): Effect.Effect<void, SqlError.SqlError> =>
    Effect.asVoid(connection.executeUnprepared(`${command} effect_commerce_${depth}`, [], undefined))
const begin = savepoint("SAVEPOINT")
const release = savepoint("RELEASE SAVEPOINT")
const rollBack = savepoint("ROLLBACK TO SAVEPOINT")

/** Driver name of the client. It marks clients that always run inside a transaction of the host. */
export const hostDriver = "effect-commerce/host-connection"

const make = Effect.map(
  SqlClient.make({
    acquirer: turn,
    borrower: (use) => Effect.flatMap(lent, ({ connection, turns }) => turns.withPermit(use(connection))),
    compiler: PgClient.makeCompiler(),
    driver: hostDriver,
    spanAttributes: []
  }),
  (client) =>
    Object.assign(client, {
      withTransaction: SqlClient.makeWithTransaction({
        transactionService: client.transactionService,
        spanAttributes: [],
        acquireConnection: (restore) => restore(turn),
        begin: (connection) => begin(connection, 0),
        commit: (connection) => release(connection, 0),
        rollback: (connection) => Effect.andThen(rollBack(connection, 0), release(connection, 0)),
        savepoint: begin,
        releaseSavepoint: release,
        rollbackSavepoint: rollBack
      })
    })
)

/**
 * Provides a `SqlClient` on the connection that `within` lends, for hosts whose transactions belong to another
 * driver.
 *
 * A transaction of this client is a savepoint in the host's transaction. Only the host commits. Concurrent calls
 * run one after the other. `afterCommit` runs when the savepoint is released, before the host commits.
 */
export const layerHost: Layer.Layer<SqlClient.SqlClient> = Layer.effect(SqlClient.SqlClient, make).pipe(
  Layer.provide(Reactivity.layer)
)
