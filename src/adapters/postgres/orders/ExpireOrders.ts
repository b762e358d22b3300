import { Array as Arr, Effect } from "effect"
import { expire } from "../../../domain/orders/AdvanceOrder.ts"
import { OrderNotFound } from "../../../domain/orders/Order.ts"
import type { OrderId } from "../../../domain/shared/Ids.ts"
import type { OrderStore } from "../../../ports/OrderStore.ts"
import { Database } from "../execution/Database.ts"
import { loneWork } from "../execution/LoneWork.ts"
import type { LockTarget } from "../execution/RowLocks.ts"
import {
  lockOrders,
  lockTargetsOfFailing,
  ordersWithPendingPayment,
  saveAdvanced,
  selectOrders,
  toOrder
} from "./OrderRecords.ts"

export const expireOrder = Effect.gen(function* () {
  const { sql } = yield* Database
  const lone = yield* loneWork
  const toLock = yield* lockTargetsOfFailing
  const lock = yield* lockOrders
  const pending = yield* ordersWithPendingPayment
  const save = yield* saveAdvanced

  const step: OrderStore["Service"]["expire"] = (orderId, attribution) =>
    lone(
      Effect.gen(function* () {
        const order = (yield* lock([orderId])).get(orderId)
        if (order === undefined) return yield* new OrderNotFound({ orderId })
        const hasPending = (yield* pending([orderId])).has(orderId)
        const advanced = yield* Effect.fromResult(expire(order, hasPending, attribution))
        yield* save([advanced])
        return advanced.order
      }),
      toLock(sql`${orderId}`)
    )
  return step
})

/**
 * Expires unpaid orders in one sweep. Skips orders that other transactions have locked and orders with a pending
 * payment.
 */
export const expireUnpaid = Effect.gen(function* () {
  const { sql, table } = yield* Database
  const lone = yield* loneWork
  const select = yield* selectOrders
  const pending = yield* ordersWithPendingPayment
  const save = yield* saveAdvanced

  const due = (before: Date, take: number) => sql`
    SELECT o.id FROM ${table.orders} o
    WHERE o.status = 'CREATED' AND o.created_at < ${before} AND NOT EXISTS (
      SELECT FROM ${table.payments} p WHERE p.order_id = o.id AND p.status = 'PENDING'
    )
    ORDER BY o.id LIMIT ${take}`

  const sweep: OrderStore["Service"]["expireUnpaid"] = (before, take, attribution) =>
    lone(
      Effect.gen(function* () {
        const locked = yield* sql<{ id: OrderId }>`
          ${due(before, take)}
          FOR NO KEY UPDATE OF o SKIP LOCKED`
        if (locked.length === 0) return []
        const ids = locked.map(({ id }) => id)
        const orders = Arr.map(yield* select(sql`WHERE o.id = ANY(${ids}::uuid[]) ORDER BY o.id`), toOrder)
        const withPending = yield* pending(ids)
        const expired = Arr.getSuccesses(
          orders.map((order) => expire(order, withPending.has(order.id), attribution))
        )
        if (expired.length > 0) yield* save(expired)
        return expired.map(({ order }) => order.id)
      }),
      sql<LockTarget>`
        SELECT DISTINCT 'products' AS of, product_id AS id FROM ${table.order_items}
        WHERE order_id IN (${due(before, take)})`
    )
  return sweep
})
