import { Effect, type Semaphore } from "effect"
import type { SqlClient } from "effect/sql"
import type { StoreUnavailable } from "../../../ports/errors.ts"
import { late, longestWait } from "./Transaction.ts"

/** Runs work when it is its turn, for which it waits no longer than for a connection. */
export const inTurn = <A, E, R>(
  turns: Semaphore.Semaphore,
  work: Effect.Effect<A, E, R>
): Effect.Effect<A, E | StoreUnavailable, R> =>
  Effect.suspend(() => {
    let begun = false
    const begin = Effect.suspend(() => {
      begun = true
      return work
    })
    const giveUp = Effect.suspend(() => (begun ? Effect.never : late("The work of others")))
    return Effect.raceFirst(turns.withPermit(begin), Effect.andThen(Effect.sleep(longestWait), giveUp))
  })

/** Connections that the pool of a client may have; ten, as is usual, if it does not say. */
export const poolOf = (sql: SqlClient.SqlClient): number => {
  const config = "config" in sql ? sql.config : undefined
  const says = typeof config === "object" && config !== null && "maxConnections" in config
  return says ? Number(config.maxConnections ?? 10) : 10
}
