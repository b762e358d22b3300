import { Effect } from "effect"
import type { SqlError, Statement } from "effect/sql"
import type { UnitCounts } from "../../../domain/fulfilment/UnitCounts.ts"
import type { Advanced } from "../../../domain/orders/AdvanceOrder.ts"
import type { OrderEventName, OrderStatus } from "../../../domain/orders/Lifecycle.ts"
import { type Metadata, Order, type OrderEvent, type OrderItem } from "../../../domain/orders/Order.ts"
import type { Adjustment, AdjustmentKind } from "../../../domain/pricing/Adjustment.ts"
import type { CustomerId, OrderId, ProductId, VoucherId } from "../../../domain/shared/Ids.ts"
import { epochMillis, type Int8, type Timestamp, toDate } from "../execution/ColumnTypes.ts"
import { Database } from "../execution/Database.ts"
import type { LockTarget } from "../execution/LockWaits.ts"
import { stored } from "../idempotency/IdempotencyKeys.ts"
import { releaseVouchers } from "../pricing/VoucherRecords.ts"

/** Replays return orders as a step left them. */
export const storedOrders = stored(Order)

/** Reads orders with their items in one query. `rest` is the SQL after FROM orders AS `o`. */
export const selectOrders = Effect.map(
  Database,
  ({ sql, table }) =>
    (rest: Statement.Fragment) =>
      sql<OrderRow>`
        SELECT o.id, o.customer_id, o.status, o.currency, o.total, o.metadata, o.version,
          ${sql.literal(epochMillis("o.created_at"))}, ${sql.literal(epochMillis("o.updated_at"))}, (
            SELECT json_agg(
              json_build_array(i.product_id, i.name, i.sku, i.unit_price, i.quantity, i.total) ORDER BY i.position
            )
            FROM ${table.order_items} i WHERE i.order_id = o.id
          ) AS items, CASE WHEN o.adjustments IS NOT NULL THEN (
            SELECT json_agg(
              json_build_array(a.kind, a.code, a.name, a.amount, a.voucher_id, a.rate, a.included, a.shares)
              ORDER BY a.position
            )
            FROM ${table.order_adjustments} a WHERE a.order_id = o.id
          ) END AS adjustments, o.units, o.current_total, o.stage
        FROM ${table.orders} o ${rest}`
)

/**
 * Locks orders in ascending order of their ids and reads them. Orders are always locked before products, which
 * prevents deadlocks. Items are immutable, so reading them from a snapshot older than the lock is safe.
 */
export const lockOrders = Effect.gen(function* () {
  const { sql } = yield* Database
  const select = yield* selectOrders
  return (ids: ReadonlyArray<string>): Effect.Effect<ReadonlyMap<OrderId, Order>, SqlError.SqlError> =>
    Effect.map(
      select(sql`
        JOIN unnest(${[...new Set(ids)]}::uuid[]) AS wanted (id) ON wanted.id = o.id
        ORDER BY o.id FOR NO KEY UPDATE OF o`),
      (rows) => new Map(rows.map((row) => [row.id, toOrder(row)]))
    )
})

/** Reads the lock targets of failing orders: the orders, the products to restock, and the vouchers to give back. */
export const lockTargetsOfFailing = Effect.map(
  Database,
  ({ sql, table }) =>
    (orders: Statement.Fragment) =>
      sql<LockTarget>`
        SELECT 'orders' AS table, o.id::text AS id FROM ${table.orders} o WHERE o.id IN (${orders})
        UNION SELECT 'products', i.product_id::text FROM ${table.order_items} i WHERE i.order_id IN (${orders})
        UNION SELECT 'vouchers', v.normalized_code
        FROM ${table.redemptions} r JOIN ${table.vouchers} v ON v.id = r.voucher_id WHERE r.order_id IN (${orders})`
)

/** Returns which of the locked orders have a pending payment. */
export const ordersWithPendingPayment = Effect.map(
  Database,
  ({ sql, table }) =>
    (ids: ReadonlyArray<OrderId>) =>
      Effect.map(
        sql<{ order_id: OrderId }>`
      SELECT order_id FROM ${table.payments} WHERE order_id = ANY(${ids}::uuid[]) AND status = 'PENDING'`,
        (rows): ReadonlySet<OrderId> => new Set(rows.map((row) => row.order_id))
      )
)

const unitsOf = (steps: ReadonlyArray<Advanced>): ReadonlyMap<ProductId, number> => {
  const units = new Map<ProductId, number>()
  for (const { productId, quantity } of steps.flatMap(({ restocked }) => restocked)) {
    units.set(productId, (units.get(productId) ?? 0) + quantity)
  }
  return units
}

