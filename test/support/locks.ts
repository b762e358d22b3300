import { Deferred, Effect, Fiber, Schedule } from "effect"
import { SqlClient } from "effect/sql"

/** Somebody who has run a statement in a transaction that they keep open until they are told to end it. */
export const holding = Effect.fnUntraced(function* (statement: string) {
  const sql = yield* SqlClient.SqlClient
  const [done, told] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
  const holder = yield* Effect.forkScoped(
    sql.withTransaction(
      sql
        .unsafe(statement)
        .unprepared.pipe(
          Effect.andThen(Deferred.succeed(done, undefined)),
          Effect.andThen(Deferred.await(told))
        )
    )
  )
  yield* Effect.raceFirst(Deferred.await(done), Fiber.join(holder))
  return { giveUp: Effect.andThen(Deferred.succeed(told, undefined), Fiber.join(holder)) }
})

/** The sessions of this database that wait for a lock, as soon as there are any. */
export const waitingSessions = SqlClient.SqlClient.use(
  (sql) => sql<{ pid: number }>`
    SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
).pipe(Effect.repeat({ until: (sessions) => sessions.length > 0, schedule: Schedule.spaced("10 millis") }))
