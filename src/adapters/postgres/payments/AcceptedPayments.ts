import { Effect } from "effect"
import type { Statement } from "effect/sql"
import { Database } from "../execution/Database.ts"

interface Lease {
  /** A statement that returns `id`, `created_at` and `payment_method` of the rows that are due. */
  readonly due: Statement.Fragment
  readonly take: number
  readonly accepts: ((paymentMethod: string) => boolean) | undefined
}

/**
 * Selects the rows that a lease may take, as a condition on the column `id` of their table. Only `accepts` costs a statement: it reads
 * in pages, and locks nothing. Returns `undefined` if it accepts none.
 */
export const selectAccepted = Effect.gen(function* () {
  const { sql, limits } = yield* Database

  /** Returns the ids of the first rows that are accepted. */
  const acceptedIds = Effect.fnUntraced(function* (
    due: Statement.Fragment,
    take: number,
    accepts: (paymentMethod: string) => boolean
  ) {
    const ids: Array<string> = []
    let isLater = sql`true`
    for (;;) {
      const page = yield* sql<{ id: string; created: string; payment_method: string }>`
        SELECT due.id, due.created_at::text AS created, due.payment_method FROM (${due}) due
        WHERE ${isLater} ORDER BY due.created_at, due.id LIMIT ${limits.scanPageSize}`
      for (const { id, payment_method } of page) {
        if (accepts(payment_method)) ids.push(id)
        if (ids.length === take) return ids
      }
      const last = page.at(-1)
      if (last === undefined || page.length < limits.scanPageSize) return ids
      isLater = sql`(due.created_at, due.id) > (${last.created}::timestamptz, ${last.id}::uuid)`
    }
  })

  return Effect.fnUntraced(function* ({ due, take, accepts }: Lease) {
    if (accepts === undefined) return sql`true`
    const ids = yield* acceptedIds(due, take, accepts)
    return ids.length === 0 ? undefined : sql`id = ANY(${ids}::uuid[])`
  })
})