/** What steps leave of the units of their orders, their stages, and what their events say of them. Empty for NULL. */
interface Parts {
  readonly units: ReadonlyArray<string>
  readonly totals: ReadonlyArray<string>
  readonly stages: ReadonlyArray<string>
  readonly details: ReadonlyArray<string>
}

/** Returns the parts that steps move, or nothing if all orders have moved as a whole and have no stage. */
const partsOf = (steps: ReadonlyArray<Advanced>): Parts | undefined => {
  const details = steps.map(({ event }) => detailsOf(event))
  const isWhole = steps.every(
    ({ order, stageBefore }, index) =>
      order.units === undefined &&
      order.currentTotal === undefined &&
      order.stage === undefined &&
      stageBefore === undefined &&
      details[index] === ""
  )
  if (isWhole) return undefined
  return {
    units: steps.map(({ order: { units } }) =>
      units === undefined ? "" : JSON.stringify(units.map(unitsCell))
    ),
    totals: steps.map(({ order }) => String(order.currentTotal?.amount ?? "")),
    stages: steps.map(({ order }) => order.stage ?? ""),
    details
  }
}

/**
 * Stores transitions of locked orders: status, event, restocked units, and voucher uses that are given back.
 *
 * A transaction may have its id before it waits for an order, and so a lower id than the transaction of the order's last
 * event. The new event then takes the id of that one, so that the feed has the events of an order in sequence. No reader has
 * passed it: the feed ends before the oldest open transaction, which is this one at the latest.
 */
export const saveAdvanced = Effect.map(
  Effect.all([Database, releaseVouchers]),
  ([{ sql, table }, release]) => {
    const restock = Effect.fnUntraced(function* (units: ReadonlyMap<ProductId, number>) {
      const ids = [...units.keys()]
      yield* sql`
      SELECT FROM ${table.products} p JOIN unnest(${ids}::uuid[]) AS restocked (id) ON restocked.id = p.id
      ORDER BY p.id FOR NO KEY UPDATE OF p`
      yield* sql`
      UPDATE ${table.products} p SET stock = p.stock + restocked.units
      FROM unnest(${ids}::uuid[], ${[...units.values()]}::int8[]) AS restocked (id, units)
      WHERE p.id = restocked.id`
    })

    const none = sql``
    const whole = { columns: none, values: none, set: none, details: none, detail: none }
    const partially = ({ units, totals, stages, details }: Parts) => ({
      columns: sql`, units, current_total, stage, details`,
      values: sql`, ${units}::text[], ${totals}::text[], ${stages}::text[], ${details}::text[]`,
      set: sql`, units = nullif(s.units, '')::jsonb, current_total = nullif(s.current_total, '')::int8,
        stage = nullif(s.stage, '')`,
      details: sql`, details`,
      detail: sql`, nullif(s.details, '')::jsonb`
    })

    return (steps: ReadonlyArray<Advanced>): Effect.Effect<void, SqlError.SqlError> =>
      Effect.gen(function* () {
        const orders = steps.map(({ order }) => order)
        const events = steps.map(({ event }) => event)
        const ids = orders.map(({ id }) => id)
        // A batch that moves no parts has the same statement as if there were none.
        const parts = partsOf(steps)
        const { columns, values, set, details, detail } = parts === undefined ? whole : partially(parts)
        const saved = yield* sql`
        WITH steps AS (
          SELECT * FROM unnest(
            ${ids}::uuid[], ${orders.map(({ status }) => status)}::text[],
            ${events.map(({ sequence }) => sequence)}::int4[], ${events.map(({ event }) => event)}::text[],
            ${events.map(({ from }) => from)}::text[], ${events.map(({ at }) => at)}::timestamptz[],
            ${events.map(({ actor }) => actor)}::text[]${values}
          ) AS s (id, status, sequence, event, from_status, at, actor${columns})
        ), advanced AS (
          UPDATE ${table.orders} o SET status = s.status, version = s.sequence, updated_at = s.at${set}
          FROM steps s
          WHERE o.id = s.id AND o.version = s.sequence - 1
          RETURNING o.id
        )
        INSERT INTO ${table.order_events} (order_id, sequence, event, from_status, to_status, at, actor, xid${details})
        SELECT s.id, s.sequence, s.event, s.from_status, s.status, s.at, s.actor,
          CASE WHEN last.epoch = (SELECT max(epoch) FROM ${table.feed_epochs})
            THEN greatest(last.xid, pg_current_xact_id()) ELSE pg_current_xact_id() END${detail}
        FROM steps s JOIN advanced USING (id)
        LEFT JOIN ${table.order_events} last ON last.order_id = s.id AND last.sequence = s.sequence - 1
        RETURNING order_id`
        if (saved.length !== steps.length) return yield* Effect.die(new Error("A locked order has changed"))
        const units = unitsOf(steps)
        if (units.size > 0) yield* restock(units)
        yield* release(steps)
      })
  }
)

