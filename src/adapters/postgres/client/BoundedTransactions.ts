import { Effect, Fiber } from "effect"
import { SqlClient, type SqlConnection, SqlError } from "effect/sql"
import type { ExecutionLimits } from "../execution/Limits.ts"
import { DeadlineExceeded } from "../execution/SqlErrors.ts"

type Connection = SqlConnection.Connection
type Done = Effect.Effect<void, SqlError.SqlError>

const notAnswered = (command: string) =>
  new SqlError.SqlError({
    reason: new SqlError.ConnectionError({
      message: `${command} is not answered`,
      cause: new DeadlineExceeded(command)
    })
  })

const rolledBackAtCommit = () =>
  new SqlError.SqlError({
    reason: new SqlError.UnknownError({
      message: "COMMIT has rolled back a transaction that had failed",
      cause: undefined
    })
  })

/** How a client ends and begins transactions. The effects wait for the answer of the server. */
export interface TransactionControls {
  readonly begin: (connection: Connection, statement: string) => Effect.Effect<unknown, SqlError.SqlError>
  /** Returns the result of the statement, with the `command` that PostgreSQL has answered. */
  readonly commit: (connection: Connection) => Effect.Effect<unknown, SqlError.SqlError>
  readonly rollback: (connection: Connection) => Effect.Effect<unknown, SqlError.SqlError>
  readonly savepoint: (connection: Connection, id: number) => Effect.Effect<unknown, SqlError.SqlError>
  readonly releaseSavepoint: (connection: Connection, id: number) => Effect.Effect<unknown, SqlError.SqlError>
  readonly rollbackSavepoint: (
    connection: Connection,
    id: number
  ) => Effect.Effect<unknown, SqlError.SqlError>
}

/** Controls by statements on the connection. */
export const statementControls: TransactionControls = {
  begin: (connection, statement) => connection.executeUnprepared(statement, [], undefined),
  commit: (connection) => connection.executeRaw("COMMIT", []),
  rollback: (connection) => connection.execute("ROLLBACK", [], undefined),
  savepoint: (connection, id) => connection.execute(`SAVEPOINT effect_sql_${id}`, [], undefined),
  releaseSavepoint: (connection, id) =>
    connection.execute(`RELEASE SAVEPOINT effect_sql_${id}`, [], undefined),
  rollbackSavepoint: (connection, id) =>
    connection.execute(`ROLLBACK TO SAVEPOINT effect_sql_${id}`, [], undefined)
}

/**
 * Bounds how long a client waits for BEGIN, COMMIT and ROLLBACK, also if the network has fallen silent. `SqlClient` itself
 * waits for these without end, uninterruptibly, and keeps the connection for as long.
 */
export const withBoundedTransactions = (
  client: SqlClient.SqlClient,
  { acquireTimeout, commitTimeout }: ExecutionLimits,
  controls: TransactionControls = statementControls
): SqlClient.SqlClient => {
  /** Connections whose COMMIT has no answer yet. Nothing more is sent on them. */
  const silent = new WeakSet<Connection>()

  /** A command that is not answered in time is cancelled. A connection that stays silent is closed then, and replaced. */
  const bounded = <A>(
    command: string,
    answer: Effect.Effect<A, SqlError.SqlError>,
    duration = acquireTimeout
  ): Effect.Effect<A, SqlError.SqlError> =>
    Effect.timeoutOrElse(answer, { duration, orElse: () => Effect.fail(notAnswered(command)) })

  const done = (command: string, answer: Effect.Effect<unknown, SqlError.SqlError>): Done =>
    Effect.asVoid(bounded(command, answer))

  /** Repeated once if it was cancelled, so that no later transaction gets a connection with one still open. */
  const rollback = (connection: Connection): Done =>
    silent.has(connection)
      ? Effect.void
      : Effect.retry(done("ROLLBACK", controls.rollback(connection)), { times: 1 })

  /** A BEGIN that was not answered in time may have begun. */
  const begin = (connection: Connection, statement = "BEGIN"): Done =>
    Effect.onError(done(statement, controls.begin(connection, statement)), () =>
      Effect.ignore(rollback(connection))
    )

  /**
   * A COMMIT is never cancelled: PostgreSQL answers a cancelled COMMIT without its standby. It goes on in a fiber of its own,
   * and its connection keeps its place in the pool until it is answered or closed. PostgreSQL answers with ROLLBACK if the
   * transaction had failed.
   */
  const commit = (connection: Connection): Done =>
    Effect.gen(function* () {
      const committing = yield* Effect.forkDetach(controls.commit(connection), { startImmediately: true })
      const answer = yield* bounded("COMMIT", Fiber.join(committing), commitTimeout).pipe(
        Effect.onError(() =>
          Effect.sync(() => {
            if (committing.pollUnsafe() === undefined) silent.add(connection)
          })
        )
      )
      const isRollback =
        typeof answer === "object" && answer !== null && "command" in answer && answer.command === "ROLLBACK"
      if (isRollback) yield* Effect.fail(rolledBackAtCommit())
    })

  return Object.assign(client, {
    withTransaction: SqlClient.makeWithTransaction({
      transactionService: client.transactionService,
      spanAttributes: [["db.system.name", "postgresql"]],
      acquireConnection: (restore) => restore(client.reserve),
      begin,
      commit,
      onCommitFailure: rollback,
      rollback,
      savepoint: (connection, id) => done("SAVEPOINT", controls.savepoint(connection, id)),
      releaseSavepoint: (connection, id) =>
        done("RELEASE SAVEPOINT", controls.releaseSavepoint(connection, id)),
      rollbackSavepoint: (connection, id) =>
        done("ROLLBACK TO SAVEPOINT", controls.rollbackSavepoint(connection, id))
    })
  })
}
