import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { hasReached } from "../../../domain/shared/LogPosition.ts"
import type { StoreUnavailable } from "../../../ports/errors.ts"
import { databaseSettings } from "../../../settings/DatabaseSettings.ts"
import { read } from "../execution/Transaction.ts"
import { newest } from "../schema/Migrations.ts"
import { ReplicaClient } from "./ReplicaClient.ts"
import { readPrimary, readReplica, unfitness } from "./ServerFacts.ts"

/** What is found about a replica. */
export interface ReplicaDiagnosis {
  /** Why it cannot be read at all, whatever its lag. */
  readonly unfit: string | undefined
  /** Milliseconds until it had what the primary had, or `undefined` if that took longer than its bound. */
  readonly lag: number | undefined
  /** The bound in milliseconds. */
  readonly maxLag: number
}

/** Time between two questions, in milliseconds. */
const interval = 25

/** Waits until the replica has what the primary has now. Returns nothing without a replica. Fails with `StoreUnavailable`. */
export const diagnoseReplica = (
  schema: string = databaseSettings.schema.default
): Effect.Effect<ReplicaDiagnosis | undefined, StoreUnavailable, SqlClient.SqlClient> =>
  Effect.gen(function* () {
    const client = yield* ReplicaClient
    if (client === undefined) return undefined
    const { control, maxLag } = client
    const primary = yield* read(readPrimary((yield* SqlClient.SqlClient).withoutTransforms()))
    const since = performance.now()
    for (;;) {
      const replica = yield* read(readReplica(control, schema))
      const lag = performance.now() - since
      const unfit = unfitness(primary, replica, newest)
      if (unfit !== undefined) return { unfit, lag: undefined, maxLag }
      if (hasReached(replica.replayed, primary.position)) return { unfit, lag, maxLag }
      if (lag > maxLag) return { unfit, lag: undefined, maxLag }
      yield* Effect.sleep(interval)
    }
  })
