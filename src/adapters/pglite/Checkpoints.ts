import { Effect, Schedule } from "effect"
import type { SqlClient } from "effect/sql"

/** How much write-ahead log may gather: it is what has to be replayed after a crash, at about 150 MB a second. */
const maxLogBytes = 64 * 1024 * 1024

const checkpointIfDue = Effect.fnUntraced(function* (sql: SqlClient.SqlClient) {
  const [log] = yield* sql<{ readonly due: boolean }>`
    SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), redo_lsn) > ${maxLogBytes}::bigint AS due
    FROM pg_control_checkpoint()`
  if (log?.due) yield* sql`CHECKPOINT`
})

/**
 * Keeps the write-ahead log short. PGlite runs PostgreSQL without its background processes, and nobody else would
 * ever make a checkpoint before the database is closed.
 */
export const checkpoints = (sql: SqlClient.SqlClient): Effect.Effect<void> =>
  checkpointIfDue(sql).pipe(
    Effect.ignore({ log: "Warn", message: "No checkpoint of the embedded database" }),
    Effect.schedule(Schedule.spaced("10 seconds")),
    Effect.withTracerEnabled(false),
    Effect.asVoid
  )
