import { Effect, Schedule } from "effect"
import type { SqlClient } from "effect/sql"

/**
 * Size of the write-ahead log, in bytes, at which a checkpoint is due. Recovery after a crash replays about 150 MB
 * per second.
 */
const maxLogBytes = 64 * 1024 * 1024

const checkpointIfDue = Effect.fnUntraced(function* (sql: SqlClient.SqlClient) {
  const [log] = yield* sql<{ readonly due: boolean }>`
    SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), redo_lsn) > ${maxLogBytes}::bigint AS due
    FROM pg_control_checkpoint()`
  if (log?.due) yield* sql`CHECKPOINT`
})

/**
 * Makes checkpoints to bound the write-ahead log. PGlite runs no background processes, so otherwise only closing
 * the database makes one.
 */
export const checkpoints = (sql: SqlClient.SqlClient): Effect.Effect<void> =>
  checkpointIfDue(sql).pipe(
    Effect.ignore({ log: "Warn", message: "The checkpoint of the embedded database failed" }),
    Effect.schedule(Schedule.spaced("10 seconds")),
    Effect.withTracerEnabled(false),
    Effect.asVoid
  )
