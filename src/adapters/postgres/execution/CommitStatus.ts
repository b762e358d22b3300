import { Effect, Schedule } from "effect"
import type { SqlClient, SqlError } from "effect/sql"
import type { StoreUnavailable } from "../../../ports/errors.ts"
import type { ExecutionLimits } from "./Limits.ts"
import { classify, isTransient, timedOut } from "./SqlErrors.ts"

/** Identifies a transaction: its full id, the process id of its backend, and when its server was started. */
export interface TransactionId {
  readonly xid: string
  readonly backendPid: number
  readonly serverStart: string | null
}

/** Another server, promoted in the meantime, gives the same ids to other transactions: it has another start time. */
const serverStart = "extract(epoch FROM pg_postmaster_start_time())::text"

/** Columns that read the id of the current transaction. They assign one if the transaction has none. */
export const transactionIdColumns = (sql: SqlClient.SqlClient) =>
  sql.literal(
    `pg_current_xact_id()::text AS xid, pg_backend_pid() AS "backendPid", ${serverStart} AS "serverStart"`
  )

type Status = "committed" | "aborted" | "in progress" | null

/** How long to wait before the status is read again, in milliseconds. */
const pollDelay = "20 millis"

/**
 * Settles transactions whose COMMIT was not answered. PostgreSQL knows what became of each: `pg_xact_status`
 * (PostgreSQL documentation, chapter 9.27.9).
 */
export const commitStatus = (sql: SqlClient.SqlClient, limits: ExecutionLimits) => {
  const bounded = <A, E, R>(work: Effect.Effect<A, E | SqlError.SqlError, R>) =>
    classify(
      Effect.timeoutOrElse(work, {
        duration: limits.settleTimeout,
        orElse: () => timedOut("Reading the status of a commit", "unknown")
      }),
      () => "unknown"
    )

  /** Returns null if this server does not know the transaction. */
  const statusOf = ({ xid, serverStart: start }: TransactionId) =>
    Effect.map(
      sql<{ status: Status }>`
        SELECT CASE WHEN ${sql.literal(serverStart)} IS NOT DISTINCT FROM ${start}::text AND NOT pg_is_in_recovery()
          THEN pg_xact_status(${xid}::text::xid8) END AS status`,
      ([row]) => row?.status ?? null
    )

  /**
   * Ends a backend that still waits for its COMMIT, so that a COMMIT on its way cannot take effect later. A backend that
   * is committing is left alone: ended while it waits for a standby it would commit on this server only.
   */
  const terminate = ({ xid, backendPid }: TransactionId) => sql`
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE pid = ${backendPid}::int4 AND backend_xid = ${xid}::text::xid8::xid AND state LIKE 'idle in transaction%'`

  /** Writes to the log of the server and waits until that is durable, so that all commits before it are durable too. */
  const awaitDurability = bounded(sql`SELECT pg_logical_emit_message(true, 'effect-commerce', '')::text`)

  const unresolved = Effect.suspend(() =>
    timedOut("A transaction without an answer to its COMMIT", "unknown")
  )

  /**
   * Returns what became of a transaction: `committed`, and durably so, or `aborted`, and nothing of it will happen. Fails
   * with the outcome `unknown` if the server cannot say so in time.
   */
  const settle = (id: TransactionId): Effect.Effect<"committed" | "aborted", StoreUnavailable> => {
    const poll = Effect.gen(function* () {
      const status = yield* statusOf(id)
      if (status === null) return yield* unresolved
      // Without the right to end it, the server's own timeout has to.
      if (status === "in progress") yield* Effect.ignore(terminate(id))
      return status
    }).pipe(Effect.catchIf(isTransient, () => Effect.succeed("in progress" as const)))
    const decided = Effect.repeat(poll, {
      until: (status) => status !== "in progress",
      schedule: Schedule.spaced(pollDelay)
    })
    return Effect.flatMap(bounded(decided), (status) =>
      status === "committed"
        ? Effect.as(awaitDurability, "committed" as const)
        : Effect.succeed("aborted" as const)
    )
  }

  return { settle, awaitDurability }
}
