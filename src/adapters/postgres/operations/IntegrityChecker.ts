import { Effect, Layer, Struct } from "effect"
import { SqlClient } from "effect/sql"
import { invariants, type Violation } from "../../../domain/operations/Invariants.ts"
import { IntegrityChecker } from "../../../ports/IntegrityChecker.ts"
import { Database } from "../execution/Database.ts"
import { integrityQueries } from "./IntegrityQueries.ts"

const oneSnapshot = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

export const PgIntegrityChecker = Layer.effect(
  IntegrityChecker,
  Effect.map(Database, (database) => {
    const { sql, transaction, inTransaction } = database
    const queries = integrityQueries(database)

    /** However long it takes; and never row by row, as a planner would that knows nothing yet of a full table. */
    const onePassEach = Effect.andThen(
      sql`SET LOCAL statement_timeout = 0`.unprepared,
      sql`SET LOCAL enable_nestloop = off`.unprepared
    )

    return IntegrityChecker.of({
      check: Effect.fnUntraced(function* (checking, most) {
        const joined = yield* inTransaction
        return yield* transaction(
          Effect.gen(function* () {
            // A transaction of the host's keeps its own settings.
            if (!joined) yield* onePassEach
            const violations: Array<Violation> = []
            for (const invariant of Struct.keys(invariants)) {
              yield* checking(invariant)
              const rows = yield* sql<{ id: string; detail: string }>`
                SELECT * FROM (${queries[invariant]}) AS broken ORDER BY id LIMIT ${most}`
              violations.push(...rows.map((row) => ({ invariant, ...row })))
            }
            return violations
          }),
          { writes: false, timeout: Number.POSITIVE_INFINITY }
        ).pipe(Effect.provideService(SqlClient.BeginTransaction, oneSnapshot))
      })
    })
  })
)
