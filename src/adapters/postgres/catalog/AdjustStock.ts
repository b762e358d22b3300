import { Effect } from "effect"
import { adjust, ProductNotFound } from "../../../domain/catalog/Product.ts"
import type { ProductId } from "../../../domain/shared/Ids.ts"
import { largest } from "../../../domain/shared/Money.ts"
import type { Adjustment, CatalogStore } from "../../../ports/CatalogStore.ts"
import { Database } from "../execution/Database.ts"
import { idempotencyKeys } from "../idempotency/IdempotencyKeys.ts"
import { type ProductRow, productColumns, toProduct } from "./ProductRecords.ts"
import { recall, remember } from "./SaveProduct.ts"

export const adjustStock = Effect.gen(function* () {
  const { sql, table } = yield* Database
  const keys = yield* idempotencyKeys

  /** Units in orders that may still fail and give them back. */
  const openUnits = (productId: ProductId) =>
    Effect.map(
      sql<{ units: bigint }>`
        SELECT coalesce(sum(i.quantity), 0)::int8 AS units
        FROM ${table.orders} o JOIN ${table.order_items} i ON i.order_id = o.id
        WHERE o.status = 'CREATED' AND i.product_id = ${productId}`,
      ([row]) => Number(row?.units ?? 0)
    )

  const apply = Effect.fnUntraced(function* (productId: ProductId, { delta, reason, at, by }: Adjustment) {
    const [row] = yield* sql<ProductRow & { supplied: bigint }>`
      SELECT ${productColumns(sql)}, supplied
      FROM ${table.products} WHERE id = ${productId} FOR NO KEY UPDATE`
    if (row === undefined) return yield* new ProductNotFound({ productId })
    // Stock and open units are never more than was ever supplied, so mostly there is nothing to count.
    const open = Number(row.supplied) + delta > largest ? yield* openUnits(productId) : 0
    const product = yield* Effect.fromResult(adjust(toProduct(row), delta, open, at))
    yield* sql`
      UPDATE ${table.products}
      SET stock = stock + ${delta}, supplied = supplied + ${delta}, updated_at = ${at}
      WHERE id = ${productId}`
    yield* sql`
      INSERT INTO ${table.stock_adjustments} (product_id, delta, reason, at, by)
      VALUES (${productId}, ${delta}, ${reason}, ${at}, ${by})`
    return product
  })

  const save: CatalogStore["Service"]["adjustStock"] = (productId, adjustment, once) =>
    keys.exactlyOnce(
      once,
      adjustment.at,
      apply(productId, adjustment),
      remember,
      recall,
      Effect.succeed([{ of: "products", id: productId }])
    )
  return save
})
