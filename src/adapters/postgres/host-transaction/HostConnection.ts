import { PgClient } from "@effect/sql-pg"
import { Context, Effect, Layer, Option, Semaphore, Stream } from "effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import { SqlClient, type SqlConnection, type SqlError } from "effect/sql"
import { hostFailure } from "./HostErrors.ts"
import { type HostParameter, toParameter } from "./HostValues.ts"

/**
 * Runs one statement on the connection on which the host holds its transaction open, and answers with its rows as the
 * host's driver reads them: objects by column, JSON parsed, a `timestamptz` as a `Date` or as text, a `bigint` as a
 * bigint or as text. It rejects with the driver's error, of which `code` is the SQLSTATE.
 */
export type Executor = (
  statement: string,
  parameters: ReadonlyArray<HostParameter>
) => PromiseLike<ReadonlyArray<object>>

/** The connection that a host has lent to the calls of a fiber, and the turns that they take on it. */
export class HostConnection extends Context.Service<
  HostConnection,
  { readonly connection: SqlConnection.Connection; readonly turns: Semaphore.Semaphore }
>()("effect-commerce/adapters/postgres/HostConnection") {}

/** Lends the connection behind an executor. */
export const lend = (executor: Executor): HostConnection["Service"] => {
  const oneAtATime = Semaphore.makeUnsafe(1)
  // What was sent is waited for: the next statement must not meet it on the connection.
  const run = (statement: string, parameters: ReadonlyArray<unknown>) =>
    Effect.tryPromise({
      try: async () => executor(statement, parameters.map(toParameter)),
      catch: hostFailure
    }).pipe(Effect.uninterruptible, oneAtATime.withPermit)
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

/** Runs work on the connection on which the host holds its transaction open, as part of that transaction. */
export const within =
  (executor: Executor) =>
  <A, E, R>(work: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.suspend(() => Effect.provideService(work, HostConnection, lend(executor)))

const lent = Effect.flatMap(Effect.serviceOption(HostConnection), (found) =>
  Option.isSome(found)
    ? Effect.succeed(found.value)
    : Effect.die(new Error("No host has lent its connection: this works inside `within` only"))
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
const undo = savepoint("ROLLBACK TO SAVEPOINT")

/** How a client says that its calls are always inside a transaction, the host's. */
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
        rollback: (connection) => Effect.andThen(undo(connection, 0), release(connection, 0)),
        savepoint: begin,
        releaseSavepoint: release,
        rollbackSavepoint: undo
      })
    })
)

/**
 * A client on whatever connection the host has lent with `within`, for hosts that hold a transaction with another
 * driver. A transaction of this client is a savepoint in that of the host, which alone commits; its calls take turns.
 * `afterCommit` runs when the savepoint is released, before the host commits.
 */
export const layerHost: Layer.Layer<SqlClient.SqlClient> = Layer.effect(SqlClient.SqlClient, make).pipe(
  Layer.provide(Reactivity.layer)
)
