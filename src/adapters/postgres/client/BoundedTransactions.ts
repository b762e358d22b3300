import type { PgClient } from "@effect/sql-pg"
import { Effect } from "effect"
import { SqlClient, type SqlConnection, SqlError } from "effect/sql"
import { longestCommit, longestWait, TookTooLong } from "../execution/Transaction.ts"

type Connection = SqlConnection.Connection
type Done = Effect.Effect<void, SqlError.SqlError>

const silent = (command: string) =>
  new SqlError.SqlError({
    reason: new SqlError.ConnectionError({
      message: `${command} is not answered`,
      cause: new TookTooLong(command)
    })
  })

const failedBefore = () =>
  new SqlError.SqlError({
    reason: new SqlError.UnknownError({
      message: "COMMIT has rolled back a transaction that had failed",
      cause: undefined
    })
  })

/** What is not answered in time is cancelled; a connection that stays silent is closed then, and replaced. */
const bounded = <A>(
  command: string,
  answer: Effect.Effect<A, SqlError.SqlError>,
  longest = longestWait
): Effect.Effect<A, SqlError.SqlError> =>
  Effect.timeoutOrElse(answer, {
    duration: longest,
    orElse: () => Effect.fail(silent(command))
  })

const prepared = (connection: Connection, command: string): Done =>
  Effect.asVoid(bounded(command, connection.execute(command, [], undefined)))

const unprepared = (connection: Connection, command: string): Done =>
  Effect.asVoid(bounded(command, connection.executeUnprepared(command, [], undefined)))

/** Once more if it was cancelled, so that nobody gets a connection on which a transaction is open. */
const rollback = (connection: Connection): Done =>
  Effect.retry(prepared(connection, "ROLLBACK"), { times: 1 })

/** If BEGIN was late, it may have begun. */
const begin = (connection: Connection, statement = "BEGIN"): Done =>
  Effect.onError(unprepared(connection, statement), () => Effect.ignore(rollback(connection)))

/** PostgreSQL answers COMMIT with ROLLBACK if the transaction has failed. */
const commit = (connection: Connection): Done =>
  Effect.flatMap(bounded("COMMIT", connection.executeRaw("COMMIT", []), longestCommit), (answer) =>
    typeof answer === "object" && answer !== null && "command" in answer && answer.command === "ROLLBACK"
      ? Effect.fail(failedBefore())
      : Effect.void
  )

/**
 * A client whose transactions begin and end within a bounded time, even if the network has fallen silent: that of
 * PgClient waits for these answers without end, uninterruptibly, and keeps the connection for as long.
 */
export const withBoundedTransactions = (client: PgClient.PgClient): PgClient.PgClient =>
  Object.assign(client, {
    withTransaction: SqlClient.makeWithTransaction({
      transactionService: client.transactionService,
      spanAttributes: [["db.system.name", "postgresql"]],
      acquireConnection: (restore) => restore(client.reserve),
      begin,
      commit,
      onCommitFailure: rollback,
      rollback,
      savepoint: (connection, id) => prepared(connection, `SAVEPOINT effect_sql_${id}`),
      releaseSavepoint: (connection, id) => prepared(connection, `RELEASE SAVEPOINT effect_sql_${id}`),
      rollbackSavepoint: (connection, id) => prepared(connection, `ROLLBACK TO SAVEPOINT effect_sql_${id}`)
    })
  })