/** An order item in the JSON array of its order: product, name, SKU, unit price, quantity, total. */
type ItemCell = readonly [ProductId, string, string | null, number, number, number]

export interface OrderRow {
  readonly id: OrderId
  readonly customer_id: CustomerId
  readonly status: OrderStatus
  readonly currency: string
  readonly total: Int8
  readonly metadata: Metadata
  readonly version: number
  readonly created_at: Timestamp
  readonly updated_at: Timestamp
  readonly items: readonly [ItemCell, ...Array<ItemCell>]
  readonly adjustments: ReadonlyArray<AdjustmentCell> | null
  readonly units: ReadonlyArray<UnitsCell> | null
  readonly current_total: Int8 | null
  readonly stage: string | null
}

/** Counts of a line: shipped, cancelled, returned, restocked. */
type UnitsCell = readonly [number, number, number, number]

const toUnits = ([shipped, cancelled, returned, restocked]: UnitsCell): UnitCounts => ({
  shipped,
  cancelled,
  returned,
  restocked
})

const unitsCell = ({ shipped, cancelled, returned, restocked }: UnitCounts): UnitsCell => [
  shipped,
  cancelled,
  returned,
  restocked
]

/** An adjustment in the JSON array of its order: kind, code, name, amount, voucher, rate, whether it is included, shares. */
type AdjustmentCell = readonly [
  AdjustmentKind,
  string,
  string,
  number,
  VoucherId | null,
  number | null,
  boolean | null,
  ReadonlyArray<number> | null
]

const toAdjustment =
  (currency: string) =>
  ([kind, code, name, amount, voucherId, rate, included, shares]: AdjustmentCell): Adjustment => ({
    kind,
    code,
    name,
    amount: { amount, currency },
    ...(voucherId !== null && { voucherId }),
    ...(rate !== null && { rate }),
    ...(included !== null && { included }),
    ...(shares !== null && { shares })
  })

const toItem =
  (currency: string) =>
  ([productId, name, sku, unitPrice, quantity, total]: ItemCell): OrderItem => ({
    productId,
    name,
    sku,
    unitPrice: { amount: unitPrice, currency },
    quantity,
    total: { amount: total, currency }
  })

export const toOrder = (row: OrderRow): Order => {
  const [first, ...rest] = row.items
  const item = toItem(row.currency)
  return {
    id: row.id,
    customerId: row.customer_id,
    status: row.status,
    ...(row.stage !== null && { stage: row.stage }),
    items: [item(first), ...rest.map(item)],
    ...(row.adjustments !== null && { adjustments: row.adjustments.map(toAdjustment(row.currency)) }),
    total: { amount: Number(row.total), currency: row.currency },
    ...(row.units !== null && { units: row.units.map(toUnits) }),
    ...(row.current_total !== null && {
      currentTotal: { amount: Number(row.current_total), currency: row.currency }
    }),
    // Reads share rows, and a host may change what it gets.
    metadata: { ...row.metadata },
    version: row.version,
    createdAt: toDate(row.created_at),
    updatedAt: toDate(row.updated_at)
  }
}

export interface EventRow {
  readonly sequence: number
  readonly event: OrderEventName
  readonly from_status: OrderStatus | null
  readonly to_status: OrderStatus
  readonly at: Timestamp
  readonly actor: string
  readonly details: EventDetails | null
}

type EventDetails = Omit<OrderEvent, "sequence" | "event" | "from" | "to" | "at" | "actor">

/** What an event says besides its transition, as JSON. Returns an empty text if it says nothing. */
const detailsOf = (event: OrderEvent): string => {
  const { sequence, event: name, from, to, at, actor, ...details } = event
  return Object.keys(details).length === 0 ? "" : JSON.stringify(details)
}

export const toEvent = (row: EventRow): OrderEvent => ({
  sequence: row.sequence,
  event: row.event,
  from: row.from_status,
  to: row.to_status,
  at: toDate(row.at),
  actor: row.actor,
  ...row.details
})
