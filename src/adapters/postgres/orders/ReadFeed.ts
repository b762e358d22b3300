import { Array as Arr, Effect } from "effect"
import { fromPosition, toPosition } from "../../../domain/orders/Feed.ts"
import type { OrderId } from "../../../domain/shared/Ids.ts"
import type { OrderStore } from "../../../ports/OrderStore.ts"
import { Database } from "../execution/Database.ts"
import { type EventRow, toEvent } from "./OrderRecords.ts"

/**
 * Reads events in the order of their transactions. The feed ends before the oldest open transaction, since all
 * earlier transactions are final. An event that commits late thus never lands behind a reader. A long transaction
 * delays the feed.
 */
export const readFeed = Effect.map(
  Database,
  ({ sql, table, query }): OrderStore["Service"]["feed"] =>
    (after, take) => {
      const { transaction, orderId, sequence } = fromPosition(after ?? "")
      const beyond =
        after === undefined
          ? sql``
          : sql`AND (xid, order_id, sequence) > (${transaction}::text::xid8, ${orderId}::uuid, ${sequence}::int4)`
      return query(
        sql<EventRow & { order_id: OrderId; transaction: string }>`
          SELECT order_id, sequence, event, from_status, to_status, at, actor, xid::text AS transaction
          FROM ${table.order_events}
          WHERE xid < pg_snapshot_xmin(pg_current_snapshot()) ${beyond}
          ORDER BY xid, order_id, sequence
          LIMIT ${take}`
      ).pipe(
        Effect.map(
          Arr.map((row) => {
            const { order_id: orderId, transaction, sequence } = row
            return { ...toEvent(row), orderId, position: toPosition({ transaction, orderId, sequence }) }
          })
        )
      )
    }
)
