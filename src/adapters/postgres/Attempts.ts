import { Effect, Schedule } from "effect"
import { SqlClient, type SqlError } from "effect/sql"
import { StoreUnavailable } from "../../ports/Unavailable.ts"
import { classify, isLockTimeout } from "./Outage.ts"

/** How long work waits for a connection of the pool, which itself would wait for ever. */
const longestWait = "5 seconds"

/** How long a reading statement may take. */
const longestQuery = "30 seconds"

class TookTooLong extends Error {}

const late = (what: string) =>
  Effect.fail(new StoreUnavailable({ undone: true, cause: new TookTooLong(`${what} took too long`) }))

const hasWaited = (error: StoreUnavailable): boolean =>
  isLockTimeout(error) || error.cause instanceof TookTooLong

/**
 * An outage is worth another try, a few times within a second and with jitter, if it certainly left nothing behind or
 * if the work may be repeated; but who has waited long has waited long enough.
 */
const again = <A, E, R>(work: Effect.Effect<A, E, R>, repeatable: boolean): Effect.Effect<A, E, R> =>
  Effect.retry(work, {
    schedule: Schedule.jittered(Schedule.exponential("20 millis")),
    times: 5,
    while: (error) => error instanceof StoreUnavailable && (error.undone || repeatable) && !hasWaited(error)
  })

/** Reads, within a bounded time; that leaves nothing behind. */
export const read = <A, E, R>(work: Effect.Effect<A, E | SqlError.SqlError, R>) => {
  const bounded = Effect.timeoutOrElse(work, { duration: longestQuery, orElse: () => late("A query") })
  return again(
    classify(bounded, () => true),
    true
  )
}

/** Whatever a host has made the default of its database: what a lock has waited for must be seen once it is held. */
const readCommitted = "BEGIN ISOLATION LEVEL READ COMMITTED"

/**
 * A transaction of its own: begins within a bounded time. If the answer to COMMIT is lost, the outage says that it is
 * not `undone`, and only `repeatable` work (guarded by a key, or by the state that it leaves) is tried again.
 */
export const transact = <A, E, R>(
  sql: SqlClient.SqlClient,
  work: Effect.Effect<A, E | SqlError.SqlError, R>,
  repeatable = false
) => {
  const attempt = Effect.suspend(() => {
    let stage: "waiting" | "working" | "committing" = "waiting"
    const begun = Effect.suspend(() => {
      stage = "working"
      return Effect.map(work, (value) => {
        stage = "committing"
        return value
      })
    })
    const waitedTooLong = Effect.flatMap(Effect.sleep(longestWait), () =>
      stage === "waiting" ? late("Waiting for a connection") : Effect.never
    )
    return classify(Effect.raceFirst(sql.withTransaction(begun), waitedTooLong), () => stage !== "committing")
  })
  return Effect.flatMap(SqlClient.BeginTransaction, (given) =>
    Effect.provideService(again(attempt, repeatable), SqlClient.BeginTransaction, given ?? readCommitted)
  )
}
