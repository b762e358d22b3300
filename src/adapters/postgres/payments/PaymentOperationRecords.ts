import { Array as Arr, Effect } from "effect"
import type { SqlError, Statement } from "effect/sql"
import type {
  OperationKind,
  OperationStatus,
  PaymentOperation
} from "../../../domain/payments/PaymentOperation.ts"
import type { OperationId, OrderId, PaymentId } from "../../../domain/shared/Ids.ts"
import { epochMillis, type Int8, type Timestamp, toDate } from "../execution/ColumnTypes.ts"
import { Database } from "../execution/Database.ts"

interface OperationRow {
  readonly id: OperationId
  readonly payment_id: PaymentId
  readonly order_id: OrderId
  readonly kind: OperationKind
  readonly status: OperationStatus
  readonly currency: string
  readonly amount: Int8
  readonly reason: string | null
  readonly reference: string | null
  readonly created_at: Timestamp
}

const toOperation = (row: OperationRow): PaymentOperation => ({
  id: row.id,
  paymentId: row.payment_id,
  orderId: row.order_id,
  kind: row.kind,
  status: row.status,
  amount: { amount: Number(row.amount), currency: row.currency },
  ...(row.reason !== null && { reason: row.reason }),
  ...(row.reference !== null && { reference: row.reference }),
  createdAt: toDate(row.created_at)
})

/** Reads payment operations, oldest first. `which` is the condition on operations AS `m`. */
export const selectOperations = Effect.map(
  Database,
  ({ sql, table }) =>
    (which: Statement.Fragment): Effect.Effect<ReadonlyArray<PaymentOperation>, SqlError.SqlError> =>
      Effect.map(
        sql<OperationRow>`
          SELECT m.id, m.payment_id, m.order_id, m.kind, m.status, m.currency, m.amount, m.reason, m.reference,
            ${sql.literal(epochMillis("m.created_at"))}
          FROM ${table.payment_operations} m
          WHERE ${which}
          ORDER BY m.id`,
        Arr.map(toOperation)
      )
)

/** Inserts or changes an operation of a locked order. Its actor stays the one who began it. */
export const saveOperation = Effect.map(
  Database,
  ({ sql, table }) =>
    (
      { id, paymentId, orderId, kind, status, amount, reason, reference, createdAt }: PaymentOperation,
      {
        at,
        actor,
        leasedUntil = null
      }: { readonly at: Date; readonly actor: string; readonly leasedUntil?: Date | null | undefined }
    ): Effect.Effect<void, SqlError.SqlError> => {
      const settledAt = status === "PENDING" ? null : at
      return Effect.asVoid(sql`
        INSERT INTO ${table.payment_operations} (id, payment_id, order_id, kind, status, currency, amount, reason, reference,
          actor, created_at, settled_at, leased_until)
        VALUES (${id}, ${paymentId}, ${orderId}, ${kind}, ${status}, ${amount.currency}, ${amount.amount},
          ${reason ?? null}, ${reference ?? null}, ${actor}, ${createdAt}, ${settledAt}, ${leasedUntil})
        ON CONFLICT (id) DO UPDATE
        SET status = excluded.status, reference = excluded.reference, settled_at = excluded.settled_at`)
    }
)
