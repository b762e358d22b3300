import { Array as Arr, Effect, Result } from "effect"
import { type Advanced, expire } from "../../../domain/orders/AdvanceOrder.ts"
import { OrderNotFound } from "../../../domain/orders/Order.ts"
import type { Attribution } from "../../../domain/shared/Attribution.ts"
import type { IdempotencyClaim } from "../../../domain/shared/Idempotency.ts"
import type { OrderId } from "../../../domain/shared/Ids.ts"
import { BeforeCommitFailed } from "../../../ports/BeforeCommit.ts"
import type { OrderStore, Sweep } from "../../../ports/OrderStore.ts"
import { batcher } from "../execution/Batcher.ts"
import { unbatched } from "../execution/BatchOperation.ts"
import { changeHook } from "../execution/ChangeHook.ts"
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
  const hook = yield* changeHook

  const apply = Effect.fnUntraced(function* (orderId: OrderId, attribution: Attribution) {
    const order = (yield* lock([orderId])).get(orderId)
    if (order === undefined) return yield* new OrderNotFound({ orderId })
    const hasPending = (yield* pending([orderId])).has(orderId)
    const advanced = yield* Effect.fromResult(expire(order, hasPending, attribution))
    yield* save([advanced])
    yield* hook.one(advanced)
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

/** Selects up to `take` unpaid orders after an id that are due, but `kept` ones. */
interface Due {
  readonly before: Date
  readonly take: number
  readonly attribution: Attribution
  readonly after: OrderId | undefined
  readonly kept: ReadonlyArray<OrderId>
}

/** The hook of the host keeps orders of a sweep from expiring: those that it refuses, or some of those on which it has failed. */
class KeptByHook {
  readonly ids: ReadonlyArray<OrderId>
  readonly hasFailed: boolean

  constructor(ids: ReadonlyArray<OrderId>, hasFailed: boolean) {
    this.ids = ids
    this.hasFailed = hasFailed
  }
}

/**
 * Expires unpaid orders in one sweep. Skips orders that other transactions have locked and orders with a pending
 * payment. Orders that the hook of the host refuses are left out, and the others expire without them. If the hook fails, each order
 * expires by itself.
 */
export const expireUnpaid = Effect.gen(function* () {
  const { sql, table, relative } = yield* Database
  const select = yield* selectOrders
  const pending = yield* ordersWithPendingPayment
  const save = yield* saveAdvanced
  const hook = yield* changeHook

  const due = ({ before, take, attribution: { at }, after, kept }: Due) => sql`
    SELECT o.id FROM ${table.orders} o
    WHERE o.status = 'CREATED' AND o.created_at < ${relative(before, at)} AND NOT EXISTS (
      SELECT FROM ${table.payments} p WHERE p.order_id = o.id AND p.status = 'PENDING'
    )${after === undefined ? sql`` : sql` AND o.id > ${after}`}${kept.length === 0 ? sql`` : sql` AND o.id <> ALL(${kept}::uuid[])`}
    ORDER BY o.id LIMIT ${take}`

  const askHook = Effect.fnUntraced(function* (expired: ReadonlyArray<Advanced>) {
    const refusals = yield* hook.refusalsOf(expired).pipe(
      Effect.catchDefect((defect) =>
        defect instanceof BeforeCommitFailed
          ? Effect.fail(
              new KeptByHook(
                expired.map(({ order }) => order.id),
                true
              )
            )
          : Effect.die(defect)
      )
    )
    const ids = expired.map(({ order }) => order.id).filter((id) => refusals.has(id))
    if (ids.length > 0) return yield* Effect.fail(new KeptByHook(ids, false))
  })

  const submit = yield* batcher(
    unbatched<Due, ReadonlyArray<OrderId>, KeptByHook>({
      name: "expire unpaid orders",
      execute: Effect.fnUntraced(function* (wanted) {
        const { attribution } = wanted
        const locked = yield* sql<{ id: OrderId }>`
          ${due(wanted)}
          FOR NO KEY UPDATE OF o SKIP LOCKED`
        if (locked.length === 0) return []
        const ids = locked.map(({ id }) => id)
        const orders = Arr.map(yield* select(sql`WHERE o.id = ANY(${ids}::uuid[]) ORDER BY o.id`), toOrder)
        const withPending = yield* pending(ids)
        const expired = Arr.getSuccesses(
          orders.map((order) => expire(order, withPending.has(order.id), attribution))
        )
        if (expired.length > 0) yield* save(expired)
        yield* askHook(expired)
        return expired.map(({ order }) => order.id)
      }),
      lockTargets: (wanted) => sql<LockTarget>`
        WITH due AS (${due(wanted)})
        SELECT 'products' AS table, product_id::text AS id FROM ${table.order_items} JOIN due ON due.id = order_id
        UNION SELECT 'vouchers', v.normalized_code
        FROM due JOIN ${table.redemptions} r ON r.order_id = due.id JOIN ${table.vouchers} v ON v.id = r.voucher_id`
    })
  )
  const sweep: OrderStore["Service"]["expireUnpaid"] = Effect.fnUntraced(
    function* (before, take, attribution, after) {
      const done: { expired: Array<OrderId>; kept: Array<OrderId> } = { expired: [], kept: [] }
      for (let size = take; ; ) {
        const left = take - done.expired.length - done.kept.length
        const wanted = Math.min(size, left)
        if (wanted === 0) return done satisfies Sweep
        const request = { before, take: wanted, attribution, after, kept: done.kept }
        const outcome = yield* Effect.result(submit(request))
        if (Result.isSuccess(outcome)) {
          done.expired.push(...outcome.success)
          if (outcome.success.length < wanted) return done
        } else if (outcome.failure instanceof KeptByHook) {
          const { ids, hasFailed } = outcome.failure
          if (hasFailed && ids.length > 1) size = 1
          else done.kept.push(...ids)
        } else return yield* outcome.failure
      }
    }
  )
  return sweep
})
