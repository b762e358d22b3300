import { Effect, Schedule } from "effect"
import type { SqlClient, SqlError } from "effect/sql"
import { StoreUnavailable } from "../../ports/Unavailable.ts"
import { classify } from "./Outage.ts"

/** How long work waits for a connection of the pool, which itself would wait for ever. */
const longestWait = "5 seconds"

/** How long a reading statement may take. */
const longestQuery = "30 seconds"

const late = (what: string) =>
  Effect.fail(new StoreUnavailable({ undone: true, cause: new Error(`${what} took too long`) }))

/** Outages that certainly left nothing behind are tried again, a few times within a second, with jitter. */
const again = <A, E, R>(work: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.retry(work, {
    schedule: Schedule.jittered(Schedule.exponential("20 millis")),
    times: 5,
    while: (error) => error instanceof StoreUnavailable && error.undone
  })

/** Reads; that leaves nothing behind, so it may be tried again. */
export const read = <A, E, R>(work: Effect.Effect<A, E | SqlError.SqlError, R>) =>
  again(
    classify(
      Effect.timeoutOrElse(work, { duration: longestQuery, orElse: () => late("A query") }),
      () => true
    )
  )

/**
 * A transaction of its own: begins within a bounded time, and is tried again only if it is certain that it was not
 * committed. When the answer to COMMIT is lost, the outage says so.
 */
export const transact = <A, E, R>(
  sql: SqlClient.SqlClient,
  work: Effect.Effect<A, E | SqlError.SqlError, R>
) =>
  again(
    Effect.suspend(() => {
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
      return classify(
        Effect.raceFirst(sql.withTransaction(begun), waitedTooLong),
        () => stage !== "committing"
      )
    })
  )
