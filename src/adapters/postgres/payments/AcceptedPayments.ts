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

  return Effect.fnUntraced(function* <Id extends string>({ due, take, accepts }: Lease) {
    if (accepts === undefined) return sql`true`
    const ids: Array<Id> = []
    let after: { readonly id: Id; readonly created: string } | undefined
    for (;;) {
      const isLater: Statement.Fragment =
        after === undefined
          ? sql`true`
          : sql`(due.created_at, due.id) > (${after.created}::timestamptz, ${after.id}::uuid)`
      const page: ReadonlyArray<{ id: Id; created: string; payment_method: string }> = yield* sql<{
        id: Id
        created: string
        payment_method: string
      }>`
        SELECT due.id, due.created_at::text AS created, due.payment_method FROM (${due}) due
        WHERE ${isLater} ORDER BY due.created_at, due.id LIMIT ${limits.scanPageSize}`
      for (const { id, payment_method } of page) {
        if (accepts(payment_method)) ids.push(id)
        if (ids.length === take) break
      }
      after = page.at(-1)
      if (after === undefined || page.length < limits.scanPageSize || ids.length === take) break
    }
    return ids.length === 0 ? undefined : sql`id = ANY(${ids}::uuid[])`
  })
})
