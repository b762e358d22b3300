import { Array as Arr, Effect } from "effect"
import { expire } from "../../../domain/orders/AdvanceOrder.ts"
import { OrderNotFound } from "../../../domain/orders/Order.ts"
import type { Attribution } from "../../../domain/shared/Attribution.ts"
import type { IdempotencyClaim } from "../../../domain/shared/Idempotency.ts"
import type { OrderId } from "../../../domain/shared/Ids.ts"
import type { OrderStore } from "../../../ports/OrderStore.ts"
import { batcher } from "../execution/Batcher.ts"
import { unbatched } from "../execution/BatchOperation.ts"
import { Database } from "../execution/Database.ts"
import type { LockTarget } from "../execution/LockWaits.ts"
import { idempotencyKeys } from "../idempotency/IdempotencyKeys.ts"
import {
  lockOrders,
  lockTargetsOfFailing,
  ordersWithPendingPayment,
  saveAdvanced,
  selectOrders,
  storedOrders,
  toOrder
} from "./OrderRecords.ts"

interface Expire {
  readonly orderId: OrderId
  readonly attribution: Attribution
  readonly idempotency: IdempotencyClaim | undefined
}

export const expireOrder = Effect.gen(function* () {
  const { sql } = yield* Database
  const keys = yield* idempotencyKeys
  const toLock = yield* lockTargetsOfFailing
  const lock = yield* lockOrders
  const pending = yield* ordersWithPendingPayment
  const save = yield* saveAdvanced

  const apply = Effect.fnUntraced(function* (orderId: OrderId, attribution: Attribution) {
    const order = (yield* lock([orderId])).get(orderId)
    if (order === undefined) return yield* new OrderNotFound({ orderId })
    const hasPending = (yield* pending([orderId])).has(orderId)
    const advanced = yield* Effect.fromResult(expire(order, hasPending, attribution))
    yield* save([advanced])
    return advanced.order
  })

  const submit = yield* batcher(
    unbatched({
      name: "expire order",
      execute: ({ orderId, attribution, idempotency }: Expire) =>
        keys.guard(idempotency, attribution.at, apply(orderId, attribution), storedOrders),
      lockTargets: ({ orderId }) => toLock(sql`${orderId}`)
    })
  )
  const step: OrderStore["Service"]["expire"] = (orderId, attribution, idempotency) =>
    submit({ orderId, attribution, idempotency })
  return step
})

interface Sweep {
  readonly before: Date
  readonly take: number
  readonly attribution: Attribution
}

/**
 * Expires unpaid orders in one sweep. Skips orders that other transactions have locked and orders with a pending
 * payment.
 */
export const expireUnpaid = Effect.gen(function* () {
  const { sql, table, relative } = yield* Database
  const select = yield* selectOrders
  const pending = yield* ordersWithPendingPayment
  const save = yield* saveAdvanced

  const due = (before: Date, take: number, at: Date) => sql`
    SELECT o.id FROM ${table.orders} o
    WHERE o.status = 'CREATED' AND o.created_at < ${relative(before, at)} AND NOT EXISTS (
      SELECT FROM ${table.payments} p WHERE p.order_id = o.id AND p.status = 'PENDING'
    )
    ORDER BY o.id LIMIT ${take}`

  const submit = yield* batcher(
    unbatched<Sweep, ReadonlyArray<OrderId>, never>({
      name: "expire unpaid orders",
      execute: Effect.fnUntraced(function* ({ before, take, attribution }) {
        const locked = yield* sql<{ id: OrderId }>`
          ${due(before, take, attribution.at)}
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
      lockTargets: ({ before, take, attribution }) => sql<LockTarget>`
        WITH due AS (${due(before, take, attribution.at)})
        SELECT 'products' AS table, product_id::text AS id FROM ${table.order_items} JOIN due ON due.id = order_id
        UNION SELECT 'vouchers', v.normalized_code
        FROM due JOIN ${table.redemptions} r ON r.order_id = due.id JOIN ${table.vouchers} v ON v.id = r.voucher_id`
    })
  )
  const sweep: OrderStore["Service"]["expireUnpaid"] = (before, take, attribution) =>
    submit({ before, take, attribution })
  return sweep
})
