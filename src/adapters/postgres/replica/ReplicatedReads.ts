import { Cause, Effect, Metric, type Scope } from "effect"
import { ReadPreference } from "../../../ports/ReadPreference.ts"
import { replicaReads } from "../../../telemetry/Metrics.ts"
import { Database } from "../execution/Database.ts"
import { type ReadableReplica, Replica } from "./Replica.ts"

type Read = (...args: ReadonlyArray<never>) => Effect.Effect<unknown, unknown>

const answered = {
  byReplica: Metric.update(replicaReads("replica"), 1),
  byPrimary: Metric.update(replicaReads("primary"), 1),
  afterFailure: Metric.update(replicaReads("primary_after_failure"), 1)
}

/** The read where its `ReadPreference` lets it run. What fails on the replica is asked once more, at the primary. */
const routed = (
  onPrimary: Read,
  onReplica: Read,
  { mayAnswer, read }: ReadableReplica,
  inTransaction: Effect.Effect<boolean>
): Read => {
  const choose = (args: ReadonlyArray<never>, preference: Exclude<ReadPreference, "primary">) =>
    Effect.flatMap(
      mayAnswer(preference === "replica" ? undefined : preference.replicaAfter),
      (may): Effect.Effect<unknown, unknown> =>
        may
          ? Effect.catchCause(Effect.tap(read(onReplica(...args)), answered.byReplica), (cause) =>
              Cause.hasInterruptsOnly(cause)
                ? Effect.failCause(cause)
                : Effect.andThen(answered.afterFailure, onPrimary(...args))
            )
          : Effect.andThen(answered.byPrimary, onPrimary(...args))
    )
  return (...args) =>
    Effect.flatMap(ReadPreference, (preference) =>
      preference === "primary"
        ? onPrimary(...args)
        : Effect.flatMap(inTransaction, (joined) => (joined ? onPrimary(...args) : choose(args, preference)))
    )
}

/** Makes reads on the primary, and the same on the replica if there is one. Each goes where its `ReadPreference` lets it. */
export const replicated = <Reads extends object, E, R>(
  make: Effect.Effect<Reads, E, R | Database | Scope.Scope>
): Effect.Effect<Reads, E, R | Database | Scope.Scope> =>
  Effect.gen(function* () {
    const onPrimary = yield* make
    const replica = yield* Replica
    if (replica === undefined) return onPrimary
    const { inTransaction } = yield* Database
    const onReplica = yield* Effect.provideService(make, Database, replica.database)
    return Object.fromEntries(
      Object.entries(onPrimary).map(([name, read]) => [
        name,
        routed(read, onReplica[name as keyof Reads] as Read, replica, inTransaction)
      ])
    ) as Reads
  })
