import { Effect } from "effect"
import type { SqlClient } from "effect/sql"

interface Step {
  readonly orderId: string
  readonly actor: string
}

/** The order, locked, if it is where it must be. */
const lock = Effect.fnUntraced(function* (sql: SqlClient.SqlClient, orderId: string, status: string) {
  const [order] = yield* sql<{ status: string; currency: string; total: bigint; version: number }>`
    SELECT status, currency, total, version FROM commerce.orders WHERE id = ${orderId} FOR UPDATE`
  if (order?.status !== status) throw new Error(`The order is not ${status}`)
  return order
})

const advance = Effect.fnUntraced(function* (
  sql: SqlClient.SqlClient,
  { orderId, actor }: Step,
  { event, from, to, version }: { event: string; from: string; to: string; version: number }
) {
  const at = new Date()
  yield* sql`UPDATE commerce.orders SET status = ${to}, version = ${version}, updated_at = ${at} WHERE id = ${orderId}`
  yield* sql`
    INSERT INTO commerce.order_events (order_id, sequence, event, from_status, to_status, at, actor)
    VALUES (${orderId}, ${version}, ${event}, ${from}, ${to}, ${at}, ${actor})`
})

/** Begin, lock the order, check it, insert the payment, update the order, insert the event, commit. */
export const payByHand = (sql: SqlClient.SqlClient, step: Step & { readonly paymentId: string }) =>
  sql.withTransaction(
    Effect.gen(function* () {
      const { currency, total, version } = yield* lock(sql, step.orderId, "CREATED")
      const at = new Date()
      yield* sql`
        INSERT INTO commerce.payments
          (id, order_id, status, currency, amount, payment_method, actor, created_at, settled_at)
        VALUES (${step.paymentId}, ${step.orderId}, 'APPROVED', ${currency}, ${total}, 'sim_approve', ${step.actor},
          ${at}, ${at})`
      yield* advance(sql, step, { event: "paid", from: "CREATED", to: "PAID", version: version + 1 })
    })
  )

const advanceByHand = (event: string, from: string, to: string) => (sql: SqlClient.SqlClient, step: Step) =>
  sql.withTransaction(
    Effect.flatMap(lock(sql, step.orderId, from), ({ version }) =>
      advance(sql, step, { event, from, to, version: version + 1 })
    )
  )

export const shipByHand = advanceByHand("shipped", "PAID", "SHIPPED")
export const completeByHand = advanceByHand("completed", "SHIPPED", "COMPLETED")
