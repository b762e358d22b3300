import { Effect } from "effect"
import type { SqlClient } from "effect/sql"

/**
 * The identity of the server's data, made by `initdb` and kept by physical copies. A server without the function, or that
 * denies it, has none.
 */
const systemIdentifier = "(SELECT system_identifier::text FROM pg_control_system())"

/** The privilege is checked when a statement starts, so a statement without it must not contain the function. */
const hasIdentifier = `to_regprocedure('pg_control_system()') IS NOT NULL
  AND has_function_privilege('pg_control_system()', 'EXECUTE') AS allowed`

/**
 * Whether an event has a transaction id that this server has not given yet. A transaction sees its own events before its id
 * is among the completed ones.
 */
export const isOfTheFuture =
  "xid >= pg_snapshot_xmax(pg_current_snapshot()) AND xid IS DISTINCT FROM pg_current_xact_id_if_assigned()"

interface State {
  readonly epoch: number
  readonly recorded: string | null
  readonly current: string | null
  /** Whether an event has a transaction id that this server has not given yet. */
  readonly hasFuture: boolean
}

/**
 * Epochs of the feed. Events are sorted by the ids of their transactions, and a server numbers its own transactions. In data
 * that was restored from a dump, events have ids of another server: new events would sort before them. An epoch is a
 * generation of ids; events of a later epoch sort after all of an earlier one.
 *
 * A physical copy, such as a standby or a base backup, goes on with the ids of its origin, so it needs no new epoch.
 */
export const feedEpochs = (sql: SqlClient.SqlClient, schema: string) => {
  const epochs = sql.literal(`"${schema}".feed_epochs`)
  const events = sql.literal(`"${schema}".order_events`)

  const state = Effect.gen(function* () {
    const [privilege] = yield* sql<{ allowed: boolean }>`SELECT ${sql.literal(hasIdentifier)}`
    const current = sql.literal(privilege?.allowed === true ? systemIdentifier : "NULL::text")
    const [found] = yield* sql<State>`
      SELECT e.epoch, e.system_identifier AS recorded, ${current} AS current,
        EXISTS (
          SELECT FROM ${events} v WHERE v.epoch = e.epoch AND ${sql.literal(isOfTheFuture)}
        ) AS "hasFuture"
      FROM ${epochs} e ORDER BY e.epoch DESC LIMIT 1`
    return found ?? { epoch: 0, recorded: null, current: null, hasFuture: false }
  })

  /** Whether the data come from another server. */
  const isRestored = Effect.map(
    state,
    ({ current, hasFuture, recorded }) =>
      hasFuture || (recorded !== null && current !== null && recorded !== current)
  )

  /**
   * Begins an epoch. The default of the column is changed instead of every writing statement: that waits for all transactions
   * that have written events, so none of them commits an event of the earlier epoch afterwards.
   */
  const begin = Effect.gen(function* () {
    const { current, epoch } = yield* state
    yield* sql`LOCK TABLE ${events} IN ACCESS EXCLUSIVE MODE`.unprepared
    yield* sql`ALTER TABLE ${events} ALTER COLUMN epoch SET DEFAULT ${sql.literal(String(epoch + 1))}`
      .unprepared
    yield* sql`
      INSERT INTO ${epochs} (epoch, system_identifier, started_at) VALUES (${epoch + 1}, ${current}, now())`
    return epoch + 1
  })

  /** Records the server of the first epoch, and begins an epoch if the data come from another server. */
  const adopt = Effect.gen(function* () {
    const { current, recorded } = yield* state
    if (yield* isRestored) yield* begin
    else if (recorded === null && current !== null) {
      yield* sql`UPDATE ${epochs} SET system_identifier = ${current} WHERE system_identifier IS NULL`
    }
  })

  return { adopt, begin, isRestored }
}
