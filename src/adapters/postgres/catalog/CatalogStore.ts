import { Array as Arr, Effect, Layer } from "effect"
import type { SqlError } from "effect/sql"
import { type Category, CategoryNameTaken, CategoryNotFound } from "../../../domain/catalog/Category.ts"
import type { CategoryId } from "../../../domain/shared/Ids.ts"
import { normalizeKey } from "../../../domain/shared/Text.ts"
import { CatalogStore } from "../../../ports/CatalogStore.ts"
import { epochMillis } from "../execution/ColumnTypes.ts"
import { Database } from "../execution/Database.ts"
import { sharedRows } from "../execution/SharedReads.ts"
import { idempotencyKeys } from "../idempotency/IdempotencyKeys.ts"
import { replicated } from "../replica/ReplicatedReads.ts"
import { adjustStock } from "./AdjustStock.ts"
import { listProducts } from "./ListProducts.ts"
import {
  type CategoryRow,
  type ProductRow,
  productColumns,
  storedCategories,
  toCategory,
  toProduct
} from "./ProductRecords.ts"
import { addProduct, changeProduct } from "./SaveProduct.ts"

const categoryColumns = `id, name, ${epochMillis("created_at")}`

const catalogReads = Effect.gen(function* () {
  const { sql, table, query } = yield* Database
  const categories: CatalogStore["Service"]["categories"] = (after, take) =>
    query(
      sql<CategoryRow>`
        SELECT ${sql.literal(categoryColumns)}
        FROM ${table.categories}
        ${after === undefined ? sql`` : sql`WHERE id > ${after}`}
        ORDER BY id
        LIMIT ${take}`.pipe(Effect.map(Arr.map(toCategory)))
    )
  const product = yield* sharedRows(
    (ids) =>
      sql<ProductRow>`SELECT ${productColumns(sql)} FROM ${table.products} WHERE id = ANY(${ids}::uuid[])`,
    ({ id }) => id,
    toProduct
  )
  return { categories, product, ...(yield* listProducts) }
})

export const PgCatalogStore = Layer.effect(
  CatalogStore,
  Effect.gen(function* () {
    const { sql, table, transaction } = yield* Database
    const keys = yield* idempotencyKeys

    const insertCategory = (category: Category) =>
      sql`
        INSERT INTO ${table.categories} (id, name, normalized_name, created_at)
        VALUES (${category.id}, ${category.name}, ${normalizeKey(category.name)}, ${category.createdAt})
        ON CONFLICT (normalized_name) DO NOTHING
        RETURNING id`.pipe(
        Effect.filterOrFail(
          Arr.isReadonlyArrayNonEmpty,
          () => new CategoryNameTaken({ name: category.name })
        ),
        Effect.as(category)
      )

    const updateName = (categoryId: CategoryId, name: string) =>
      sql<CategoryRow>`
        UPDATE ${table.categories} SET name = ${name}, normalized_name = ${normalizeKey(name)}
        WHERE id = ${categoryId}
        RETURNING ${sql.literal(categoryColumns)}`.pipe(
        Effect.catchIf(isNameTaken, () => new CategoryNameTaken({ name })),
        Effect.filterOrFail(Arr.isReadonlyArrayNonEmpty, () => new CategoryNotFound({ categoryId })),
        Effect.map(([row]) => toCategory(row))
      )

    return CatalogStore.of({
      addCategory: (category, idempotency) =>
        transaction(keys.guard(idempotency, category.createdAt, insertCategory(category), storedCategories)),

      renameCategory: (id, name, at, idempotency) =>
        transaction(keys.guard(idempotency, at, updateName(id, name), storedCategories)),

      ...(yield* replicated(catalogReads)),
      addProduct: yield* addProduct,
      changeProduct: yield* changeProduct,
      adjustStock: yield* adjustStock
    })
  })
)

const isNameTaken = (error: SqlError.SqlError): boolean =>
  error.reason._tag === "UniqueViolation" && error.reason.constraint === "categories_normalized_name_key"
