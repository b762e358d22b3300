import { Clock, Effect, Layer, Struct } from "effect"
import { SqlClient } from "effect/sql"
import { invariants, type Violation } from "../../../domain/operations/Invariants.ts"
import { IntegrityChecker } from "../../../ports/IntegrityChecker.ts"
import { Database, oneSnapshot } from "../execution/Database.ts"
import { integrityQueries } from "./IntegrityQueries.ts"

export const PgIntegrityChecker = Layer.effect(
  IntegrityChecker,
  Effect.map(Database, (database) => {
    const { sql, transaction, inTransaction } = database
    /**
     * Lifts the statement timeout, since large tables take long. Disables nested loops: without statistics the
     * planner would choose them for full tables.
     */
    const settingsForFullScans = Effect.andThen(
      sql`SET LOCAL statement_timeout = 0`.unprepared,
      sql`SET LOCAL enable_nestloop = off`.unprepared
    )

    return IntegrityChecker.of({
      check: Effect.fnUntraced(function* (onInvariant, limit) {
        const joined = yield* inTransaction
        const queries = integrityQueries(database, new Date(yield* Clock.currentTimeMillis))
        return yield* transaction(
          Effect.gen(function* () {
            // In a transaction of the host, the host's settings stay unchanged.
            if (!joined) yield* settingsForFullScans
            const violations: Array<Violation> = []
            for (const invariant of Struct.keys(invariants)) {
              yield* onInvariant(invariant)
              const rows = yield* sql<{ id: string; detail: string }>`
                SELECT * FROM (${queries[invariant]}) AS broken ORDER BY id LIMIT ${limit}`
              violations.push(...rows.map((row) => ({ invariant, ...row })))
            }
            return violations
          }),
          { settlesCommit: false, timeout: Number.POSITIVE_INFINITY }
        ).pipe(Effect.provideService(SqlClient.BeginTransaction, oneSnapshot))
      })
    })
  })
)
