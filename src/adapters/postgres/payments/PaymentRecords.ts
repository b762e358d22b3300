import { Array as Arr, Effect } from "effect"
import type { SqlError, Statement } from "effect/sql"
import type { OrderStatus } from "../../../domain/orders/Lifecycle.ts"
import type { NextAction, Payment, PaymentStatus } from "../../../domain/payments/Payment.ts"
import type { OrderId, PaymentId } from "../../../domain/shared/Ids.ts"
import { arrayParameter } from "../execution/ArrayParameter.ts"
import { epochMillis, type Int8, type Timestamp, toDate } from "../execution/ColumnTypes.ts"
import { Database } from "../execution/Database.ts"
import { readAgain } from "../idempotency/IdempotencyKeys.ts"

/** Reads payments with the current status of their orders. `which` is the condition on payments AS `p`. */
export const selectPayments = Effect.map(
  Database,
  ({ sql, table }) =>
    (which: Statement.Fragment): Effect.Effect<ReadonlyArray<Payment>, SqlError.SqlError> =>
      Effect.map(
        sql<PaymentRow>`
          SELECT p.id, p.order_id, p.status, p.currency, p.amount, p.payment_method,
            ${sql.literal(epochMillis("p.created_at"))}, o.status AS order_status, p.next_action, p.reference,
            ${sql.literal(epochMillis("p.authorized_at"))}, p.captured, p.refunded
          FROM ${table.payments} p JOIN ${table.orders} o ON o.id = p.order_id
          WHERE ${which}
          ORDER BY p.id`,
        Arr.map(toPayment)
      )
)

/** Replays return payments in their current state. */
export const currentPayments = Effect.gen(function* () {
  const { sql } = yield* Database
  const select = yield* selectPayments
  return readAgain((ids) => select(sql`p.id = ANY(${ids}::uuid[])`))
})

/** A payment to insert, with its actor. */
export interface NewPayment {
  readonly payment: Payment
  readonly actor: string
}

/** Inserts payments of locked orders. */
export const insertPayments = Effect.map(
  Database,
  ({ sql, table }) =>
    (newPayments: ReadonlyArray<NewPayment>): Effect.Effect<void, SqlError.SqlError> => {
      const payments = newPayments.map(({ payment }) => payment)
      const orders = payments.map(({ orderId }) => orderId)
      // Writes a new version of the order row. It makes a concurrent transaction that read the old version, and
      // would expire the order, recheck.
      return Effect.asVoid(sql`
        WITH touched AS (UPDATE ${table.orders} SET version = version WHERE id = ANY(${orders}::uuid[]))
        INSERT INTO ${table.payments}
          (id, order_id, status, currency, amount, payment_method, actor, created_at, settled_at)
        SELECT id, order_id, status, currency, amount, payment_method, actor, created_at,
          CASE WHEN status <> 'PENDING' THEN created_at END
        FROM unnest(
          ${payments.map(({ id }) => id)}::uuid[], ${orders}::uuid[],
          ${payments.map(({ status }) => status)}::text[],
          ${payments.map(({ amount }) => amount.currency)}::text[],
          ${arrayParameter(payments.map(({ amount }) => amount.amount))}::int8[],
          ${payments.map(({ paymentMethod }) => paymentMethod)}::text[], ${newPayments.map(({ actor }) => actor)}::text[],
          ${payments.map(({ createdAt }) => createdAt)}::timestamptz[]
        ) AS p (id, order_id, status, currency, amount, payment_method, actor, created_at)`)
    }
)

export interface PaymentRow {
  readonly id: PaymentId
  readonly order_id: OrderId
  readonly status: PaymentStatus
  readonly currency: string
  readonly amount: Int8
  readonly payment_method: string
  readonly created_at: Timestamp
  readonly order_status: OrderStatus
  readonly next_action: NextAction | null
  readonly reference: string | null
  readonly authorized_at: Timestamp | null
  readonly captured: Int8 | null
  readonly refunded: Int8 | null
}

/** An authorized payment is stored as a pending one that has a time of authorization. */
const toStatus = ({ status, authorized_at }: PaymentRow): PaymentStatus =>
  status === "PENDING" && authorized_at !== null ? "AUTHORIZED" : status

/** Changes payments of locked orders. Each is written once. */
export const updatePayments = Effect.map(
  Database,
  ({ sql, table }) =>
    (changes: ReadonlyArray<{ readonly payment: Payment; readonly at: Date }>) => {
      const payments = changes.map(({ payment }) => payment)
      const textOf = (amount: Payment["captured"]) => (amount === undefined ? "" : String(amount.amount))
      return Effect.asVoid(sql`
        UPDATE ${table.payments} p
        SET status = s.status, settled_at = CASE WHEN s.status <> 'PENDING' THEN coalesce(p.settled_at, s.at) END,
          next_action = nullif(s.next_action, '')::jsonb, reference = nullif(s.reference, ''),
          authorized_at = nullif(s.authorized_at, '')::timestamptz,
          captured = nullif(s.captured, '')::int8, refunded = nullif(s.refunded, '')::int8
        FROM unnest(
          ${payments.map(({ id }) => id)}::uuid[],
          ${payments.map(({ status }) => (status === "AUTHORIZED" ? "PENDING" : status))}::text[],
          ${changes.map(({ at }) => at)}::timestamptz[],
          ${payments.map(({ nextAction }) => (nextAction === undefined ? "" : JSON.stringify(nextAction)))}::text[],
          ${payments.map(({ reference = "" }) => reference)}::text[],
          ${payments.map(({ authorizedAt }) => authorizedAt?.toISOString() ?? "")}::text[],
          ${payments.map(({ captured }) => textOf(captured))}::text[],
          ${payments.map(({ refunded }) => textOf(refunded))}::text[]
        ) AS s (id, status, at, next_action, reference, authorized_at, captured, refunded)
        WHERE p.id = s.id`)
    }
)

export const toPayment = (row: PaymentRow): Payment => ({
  id: row.id,
  orderId: row.order_id,
  status: toStatus(row),
  amount: { amount: Number(row.amount), currency: row.currency },
  paymentMethod: row.payment_method,
  createdAt: toDate(row.created_at),
  orderStatus: row.order_status,
  ...(row.next_action !== null && { nextAction: row.next_action }),
  ...(row.reference !== null && { reference: row.reference }),
  ...(row.authorized_at !== null && { authorizedAt: toDate(row.authorized_at) }),
  ...(row.captured !== null && { captured: { amount: Number(row.captured), currency: row.currency } }),
  ...(row.refunded !== null && { refunded: { amount: Number(row.refunded), currency: row.currency } })
})
