import { Array as Arr, Effect } from "effect"
import { fromPosition, PositionUnknown, toPosition } from "../../../domain/orders/Feed.ts"
import type { OrderId } from "../../../domain/shared/Ids.ts"
import { StoreUnavailable } from "../../../ports/errors.ts"
import type { OrderStore } from "../../../ports/OrderStore.ts"
import { epochMillis } from "../execution/ColumnTypes.ts"
import { Database } from "../execution/Database.ts"
import { isOfTheFuture } from "../schema/FeedEpoch.ts"
import { type EventRow, toEvent } from "./OrderRecords.ts"

interface Row extends EventRow {
  readonly order_id: OrderId | null
  readonly epoch: number
  readonly transaction: string
  readonly known: "true" | "false"
  readonly future: "true" | "false"
  readonly ahead: "true" | "false"
}

const restored = new StoreUnavailable({
  outcome: "notApplied",
  cause: new Error("The data come from another server: run migrate, which begins an epoch of the feed")
})

const isBehind = new StoreUnavailable({
  outcome: "notApplied",
  cause: new Error("This server is read-only and does not have this position yet")
})

/**
 * Reads events in the order of their transactions. The feed ends before the oldest open transaction, since all
 * earlier transactions are final. An event that commits late thus never lands behind a reader. A long transaction
 * delays the feed. All transactions of earlier epochs are final.
 *
 * The position must be that of an event: after a lost event, the ids of its transaction mean others.
 */
export const readFeed = Effect.map(
  Database,
  ({ sql, table, query }): OrderStore["Service"]["feed"] =>
    (after, take) => {
      const { epoch, transaction, orderId, sequence } = fromPosition(after ?? "")
      const key = sql`(${epoch}::int4, ${transaction}::text::xid8, ${orderId}::uuid, ${sequence}::int4)`
      const beyond = after === undefined ? sql`` : sql`AND (epoch, xid, order_id, sequence) > ${key}`
      const known =
        after === undefined
          ? sql`true`
          : sql`EXISTS (SELECT FROM ${table.order_events} WHERE (epoch, xid, order_id, sequence) = ${key})`
      // A reader who comes from the primary may be ahead of a standby, or of a former primary: its position is not lost. A
      // former primary still gives out ids, so its oldest transaction may be later than events that it does not have.
      const transactionKey = sql`(${epoch}::int4, ${transaction}::text::xid8)`
      const ahead =
        after === undefined
          ? sql`false`
          : sql`CASE WHEN pg_is_in_recovery() OR current_setting('default_transaction_read_only')::boolean
              THEN ${transactionKey} >= (newest, pg_snapshot_xmin(pg_current_snapshot())) OR coalesce(${transactionKey} > (
                SELECT epoch, xid FROM ${table.order_events} ORDER BY epoch DESC, order_events.xid DESC LIMIT 1
              ), true)
              ELSE false END`
      return query(
        sql<Row>`
          WITH state AS MATERIALIZED (
            SELECT newest, (${known})::text AS known, (${ahead})::text AS ahead, EXISTS (
              SELECT FROM ${table.order_events} WHERE epoch = newest AND ${sql.literal(isOfTheFuture)}
            )::text AS future
            FROM (SELECT max(epoch) AS newest FROM ${table.feed_epochs}) epochs
          )
          SELECT known, future, ahead, e.*
          FROM state LEFT JOIN LATERAL (
            SELECT order_id, sequence, event, from_status, to_status, ${sql.literal(epochMillis("at"))}, actor, details, epoch, xid::text AS transaction
            FROM ${table.order_events}
            WHERE (epoch, xid) < (newest, pg_snapshot_xmin(pg_current_snapshot())) ${beyond}
            ORDER BY epoch, order_events.xid, order_id, sequence
            LIMIT ${take}
          ) e ON true`
      ).pipe(
        Effect.flatMap((rows): Effect.Effect<ReadonlyArray<Row>, PositionUnknown | StoreUnavailable> => {
          if (rows[0]?.future === "true") return Effect.fail(restored)
          if (after === undefined || rows[0]?.known === "true") return Effect.succeed(rows)
          return rows[0]?.ahead === "true" ? Effect.fail(isBehind) : new PositionUnknown({ position: after })
        }),
        Effect.map(
          Arr.flatMap((row) => {
            const { order_id: orderId, epoch, transaction, sequence } = row
            if (orderId === null) return []
            return [
              { ...toEvent(row), orderId, position: toPosition({ epoch, transaction, orderId, sequence }) }
            ]
          })
        )
      )
    }
)

/** Reads the position of the last event that is final, backwards along the index of the feed. */
export const readLatestPosition = Effect.map(
  Database,
  ({ sql, table, query }): OrderStore["Service"]["latestPosition"] =>
    () =>
      query(
        sql<Pick<Row, "future" | "order_id" | "epoch" | "transaction" | "sequence">>`
          WITH state AS MATERIALIZED (
            SELECT newest, EXISTS (
              SELECT FROM ${table.order_events} WHERE epoch = newest AND ${sql.literal(isOfTheFuture)}
            )::text AS future
            FROM (SELECT max(epoch) AS newest FROM ${table.feed_epochs}) epochs
          )
          SELECT future, e.*
          FROM state LEFT JOIN LATERAL (
            SELECT order_id, sequence, epoch, xid::text AS transaction
            FROM ${table.order_events}
            WHERE (epoch, xid) < (newest, pg_snapshot_xmin(pg_current_snapshot()))
            ORDER BY epoch DESC, order_events.xid DESC, order_id DESC, sequence DESC
            LIMIT 1
          ) e ON true`
      ).pipe(
        Effect.flatMap(([row]) => {
          if (row?.future === "true") return Effect.fail(restored)
          if (row === undefined || row.order_id === null) return Effect.undefined
          const { order_id: orderId, epoch, transaction, sequence } = row
          return Effect.succeed(toPosition({ epoch, transaction, orderId, sequence }))
        })
      )
)
