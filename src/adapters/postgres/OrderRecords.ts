import { Effect } from "effect"
import type { SqlError, Statement } from "effect/sql"
import type { Advanced } from "../../domain/Advancing.ts"
import type { OrderId, ProductId } from "../../domain/Id.ts"
import type { Order } from "../../domain/Order.ts"
import { Database } from "./Database.ts"
import { type OrderRow, toOrder } from "./Rows.ts"

/** Reads orders with their items, in one query; `rest` says which of `o`. */
export const selectOrders = Effect.map(
  Database,
  ({ sql, table }) =>
    (rest: Statement.Fragment) =>
      sql<OrderRow>`
        SELECT o.id, o.customer_id, o.status, o.currency, o.total, o.metadata, o.version, o.created_at,
          o.updated_at, (
            SELECT json_agg(
              json_build_array(i.product_id, i.name, i.sku, i.unit_price, i.quantity, i.total) ORDER BY i.position
            )
            FROM ${table.order_items} i WHERE i.order_id = o.id
          ) AS items
        FROM ${table.orders} o ${rest}`
)

/** Locks an order for this transaction, and reads it. Orders are always locked before products. */
export const lockOrder = Effect.gen(function* () {
  const { sql, table } = yield* Database
  const select = yield* selectOrders
  return (id: OrderId): Effect.Effect<Order | undefined, SqlError.SqlError> =>
    Effect.gen(function* () {
      yield* sql`SELECT id FROM ${table.orders} WHERE id = ${id} FOR NO KEY UPDATE`
      const [row] = yield* select(sql`WHERE o.id = ${id}`)
      return row === undefined ? undefined : toOrder(row)
    })
})

/** Saves a step of a locked order: its status, its event, and the units that it gives back. */
export const saveAdvanced = Effect.gen(function* () {
  const { sql, table } = yield* Database

  const giveBack = Effect.fnUntraced(function* (ids: ReadonlyArray<ProductId>, units: ReadonlyArray<number>) {
    yield* sql`SELECT id FROM ${table.products} WHERE id = ANY(${ids}::uuid[]) ORDER BY id FOR NO KEY UPDATE`
    yield* sql`
      UPDATE ${table.products} p SET stock = p.stock + given.units
      FROM unnest(${ids}::uuid[], ${units}::int8[]) AS given (id, units)
      WHERE p.id = given.id`
  })

  return ({ order, event, givenBack }: Advanced): Effect.Effect<void, SqlError.SqlError> =>
    Effect.gen(function* () {
      const updated = yield* sql`
        UPDATE ${table.orders}
        SET status = ${order.status}, version = ${order.version}, updated_at = ${order.updatedAt}
        WHERE id = ${order.id} AND version = ${order.version - 1}
        RETURNING id`
      if (updated.length !== 1)
        return yield* Effect.die(new Error(`The locked order ${order.id} has changed`))
      yield* sql`
        INSERT INTO ${table.order_events} (order_id, sequence, event, from_status, to_status, at, by)
        VALUES (${order.id}, ${event.sequence}, ${event.event}, ${event.from}, ${event.to}, ${event.at},
          ${event.by})`
      if (givenBack.length > 0) {
        yield* giveBack(
          givenBack.map(({ productId }) => productId),
          givenBack.map(({ quantity }) => quantity)
        )
      }
    })
})
