import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import type { Item } from "./Shop.ts"

/**
 * What one would write by hand, on the same driver and pool, with the same rows as ours: begin, lock the products,
 * take the stock, insert order, items and event, commit.
 */
export const placeByHand = (
  sql: SqlClient.SqlClient,
  {
    id,
    customerId,
    items
  }: { readonly id: string; readonly customerId: string; readonly items: ReadonlyArray<Item> }
) =>
  sql.withTransaction(
    Effect.gen(function* () {
      const at = new Date()
      const ids = items.map(({ productId }) => productId)
      const units = items.map(({ quantity }) => quantity)
      const products = yield* sql<{ id: string; name: string; price: bigint; stock: bigint }>`
        SELECT id, name, price, stock FROM commerce.products
        WHERE id = ANY(${ids}::uuid[]) ORDER BY id FOR UPDATE`
      const byId = new Map(products.map((product) => [product.id, product]))
      const lines = items.map(({ productId, quantity }) => {
        const product = byId.get(productId)
        if (product === undefined || product.stock < quantity) throw new Error("There is too little")
        const price = Number(product.price)
        return { productId, quantity, name: product.name, price, total: price * quantity }
      })
      yield* sql`
        UPDATE commerce.products p SET stock = p.stock - t.units
        FROM unnest(${ids}::uuid[], ${units}::int8[]) AS t (id, units) WHERE p.id = t.id`
      yield* sql`
        INSERT INTO commerce.orders
          (id, customer_id, status, currency, total, metadata, version, created_at, updated_at)
        VALUES (${id}, ${customerId}, 'CREATED', 'EUR', ${lines.reduce((sum, { total }) => sum + total, 0)},
          ${"{}"}::text::jsonb, 1, ${at}, ${at})`
      yield* sql`
        INSERT INTO commerce.order_items
          (order_id, position, product_id, name, sku, unit_price, quantity, total)
        SELECT ${id}::uuid, l.position, l.product_id, l.name, NULL, l.price, l.quantity, l.total FROM unnest(
          ${lines.map((_, position) => position)}::int2[], ${ids}::uuid[], ${lines.map(({ name }) => name)}::text[],
          ${lines.map(({ price }) => price)}::int8[], ${units}::int8[], ${lines.map(({ total }) => total)}::int8[]
        ) AS l (position, product_id, name, price, quantity, total)`
      yield* sql`
        INSERT INTO commerce.order_events (order_id, sequence, event, from_status, to_status, at, actor)
        VALUES (${id}, 1, 'placed', NULL, 'CREATED', ${at}, ${customerId})`
    })
  )
