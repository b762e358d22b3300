import { Clock, Effect, Fiber, Layer } from "effect"
import { StoreUnavailable } from "../../../ports/errors.ts"
import { StoreHealth } from "../../../ports/Stores.ts"
import { ControlClient } from "../client/ControlClient.ts"
import { epochMillis, type Timestamp } from "../execution/ColumnTypes.ts"
import { Database } from "../execution/Database.ts"
import { timedOut } from "../execution/SqlErrors.ts"
import { readWithin } from "../execution/Transaction.ts"

interface State {
  readonly read_only: "true" | "false"
  readonly migrated: "true" | "false"
}

const unusable = (reason: string) => new StoreUnavailable({ outcome: "notApplied", cause: new Error(reason) })

/** Settings of the health check. */
export interface HealthSettings {
  readonly schema: string
  /** Whether a server that accepts no writes is healthy. */
  readonly readOnly: boolean
}

/**
 * Asks on the control connection, if there is one, within `healthTimeout`: whether the server answers, has the tables and
 * accepts writes. If it does not accept writes, connections to it are replaced, since its name may point elsewhere now.
 */
export const PgStoreHealth = ({ readOnly, schema }: HealthSettings) =>
  Layer.effect(
    StoreHealth,
    Effect.gen(function* () {
      const database = yield* Database
      const { limits, timeSource } = database
      const control = yield* ControlClient
      const sql = control?.sql ?? database.sql

      const ask = <A extends object>(what: string, columns: string) =>
        // In a fiber of its own: a statement on a silent connection is not interrupted in time.
        Effect.flatMap(
          Effect.forkDetach(readWithin(limits, sql<A>`SELECT ${sql.literal(columns)}`)),
          (asking) =>
            Effect.raceFirst(
              Fiber.join(asking),
              Effect.andThen(Effect.sleep(limits.healthTimeout), timedOut(what))
            ).pipe(Effect.onExit(() => Effect.sync(() => asking.interruptUnsafe())))
        ).pipe(Effect.map(([row]) => row))

      const state = ask<State>(
        "A health check",
        // As text, which all drivers of hosts return in the same form.
        `current_setting('transaction_read_only')::boolean::text AS read_only,
          (to_regclass('"${schema}".migrations') IS NOT NULL)::text AS migrated`
      )

      return StoreHealth.of({
        check: Effect.flatMap(state, (found) => {
          if (found?.migrated !== "true") return unusable(`The schema "${schema}" is not migrated`)
          if (readOnly || found.read_only === "false") return Effect.void
          return Effect.andThen(
            control?.retireAll ?? Effect.void,
            unusable("The server does not accept writes")
          )
        }),

        clockOffset:
          timeSource === "process"
            ? Effect.succeed(0)
            : Effect.gen(function* () {
                const sent = yield* Clock.currentTimeMillis
                const row = yield* ask<{ readonly now: Timestamp }>(
                  "Reading the server's clock",
                  epochMillis("clock_timestamp()", "now")
                )
                const received = yield* Clock.currentTimeMillis
                return row === undefined ? 0 : Number(row.now) - (sent + received) / 2
              })
      })
    })
  )
