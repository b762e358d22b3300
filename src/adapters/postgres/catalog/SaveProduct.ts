import { Array as Arr, Effect } from "effect"
import type { SqlError } from "effect/sql"
import { CategoryNotFound } from "../../../domain/catalog/Category.ts"
import {
  change,
  type Product,
  type ProductChange,
  ProductNotFound,
  SkuTaken,
  searchTokensOf
} from "../../../domain/catalog/Product.ts"
import type { IdempotencyClaim } from "../../../domain/shared/Idempotency.ts"
import type { CategoryId, ProductId } from "../../../domain/shared/Ids.ts"
import { normalizeKey } from "../../../domain/shared/Text.ts"
import type { CatalogStore } from "../../../ports/CatalogStore.ts"
import { batcher } from "../execution/Batcher.ts"
import { unbatched } from "../execution/BatchOperation.ts"
import { Database } from "../execution/Database.ts"
import { idempotencyKeys } from "../idempotency/IdempotencyKeys.ts"
import { imagesText, type ProductRow, productColumns, storedProducts, toProduct } from "./ProductRecords.ts"

const normalizedSku = ({ sku }: Product) => (sku === null ? null : normalizeKey(sku))

const categoryExists = Effect.map(
  Database,
  ({ sql, table }) =>
    (categoryId: CategoryId) =>
      sql`SELECT id FROM ${table.categories} WHERE id = ${categoryId} FOR KEY SHARE`.pipe(
        Effect.filterOrFail(Arr.isReadonlyArrayNonEmpty, () => new CategoryNotFound({ categoryId }))
      )
)

interface Add {
  readonly product: Product
  readonly actor: string
  readonly idempotency: IdempotencyClaim | undefined
}

export const addProduct = Effect.gen(function* () {
  const { sql, table } = yield* Database
  const keys = yield* idempotencyKeys
  const checkCategory = yield* categoryExists

  const insert = Effect.fnUntraced(function* (product: Product, actor: string) {
    yield* checkCategory(product.categoryId)
    yield* sql`
      INSERT INTO ${table.products} (id, category_id, name, description, sku, normalized_sku, search, currency, price,
        tax_class, images, stock, received_total, active, created_at, updated_at)
      VALUES (${product.id}, ${product.categoryId}, ${product.name}, ${product.description}, ${product.sku},
        ${normalizedSku(product)}, array_to_tsvector(${searchTokensOf(product)}::text[]), ${product.price.currency},
        ${product.price.amount}, ${product.taxClass ?? null}, ${imagesText(product)}::text::jsonb, ${product.stock}, ${product.stock}, ${product.active}, ${product.createdAt},
        ${product.updatedAt})
      ON CONFLICT (normalized_sku) DO NOTHING
      RETURNING id`.pipe(
      Effect.filterOrFail(Arr.isReadonlyArrayNonEmpty, () => new SkuTaken({ sku: product.sku ?? "" }))
    )
    yield* sql`
      INSERT INTO ${table.stock_adjustments} (product_id, delta, reason, at, actor)
      VALUES (${product.id}, ${product.stock}, 'opening stock', ${product.createdAt}, ${actor})`
    return product
  })

  const submit = yield* batcher(
    unbatched({
      name: "create product",
      execute: ({ product, actor, idempotency }: Add) =>
        keys.guard(idempotency, product.createdAt, insert(product, actor), storedProducts),
      lockTargets: () => []
    })
  )
  const add: CatalogStore["Service"]["addProduct"] = (product, actor, idempotency) =>
    submit({ product, actor, idempotency })
  return add
})

interface Change {
  readonly productId: ProductId
  readonly input: ProductChange
  readonly at: Date
  readonly idempotency: IdempotencyClaim | undefined
}

export const changeProduct = Effect.gen(function* () {
  const { sql, table } = yield* Database
  const keys = yield* idempotencyKeys
  const checkCategory = yield* categoryExists

  const update = Effect.fnUntraced(function* (productId: ProductId, input: ProductChange, at: Date) {
    const [row] = yield* sql<ProductRow>`
      SELECT ${productColumns(sql)} FROM ${table.products} WHERE id = ${productId} FOR NO KEY UPDATE`
    if (row === undefined) return yield* new ProductNotFound({ productId })
    const product = change(toProduct(row), input, at)
    if (product.categoryId !== row.category_id) yield* checkCategory(product.categoryId)
    yield* sql`
      UPDATE ${table.products}
      SET category_id = ${product.categoryId}, name = ${product.name}, description = ${product.description},
        sku = ${product.sku}, normalized_sku = ${normalizedSku(product)},
        search = array_to_tsvector(${searchTokensOf(product)}::text[]), currency = ${product.price.currency},
        price = ${product.price.amount}, tax_class = ${product.taxClass ?? null},
        images = ${imagesText(product)}::text::jsonb, active = ${product.active}, updated_at = ${product.updatedAt}
      WHERE id = ${productId}`.pipe(
      Effect.catchIf(isSkuTaken, () => new SkuTaken({ sku: product.sku ?? "" }))
    )
    return product
  })

  const submit = yield* batcher(
    unbatched({
      name: "change product",
      execute: ({ productId, input, at, idempotency }: Change) =>
        keys.guard(idempotency, at, update(productId, input, at), storedProducts),
      lockTargets: ({ productId }) => [{ table: "products", id: productId }]
    })
  )
  const save: CatalogStore["Service"]["changeProduct"] = (productId, input, at, idempotency) =>
    submit({ productId, input, at, idempotency })
  return save
})

const isSkuTaken = (error: SqlError.SqlError): boolean =>
  error.reason._tag === "UniqueViolation" && error.reason.constraint === "products_normalized_sku_key"
