import { Array as Arr, Effect, Layer } from "effect"
import type { Statement } from "effect/sql"
import type { OrderStatus } from "../../domain/Lifecycle.ts"
import { AnalyticsStore } from "../../ports/AnalyticsStore.ts"
import { Database } from "./Database.ts"

interface TallyRow {
  readonly status: OrderStatus
  readonly currency: string
  readonly orders: number
  readonly amount: string
}

export const PgAnalyticsStore = Layer.effect(
  AnalyticsStore,
  Effect.gen(function* () {
    const { sql, table, query } = yield* Database

    return AnalyticsStore.of({
      tallies: ({ from, to }) => {
        const conditions: Array<Statement.Fragment> = []
        if (from !== undefined) conditions.push(sql`created_at >= ${from}`)
        if (to !== undefined) conditions.push(sql`created_at < ${to}`)
        return query(
          sql<TallyRow>`
            SELECT status, currency, count(*)::int4 AS orders, sum(total)::text AS amount
            FROM ${table.orders}
            WHERE ${sql.and(conditions)}
            GROUP BY status, currency`.pipe(
            Effect.map(Arr.map((row) => ({ ...row, amount: BigInt(row.amount) })))
          )
        )
      }
    })
  })
)
