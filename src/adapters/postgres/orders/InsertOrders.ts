import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import type { Offer } from "../../../domain/catalog/Product.ts"
import type { ProductId } from "../../../domain/shared/Ids.ts"
import { arrayParameter, nullableParameter } from "../execution/ArrayParameter.ts"
import { Database } from "../execution/Database.ts"
import type { DecidedPlacements } from "./DecidePlacements.ts"

/**
 * Recognizes a violated stock constraint. UPDATE evaluates the row version from before the lock wait first, so it
 * may fail although the current row has enough stock.
 */
const isStockViolation = ({ reason }: SqlError.SqlError): boolean =>
  reason._tag === "ConstraintError" && String(reason.cause).includes("products_stock")

/**
 * Writes placed orders, items and first events, and subtracts the stock, in one statement.
 *
 * Returns false and writes nothing if a locked product differs from the one that was decided on, or lacks stock.
 * `lockTimeout` (ms) bounds the wait for locks.
 */
export const insertOrders = Effect.map(
  Database,
  ({ sql, table }) =>
    (
      { placed, unitsTaken }: Pick<DecidedPlacements, "placed" | "unitsTaken">,
      products: ReadonlyMap<ProductId, Offer>,
      lockTimeout?: number
    ): Effect.Effect<boolean, SqlError.SqlError> => {
      const [first] = placed
      if (first === undefined) return Effect.succeed(true)
      const orders = placed.map(({ order }) => order)
      const items = orders.flatMap((order) =>
        order.items.map((item, position) => ({ ...item, orderId: order.id, position }))
      )
      const taken = [...products.values()].filter(({ id }) => unitsTaken.has(id))
      const units = taken.map(({ id }) => unitsTaken.get(id) ?? 0)
      // PostgreSQL evaluates this uncorrelated subquery once, before it locks any row.
      const withLockTimeout =
        lockTimeout === undefined
          ? sql``
          : sql`WHERE (SELECT set_config('lock_timeout', ${`${lockTimeout}ms`}, true)) IS NOT NULL`
      const statement = sql<{ readonly unchanged: boolean }>`
        WITH placed AS (
          SELECT * FROM unnest(
            ${orders.map(({ id }) => id)}::uuid[], ${orders.map(({ customerId }) => customerId)}::text[],
            ${orders.map(({ total }) => total.currency)}::text[],
            ${arrayParameter(orders.map(({ total }) => total.amount))}::int8[],
            ${orders.map(({ metadata }) => JSON.stringify(metadata))}::text[],
            ${orders.map(({ createdAt }) => createdAt)}::timestamptz[], ${placed.map(({ event }) => event.actor)}::text[]
          ) AS o (id, customer_id, currency, total, metadata, at, actor)
        ), taken AS (
          SELECT * FROM unnest(
            ${taken.map(({ id }) => id)}::uuid[], ${units}::int8[], ${taken.map(({ name }) => name)}::text[],
            ${nullableParameter(taken.map(({ sku }) => sku))}::text[], ${taken.map(({ price }) => price.currency)}::text[],
            ${arrayParameter(taken.map(({ price }) => price.amount))}::int8[]
          ) AS t (id, units, name, sku, currency, price)
        ), locked AS MATERIALIZED (
          SELECT p.active AND p.stock >= t.units AND p.name = t.name
            AND p.sku IS NOT DISTINCT FROM nullif(t.sku, '') AND p.currency = t.currency AND p.price = t.price AS holds
          FROM ${table.products} p JOIN taken t ON t.id = p.id ${withLockTimeout}
          ORDER BY p.id FOR NO KEY UPDATE OF p
        ), decided AS MATERIALIZED (
          SELECT count(*) FILTER (WHERE holds) = ${taken.length} AS holds FROM locked
        ), new_orders AS (
          INSERT INTO ${table.orders}
            (id, customer_id, status, currency, total, metadata, version, created_at, updated_at)
          SELECT id, customer_id, ${first.order.status}, currency, total, metadata::jsonb, 1, at, at
          FROM placed WHERE (SELECT holds FROM decided)
        ), new_items AS (
          INSERT INTO ${table.order_items}
            (order_id, position, product_id, name, sku, unit_price, quantity, total)
          SELECT order_id, position, product_id, name, nullif(sku, ''), unit_price, quantity, total FROM unnest(
            ${items.map(({ orderId }) => orderId)}::uuid[], ${items.map(({ position }) => position)}::int2[],
            ${items.map(({ productId }) => productId)}::uuid[], ${items.map(({ name }) => name)}::text[],
            ${nullableParameter(items.map(({ sku }) => sku))}::text[], ${arrayParameter(items.map(({ unitPrice }) => unitPrice.amount))}::int8[],
            ${items.map(({ quantity }) => quantity)}::int8[], ${arrayParameter(items.map(({ total }) => total.amount))}::int8[]
          ) AS i (order_id, position, product_id, name, sku, unit_price, quantity, total)
          WHERE (SELECT holds FROM decided)
        ), new_events AS (
          INSERT INTO ${table.order_events} (order_id, sequence, event, from_status, to_status, at, actor)
          SELECT id, ${first.event.sequence}, ${first.event.event}, ${first.event.from}, ${first.event.to}, at, actor
          FROM placed WHERE (SELECT holds FROM decided)
        ), new_stock AS (
          UPDATE ${table.products} p SET stock = p.stock - taken.units FROM taken
          WHERE p.id = taken.id AND (SELECT holds FROM decided)
        )
        SELECT holds AS unchanged FROM decided`
      return statement.pipe(
        Effect.map(([row]) => row?.unchanged === true),
        Effect.catchIf(isStockViolation, () => Effect.succeed(false))
      )
    }
)
