import { Effect, identity, Layer, Option, Result } from "effect"
import { type Category, CategoryNameTaken, CategoryNotFound, rename } from "../../domain/catalog/Category.ts"
import {
  adjust,
  change,
  matches,
  type Product,
  ProductNotFound,
  SkuTaken
} from "../../domain/catalog/Product.ts"
import { compareKeys, descends, isListed, productKey } from "../../domain/catalog/ProductListing.ts"
import { heldUnits } from "../../domain/fulfilment/Units.ts"
import type { CategoryId, ProductId } from "../../domain/shared/Ids.ts"
import { normalizeKey } from "../../domain/shared/Text.ts"
import { CatalogStore, type ProductListing } from "../../ports/CatalogStore.ts"
import { MemoryState, type MemoryTables, withIdempotency } from "./MemoryState.ts"
import { MemoryTransactions } from "./MemoryTransactions.ts"

export const MemoryCatalogStore = Layer.effect(
  CatalogStore,
  Effect.map(Effect.all([MemoryState, MemoryTransactions]), ([state, transactions]) =>
    transactions.transactional<CatalogStore["Service"]>({
      addCategory: (category, idempotency) =>
        withIdempotency(
          state,
          idempotency,
          category.createdAt,
          () => saveCategory(state, category),
          identity
        ),

      renameCategory: (id, name, at, idempotency) =>
        withIdempotency(
          state,
          idempotency,
          at,
          () =>
            Result.flatMap(findCategory(state, id), (category) =>
              saveCategory(state, rename(category, name))
            ),
          identity
        ),

      categories: (after, take) =>
        Effect.sync(() =>
          [...state.categories.values()]
            .filter(({ id }) => after === undefined || id > after)
            .sort((a, b) => (a.id < b.id ? -1 : 1))
            .slice(0, take)
        ),

      addProduct: (product, actor, idempotency) =>
        withIdempotency(
          state,
          idempotency,
          product.createdAt,
          () =>
            Result.map(checkReferences(state, product), () => {
              const { id: productId, stock: delta, createdAt: at } = product
              state.products.set(productId, product)
              state.adjustments.push({ productId, delta, reason: "opening stock", at, actor })
              return product
            }),
          identity
        ),

      changeProduct: (productId, input, at, idempotency) =>
        withIdempotency(
          state,
          idempotency,
          at,
          () =>
            Result.gen(function* () {
              const product = change(yield* find(state, productId), input, at)
              yield* checkReferences(state, product)
              state.products.set(productId, product)
              return product
            }),
          identity
        ),

      adjustStock: (productId, adjustment, idempotency) =>
        withIdempotency(
          state,
          idempotency,
          adjustment.at,
          () =>
            Result.gen(function* () {
              const held = heldUnitsOf(state, productId)
              const known = yield* find(state, productId)
              const product = yield* adjust(known, adjustment.delta, held, adjustment.at)
              state.products.set(productId, product)
              state.adjustments.push({ ...adjustment, productId })
              return product
            }),
          identity
        ),

      product: (id) => Effect.sync(() => Option.fromUndefinedOr(state.products.get(id))),

      products: (listing) => Effect.sync(() => page([...state.products.values()], listing))
    })
  )
)

const findCategory = (
  state: MemoryTables,
  categoryId: CategoryId
): Result.Result<Category, CategoryNotFound> => {
  const category = state.categories.get(categoryId)
  return category === undefined ? Result.fail(new CategoryNotFound({ categoryId })) : Result.succeed(category)
}

/** Stores a category unless another one has its name. */
const saveCategory = (
  state: MemoryTables,
  category: Category
): Result.Result<Category, CategoryNameTaken> => {
  const key = normalizeKey(category.name)
  const taken = state.categories
    .values()
    .some(({ id, name }) => id !== category.id && normalizeKey(name) === key)
  if (taken) return Result.fail(new CategoryNameTaken({ name: category.name }))
  state.categories.set(category.id, category)
  return Result.succeed(category)
}

const find = (state: MemoryTables, productId: ProductId): Result.Result<Product, ProductNotFound> => {
  const product = state.products.get(productId)
  return product === undefined ? Result.fail(new ProductNotFound({ productId })) : Result.succeed(product)
}

/** Checks that the category exists and that no other product has the SKU. */
const checkReferences = (
  state: MemoryTables,
  product: Product
): Result.Result<void, CategoryNotFound | SkuTaken> => {
  const { categoryId, sku } = product
  if (!state.categories.has(categoryId)) return Result.fail(new CategoryNotFound({ categoryId }))
  if (sku === null) return Result.void
  const taken = state.products
    .values()
    .some(
      (other) =>
        other.id !== product.id && other.sku !== null && normalizeKey(other.sku) === normalizeKey(sku)
    )
  return taken ? Result.fail(new SkuTaken({ sku })) : Result.void
}

/** Counts the units that orders keep from the stock of a product. */
const heldUnitsOf = (state: MemoryTables, productId: ProductId): number =>
  state.orders
    .values()
    .flatMap(heldUnits)
    .filter((item) => item.productId === productId)
    .reduce((units, { quantity }) => units + quantity, 0)

const page = (products: ReadonlyArray<Product>, listing: ProductListing): ReadonlyArray<Product> => {
  const { categoryId, q, inStock, active, sort, after, take } = listing
  const sign = descends(sort) ? -1 : 1
  return products
    .filter(
      (product) =>
        isListed(product, active) &&
        (categoryId === undefined || product.categoryId === categoryId) &&
        (q === undefined || matches(product, q)) &&
        (inStock === undefined || product.stock > 0 === inStock) &&
        (after === undefined || sign * compareKeys(productKey(product, sort), after) > 0)
    )
    .sort((a, b) => sign * compareKeys(productKey(a, sort), productKey(b, sort)))
    .slice(0, take)
}
