import { Array as Arr, Effect, Layer, Option } from "effect"
import type { Statement } from "effect/sql"
import type { Period } from "../../../domain/analytics/Summary.ts"
import type { OrderStatus } from "../../../domain/orders/Lifecycle.ts"
import { AnalyticsStore } from "../../../ports/AnalyticsStore.ts"
import { epochMillis, type Timestamp, toDate } from "../execution/ColumnTypes.ts"
import { Database } from "../execution/Database.ts"
import { replicated } from "../replica/ReplicatedReads.ts"
import { bestSellers } from "./BestSellers.ts"

interface OrderTotalsRow {
  readonly status: OrderStatus
  readonly currency: string
  readonly orders: number
  readonly amount: string
  readonly refunded: string | null
}

interface DatedRow extends OrderTotalsRow {
  /** Index of the start of the interval, counted from 1. */
  readonly bucket: number
}

const toOrderTotals = ({ status, currency, orders, amount, refunded }: OrderTotalsRow) => ({
  status,
  currency,
  orders,
  amount: BigInt(amount),
  ...(refunded !== null && { refunded: BigInt(refunded) })
})

const analyticsReads = Effect.gen(function* () {
  const database = yield* Database
  const { sql, table, query } = database

  const placedIn = ({ from, to }: Period) => {
    const conditions: Array<Statement.Fragment> = []
    if (from !== undefined) conditions.push(sql`o.created_at >= ${from}`)
    if (to !== undefined) conditions.push(sql`o.created_at < ${to}`)
    return sql.and(conditions)
  }
  const totalsColumns = sql.literal(
    "o.status, o.currency, count(*)::int4 AS orders, sum(o.total)::text AS amount"
  )
  /** Joins the orders of approved refunds. They are summed apart from the orders, whose index suffices to count them. */
  const refundedOrders = sql`${table.payment_operations} m JOIN ${table.orders} o ON o.id = m.order_id`
  const isRefund = sql`m.kind = 'refund' AND m.status = 'APPROVED'`

  return AnalyticsStore.of({
    orderTotals: (period) =>
      query(
        sql<OrderTotalsRow>`
            SELECT t.*, r.refunded FROM (
              SELECT ${totalsColumns} FROM ${table.orders} o
              WHERE ${placedIn(period)}
              GROUP BY o.status, o.currency
            ) t LEFT JOIN (
              SELECT o.status, o.currency, sum(m.amount)::text AS refunded FROM ${refundedOrders}
              WHERE ${isRefund} AND ${placedIn(period)}
              GROUP BY o.status, o.currency
            ) r USING (status, currency)`.pipe(Effect.map(Arr.map(toOrderTotals)))
      ),

    dateRange: (period) =>
      query(
        sql<{ readonly first: Timestamp | null; readonly last: Timestamp | null }>`
            SELECT ${sql.literal(epochMillis("min(o.created_at)", "first"))}, ${sql.literal(epochMillis("max(o.created_at)", "last"))} FROM ${table.orders} o
            WHERE ${placedIn(period)}`.pipe(
          Effect.map(([row]) =>
            row?.first == null || row.last == null
              ? Option.none()
              : Option.some({ first: toDate(row.first), last: toDate(row.last) })
          )
        )
      ),

    orderTotalsFrom: (starts, period) =>
      query(
        sql<DatedRow>`
            SELECT t.*, r.refunded FROM (
              SELECT width_bucket(o.created_at, ${starts}::timestamptz[]) AS bucket, ${totalsColumns}
              FROM ${table.orders} o
              WHERE ${placedIn(period)}
              GROUP BY bucket, o.status, o.currency
            ) t LEFT JOIN (
              SELECT width_bucket(o.created_at, ${starts}::timestamptz[]) AS bucket, o.status, o.currency,
                sum(m.amount)::text AS refunded
              FROM ${refundedOrders}
              WHERE ${isRefund} AND ${placedIn(period)}
              GROUP BY bucket, o.status, o.currency
            ) r USING (bucket, status, currency)`.pipe(
          Effect.map(
            Arr.flatMap((row) => {
              const start = starts[row.bucket - 1]
              return start === undefined ? [] : [{ ...toOrderTotals(row), start }]
            })
          )
        )
      ),

    bestSellers: (period, take) => query(bestSellers(database, placedIn(period), take))
  })
})

export const PgAnalyticsStore = Layer.effect(AnalyticsStore, replicated(analyticsReads))
