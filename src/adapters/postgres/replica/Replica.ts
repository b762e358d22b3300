import { Context, Effect, Layer } from "effect"
import { SqlClient, SqlError } from "effect/sql"
import { hasReached, LogPosition } from "../../../domain/shared/LogPosition.ts"
import { StoreUnavailable } from "../../../ports/errors.ts"
import { ControlClient } from "../client/ControlClient.ts"
import { Database } from "../execution/Database.ts"
import { Limits } from "../execution/Limits.ts"
import { sharedReads } from "../execution/SharedReads.ts"
import { isConnecting } from "../execution/SqlErrors.ts"
import { ReplicaClient } from "./ReplicaClient.ts"
import { type ReplicaGone, watchReplica } from "./ReplicaWatch.ts"

/** A replica that the stores may read at. */
export interface ReadableReplica {
  /** The same tables on the replica. A statement that fails there is not repeated there. */
  readonly database: Database["Service"]
  /** Whether the replica can be read, and has all changes before a position. */
  readonly mayAnswer: (after: LogPosition | undefined) => Effect.Effect<boolean>
  /** Runs a read of the replica. Fails with `ReplicaGone` if the replica is left out in the meantime. */
  readonly read: <A, E>(work: Effect.Effect<A, E>) => Effect.Effect<A, E | ReplicaGone>
}

/** The replica of the stores. Defaults to none. */
export const Replica = Context.Reference<ReadableReplica | undefined>(
  "effect-commerce/adapters/postgres/Replica",
  { defaultValue: () => undefined }
)

/** Whether a replica could not be reached, or has closed the connection. A conflict with its recovery is no such failure. */
const isConnectionLost = (error: unknown): boolean =>
  error instanceof StoreUnavailable &&
  SqlError.isSqlError(error.cause) &&
  (isConnecting(error.cause) || error.cause.reason._tag === "ConnectionError")

interface Replayed {
  readonly standby: boolean
  readonly position: string
}

const make = Effect.fnUntraced(function* (schema: string) {
  const client = yield* ReplicaClient
  if (client === undefined) return undefined
  const primary = (yield* ControlClient)?.sql ?? (yield* Database).sql
  const { sql } = client
  const database = yield* Layer.build(Layer.fresh(Database.layer(schema))).pipe(
    Effect.map((built) => Context.get(built, Database)),
    Effect.provideService(SqlClient.SqlClient, sql),
    Effect.updateService(Limits, (limits) => ({ ...limits, maxRetries: 0 }))
  )
  const watch = yield* watchReplica(primary, client, schema)

  const readReplayed = yield* sharedReads<undefined, Replayed | undefined>({
    groupOf: () => "",
    run: (readers) =>
      Effect.map(
        sql<Replayed>`
          SELECT pg_is_in_recovery() AS standby, coalesce(pg_last_wal_replay_lsn(), '0/0')::text AS position`,
        ([row]) => readers.map(() => row)
      )
  }).pipe(Effect.provideService(Database, database))

  const read: ReadableReplica["read"] = (work) =>
    Effect.tapError(watch.whilePresent(work), (error) =>
      Effect.sync(() => {
        if (isConnectionLost(error)) watch.leaveOut("the connection to it is lost")
      })
    )

  /** A sample may be older than the change that a reader has made. So the replica is asked again. */
  const hasCaughtUp = (after: LogPosition) =>
    read(readReplayed(undefined)).pipe(
      Effect.map((row) => {
        if (row?.standby !== true) return false
        const replayed = LogPosition.make(row.position)
        watch.observe(replayed)
        return hasReached(replayed, after)
      }),
      Effect.orElseSucceed(() => false)
    )

  return {
    database,
    read,
    mayAnswer: (after) =>
      Effect.suspend(() => {
        const replayed = watch.replayed()
        if (replayed === undefined) return Effect.succeed(false)
        return after === undefined || hasReached(replayed, after) ? Effect.succeed(true) : hasCaughtUp(after)
      })
  } satisfies ReadableReplica
})

/** Provides the replica that `ReplicaClient` leads to, if there is one. */
export const layer = (schema: string): Layer.Layer<never, never, Database> =>
  Layer.effect(Replica, make(schema))
