import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import type { ProductId } from "../../domain/Id.ts"
import type { Placed } from "../../domain/Placing.ts"
import { column } from "./Column.ts"
import { Database } from "./Database.ts"

/**
 * Writes placed orders, their items and first events, and takes their units from locked products, all in one
 * statement. The stock is checked once more where it is taken.
 */
export const insertOrders = Effect.map(
  Database,
  ({ sql, table }) =>
    (
      placed: ReadonlyArray<Placed>,
      unitsTaken: ReadonlyMap<ProductId, number>
    ): Effect.Effect<void, SqlError.SqlError> => {
      const orders = placed.map(({ order }) => order)
      const events = placed.map(({ event }) => event)
      const items = orders.flatMap((order) =>
        order.items.map((item, position) => ({ ...item, orderId: order.id, position }))
      )
      const statement = sql`
        WITH new_orders AS (
          INSERT INTO ${table.orders}
            (id, customer_id, status, currency, total, metadata, version, created_at, updated_at)
          SELECT id, customer_id, status, currency, total, metadata::jsonb, 1, created_at, created_at
          FROM unnest(
            ${orders.map(({ id }) => id)}::uuid[], ${orders.map(({ customerId }) => customerId)}::uuid[],
            ${orders.map(({ status }) => status)}::text[], ${orders.map(({ total }) => total.currency)}::text[],
            ${column(orders.map(({ total }) => total.amount))}::int8[],
            ${orders.map(({ metadata }) => JSON.stringify(metadata))}::text[],
            ${orders.map(({ createdAt }) => createdAt)}::timestamptz[]
          ) AS o (id, customer_id, status, currency, total, metadata, created_at)
        ), new_items AS (
          INSERT INTO ${table.order_items}
            (order_id, position, product_id, name, sku, unit_price, quantity, total)
          SELECT * FROM unnest(
            ${items.map(({ orderId }) => orderId)}::uuid[], ${items.map(({ position }) => position)}::int2[],
            ${items.map(({ productId }) => productId)}::uuid[], ${items.map(({ name }) => name)}::text[],
            ${column(items.map(({ sku }) => sku))}::text[], ${column(items.map(({ unitPrice }) => unitPrice.amount))}::int8[],
            ${items.map(({ quantity }) => quantity)}::int8[], ${column(items.map(({ total }) => total.amount))}::int8[]
          )
        ), new_events AS (
          INSERT INTO ${table.order_events} (order_id, sequence, event, from_status, to_status, at, by)
          SELECT * FROM unnest(
            ${orders.map(({ id }) => id)}::uuid[], ${events.map(({ sequence }) => sequence)}::int4[],
            ${events.map(({ event }) => event)}::text[], ${column(events.map(({ from }) => from))}::text[],
            ${events.map(({ to }) => to)}::text[], ${events.map(({ at }) => at)}::timestamptz[],
            ${events.map(({ by }) => by)}::text[]
          )
        )
        UPDATE ${table.products} p SET stock = p.stock - taken.units
        FROM unnest(${[...unitsTaken.keys()]}::uuid[], ${[...unitsTaken.values()]}::int8[]) AS taken (id, units)
        WHERE p.id = taken.id AND p.stock >= taken.units
        RETURNING p.id`
      return Effect.flatMap(statement, (updated) =>
        updated.length === unitsTaken.size
          ? Effect.void
          : Effect.die(new Error("The stock of a locked product has changed"))
      )
    }
)
