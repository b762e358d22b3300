import { Effect } from "effect"
import { adjust, ProductNotFound } from "../../../domain/catalog/Product.ts"
import type { IdempotencyClaim } from "../../../domain/shared/Idempotency.ts"
import type { ProductId } from "../../../domain/shared/Ids.ts"
import type { Adjustment, CatalogStore } from "../../../ports/CatalogStore.ts"
import { batcher } from "../execution/Batcher.ts"
import { unbatched } from "../execution/BatchOperation.ts"
import { Database } from "../execution/Database.ts"
import { idempotencyKeys } from "../idempotency/IdempotencyKeys.ts"
import { type ProductRow, productColumns, storedProducts, toProduct } from "./ProductRecords.ts"

interface Adjust {
  readonly productId: ProductId
  readonly adjustment: Adjustment
  readonly idempotency: IdempotencyClaim | undefined
}

export const adjustStock = Effect.gen(function* () {
  const { sql, table } = yield* Database
  const keys = yield* idempotencyKeys

  const apply = Effect.fnUntraced(function* (productId: ProductId, { delta, reason, at, actor }: Adjustment) {
    const [row] = yield* sql<ProductRow & { received_total: bigint }>`
      SELECT ${productColumns(sql)}, received_total
      FROM ${table.products} WHERE id = ${productId} FOR NO KEY UPDATE`
    if (row === undefined) return yield* new ProductNotFound({ productId })
    // Each received unit is in stock or in an order.
    const held = Number(row.received_total) - Number(row.stock)
    const product = yield* Effect.fromResult(adjust(toProduct(row), delta, held, at))
    yield* sql`
      UPDATE ${table.products}
      SET stock = stock + ${delta}, received_total = received_total + ${delta}, updated_at = ${product.updatedAt}
      WHERE id = ${productId}`
    yield* sql`
      INSERT INTO ${table.stock_adjustments} (product_id, delta, reason, at, actor)
      VALUES (${productId}, ${delta}, ${reason}, ${at}, ${actor})`
    return product
  })

  const submit = yield* batcher(
    unbatched({
      name: "adjust stock",
      execute: ({ productId, adjustment, idempotency }: Adjust) =>
        keys.guard(idempotency, adjustment.at, apply(productId, adjustment), storedProducts),
      lockTargets: ({ productId }) => [{ table: "products", id: productId }]
    })
  )
  const save: CatalogStore["Service"]["adjustStock"] = (productId, adjustment, idempotency) =>
    submit({ productId, adjustment, idempotency })
  return save
})
