import { Deferred, Effect, Fiber, Schedule } from "effect"
import { SqlClient } from "effect/sql"

/**
 * Somebody who has run a statement in a transaction that stays open until `giveUp`, or until the scope closes. To hold
 * rows say `holdingRows`; what a test then starts waits for them, which `waitingSessions` tells without any sleep:
 *
 *     const { giveUp } = yield* holdingRows("products", id)
 *     const waiting = yield* Effect.forkScoped(orders.place(order))
 *     yield* waitingSessions
 *     yield* giveUp
 */
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

/** Somebody who holds rows of a table of ours, by their ids, as an update of theirs would. */
export const holdingRows = (table: "orders" | "payments" | "products", ...ids: ReadonlyArray<string>) =>
  holding(`SELECT FROM commerce.${table} WHERE id IN (${ids.map((id) => `'${id}'`).join()}) FOR UPDATE`)

/** The sessions of this database that wait for a lock, as soon as there are so many. */
export const sessionsThatWait = (count: number) =>
  SqlClient.SqlClient.use(
    (sql) => sql<{ pid: number }>`
      SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
  ).pipe(
    Effect.repeat({ until: (sessions) => sessions.length >= count, schedule: Schedule.spaced("10 millis") })
  )

/** The sessions of this database that wait for a lock, as soon as there are any. */
export const waitingSessions = sessionsThatWait(1)
