import { Array as Arr, Effect } from "effect"
import { expire } from "../../domain/Expiring.ts"
import type { OrderId } from "../../domain/Id.ts"
import type { OrderStore } from "../../ports/OrderStore.ts"
import { Database } from "./Database.ts"
import { pendingAmong, saveAdvanced, selectOrders } from "./OrderRecords.ts"
import { toOrder } from "./Rows.ts"

/** One sweep: orders that somebody else works on are skipped, and so are those with a pending payment. */
export const expireUnpaid = Effect.gen(function* () {
  const { sql, table, transaction } = yield* Database
  const select = yield* selectOrders
  const pending = yield* pendingAmong
  const save = yield* saveAdvanced

  const sweep: OrderStore["Service"]["expireUnpaid"] = (before, take, stamp) =>
    transaction(
      Effect.gen(function* () {
        const locked = yield* sql<{ id: OrderId }>`
          SELECT o.id FROM ${table.orders} o
          WHERE o.status = 'CREATED' AND o.created_at < ${before} AND NOT EXISTS (
            SELECT FROM ${table.payments} p WHERE p.order_id = o.id AND p.status = 'PENDING'
          )
          ORDER BY o.id LIMIT ${take}
          FOR NO KEY UPDATE OF o SKIP LOCKED`
        if (locked.length === 0) return []
        const ids = locked.map(({ id }) => id)
        const orders = Arr.map(yield* select(sql`WHERE o.id = ANY(${ids}::uuid[]) ORDER BY o.id`), toOrder)
        const waiting = yield* pending(ids)
        const expired = Arr.getSuccesses(orders.map((order) => expire(order, waiting.has(order.id), stamp)))
        if (expired.length > 0) yield* save(expired)
        return expired.map(({ order }) => order.id)
      })
    )
  return sweep
})
