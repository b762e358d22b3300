import { Effect, Layer } from "effect"
import { LogPosition } from "../../../domain/shared/LogPosition.ts"
import { StoreUnavailable } from "../../../ports/errors.ts"
import { Replication } from "../../../ports/ReadPreference.ts"
import { Database } from "../execution/Database.ts"
import { sharedReads } from "../execution/SharedReads.ts"
import { Replica } from "./Replica.ts"

const isStandby = new StoreUnavailable({
  outcome: "notApplied",
  cause: new Error("This server is a standby, and has no position of its own")
})

/**
 * The end of the log in memory: a COMMIT may be answered before it is on the disk. Many callers share a statement, which begins after
 * their changes.
 */
export const PgReplication: Layer.Layer<never, never, Database> = Layer.effect(
  Replication,
  Effect.gen(function* () {
    const { sql } = yield* Database
    const read = yield* sharedReads<undefined, string | null>({
      groupOf: () => "",
      run: (readers) =>
        Effect.map(
          sql<{ position: string | null }>`
            SELECT CASE WHEN NOT pg_is_in_recovery() THEN pg_current_wal_insert_lsn() END::text AS position`,
          ([row]) => readers.map(() => row?.position ?? null)
        )
    })
    return {
      hasReplica: (yield* Replica) !== undefined,
      position: Effect.flatMap(
        Effect.suspend(() => read(undefined)),
        (position) =>
          position === null ? Effect.fail(isStandby) : Effect.succeed(LogPosition.make(position))
      )
    }
  })
)
