import { Effect } from "effect"
import type { SqlClient, SqlError } from "effect/sql"
import { LogPosition } from "../../../domain/shared/LogPosition.ts"

/** What distinguishes one database from another, in a form that copies share. */
interface Identity {
  /** Made by `initdb`, and kept by physical copies. */
  readonly system: string
  readonly database: string
  /** Each promotion begins a new timeline. */
  readonly timeline: number
}

/** What a primary says about itself. */
export interface PrimaryFacts extends Identity {
  /** The end of what is on its disk: a replica can have no more. */
  readonly position: LogPosition
}

/** What a replica says about itself. */
export interface ReplicaFacts extends Identity {
  /** When its process was started. */
  readonly started: string
  readonly isStandby: boolean
  readonly replayed: LogPosition
  /** The newest migration of its schema. */
  readonly migration: number
}

const identity = `(SELECT system_identifier::text FROM pg_control_system()) AS system,
  (SELECT oid::int8::text FROM pg_database WHERE datname = current_database()) AS database`

/** Reads the facts of a primary. Another server refuses it. */
export const readPrimary = (sql: SqlClient.SqlClient): Effect.Effect<PrimaryFacts, SqlError.SqlError> =>
  Effect.flatMap(
    sql<{ system: string; database: string; position: string; file: string }>`
      SELECT ${sql.literal(identity)}, position::text, pg_walfile_name(position) AS file
      FROM (SELECT pg_current_wal_flush_lsn() AS position) log`,
    ([row]) =>
      row === undefined
        ? Effect.die(new Error("The query for the primary returned no row"))
        : Effect.succeed({
            system: row.system,
            database: row.database,
            position: LogPosition.make(row.position),
            timeline: Number.parseInt(row.file.slice(0, 8), 16)
          })
  )

/**
 * Reads the facts of a replica. Its timeline is the newest that it has begun to follow. Only users who may see it learn it from the
 * receiver at once; others learn it at the next restart point.
 */
export const readReplica = (
  sql: SqlClient.SqlClient,
  schema: string
): Effect.Effect<ReplicaFacts, SqlError.SqlError> =>
  Effect.flatMap(
    sql<Omit<ReplicaFacts, "replayed"> & { replayed: string }>`
      SELECT ${sql.literal(identity)},
        extract(epoch FROM pg_postmaster_start_time())::text AS started,
        pg_is_in_recovery() AS "isStandby",
        coalesce(pg_last_wal_replay_lsn(), '0/0')::text AS replayed,
        greatest(
          (SELECT timeline_id FROM pg_control_checkpoint()),
          (SELECT min_recovery_end_timeline FROM pg_control_recovery()),
          (SELECT received_tli FROM pg_stat_wal_receiver)
        ) AS timeline,
        (SELECT max(migration_id)::int FROM ${sql.literal(`"${schema}".migrations`)}) AS migration`,
    ([row]) =>
      row === undefined
        ? Effect.die(new Error("The query for the replica returned no row"))
        : Effect.succeed({ ...row, replayed: LogPosition.make(row.replayed) })
  )

/** Returns why a server must not be read as a replica of a primary, whatever its lag, or `undefined`. */
export const unfitness = (
  primary: PrimaryFacts,
  replica: ReplicaFacts,
  migration: number
): string | undefined => {
  if (primary.system !== replica.system) return "it is a server with other data"
  if (primary.database !== replica.database) return "it is another database of the server"
  if (!replica.isStandby) return "it is not a standby: it was promoted, or it is the primary"
  if (primary.timeline !== replica.timeline) {
    return `it follows timeline ${replica.timeline}, and the primary is on timeline ${primary.timeline}`
  }
  return replica.migration === migration
    ? undefined
    : `its schema is at migration ${replica.migration} instead of ${migration}`
}
