import { Context, Effect, Layer, Option, Schema } from "effect"
import {
  type Category,
  CategoryKey,
  type CategoryNameTaken,
  type CategoryNotFound,
  CategoryQuery,
  NewCategory
} from "../domain/catalog/Category.ts"
import {
  create,
  type InsufficientStock,
  NewProduct,
  type Product,
  ProductChange,
  ProductNotFound,
  type SkuTaken,
  StockAdjustment
} from "../domain/catalog/Product.ts"
import { ProductKey, ProductQuery, productKey } from "../domain/catalog/ProductListing.ts"
import {
  claimFor,
  type IdempotencyKeyReused,
  type IdempotentResult,
  resultOf
} from "../domain/shared/Idempotency.ts"
import { CategoryId, ProductId } from "../domain/shared/Ids.ts"
import type { InvalidInput } from "../domain/shared/InvalidInput.ts"
import { defaultLimit, keyset, type Page } from "../domain/shared/Page.ts"
import { CatalogStore } from "../ports/CatalogStore.ts"
import type { StoreUnavailable } from "../ports/errors.ts"
import { traced } from "../telemetry/Traced.ts"
import { makeIds, now } from "./Ids.ts"
import { actorOf, decodeInput, idempotency } from "./Input.ts"

const CreateProduct = Schema.Struct({ ...NewProduct.fields, ...idempotency })
const ChangeProduct = Schema.Struct({ productId: ProductId, ...ProductChange.fields })
const AdjustStock = Schema.Struct({ productId: ProductId, ...StockAdjustment.fields, ...idempotency })

type CreateProduct<A> = (
  input: typeof CreateProduct.Encoded
) => Effect.Effect<A, InvalidInput | CategoryNotFound | SkuTaken | IdempotencyKeyReused | StoreUnavailable>

type AdjustStock<A> = (
  input: typeof AdjustStock.Encoded
) => Effect.Effect<
  A,
  InvalidInput | ProductNotFound | InsufficientStock | IdempotencyKeyReused | StoreUnavailable
>

/** Categories and products: creating, changing and listing them. Who may is for the caller to ask. */
export class Catalog extends Context.Service<
  Catalog,
  {
    readonly createCategory: (
      input: typeof NewCategory.Encoded
    ) => Effect.Effect<Category, InvalidInput | CategoryNameTaken | StoreUnavailable>
    /** In the order they were made. */
    readonly categories: (
      query?: typeof CategoryQuery.Encoded
    ) => Effect.Effect<Page<Category>, InvalidInput | StoreUnavailable>
    readonly createProduct: CreateProduct<Product>
    /** The same, and says whether the answer was given before. */
    readonly createProductOrReplay: CreateProduct<IdempotentResult<Product>>
    /** Changes what is named and nothing else; orders that were placed before keep their snapshot. */
    readonly changeProduct: (
      input: typeof ChangeProduct.Encoded
    ) => Effect.Effect<
      Product,
      InvalidInput | ProductNotFound | CategoryNotFound | SkuTaken | StoreUnavailable
    >
    /** Adds units to the stock, or takes some away. */
    readonly adjustStock: AdjustStock<Product>
    /** The same, and says whether the answer was given before. */
    readonly adjustStockOrReplay: AdjustStock<IdempotentResult<Product>>
    /** Any product, inactive ones too: old orders name them. */
    readonly product: (
      productId: string
    ) => Effect.Effect<Product, InvalidInput | ProductNotFound | StoreUnavailable>
    /** Active products only; the newest first if no sort is named. */
    readonly products: (
      query?: typeof ProductQuery.Encoded
    ) => Effect.Effect<Page<Product>, InvalidInput | StoreUnavailable>
  }
>()("effect-commerce/services/Catalog") {
  static readonly layer = Layer.effect(
    Catalog,
    Effect.suspend(() => make)
  )
}

const readCategory = decodeInput(NewCategory)
const readCategoryQuery = decodeInput(CategoryQuery)
const readNewProduct = decodeInput(CreateProduct)
const readChange = decodeInput(ChangeProduct)
const readAdjustment = decodeInput(AdjustStock)
const readProductId = decodeInput(ProductId)
const readProductQuery = decodeInput(ProductQuery)

const categoryPages = keyset(CategoryKey)
const productPages = {
  newest: keyset(ProductKey.newest),
  name: keyset(ProductKey.name),
  price: keyset(ProductKey.price),
  "-price": keyset(ProductKey["-price"])
}

const make = Effect.gen(function* () {
  const store = yield* CatalogStore
  const newId = yield* makeIds

  const createCategory = Effect.fnUntraced(function* (input: typeof NewCategory.Encoded) {
    const { name } = yield* readCategory(input)
    const category: Category = { id: yield* newId(CategoryId), name, createdAt: yield* now }
    yield* store.addCategory(category)
    return category
  })

  const categories = Effect.fnUntraced(function* (input: typeof CategoryQuery.Encoded = {}) {
    const { limit = defaultLimit, cursor } = yield* readCategoryQuery(input)
    const pages = categoryPages("categories")
    const after = yield* Effect.fromResult(pages.after(cursor))
    const found = yield* store.categories(after?.[0], limit + 1)
    return pages.page(found, limit, ({ id }) => [id] as const)
  })

  const createProductOrReplay = Effect.fnUntraced(function* (input: typeof CreateProduct.Encoded) {
    const { actor, idempotencyKey: key, ...request } = yield* readNewProduct(input)
    const product = create(request, { id: yield* newId(ProductId), at: yield* now })
    const scope = actorOf({ actor })
    return yield* store.addProduct(product, scope, claimFor("create product", scope, key, request))
  })

  const changeProduct = Effect.fnUntraced(function* (input: typeof ChangeProduct.Encoded) {
    const { productId, ...change } = yield* readChange(input)
    return yield* store.changeProduct(productId, change, yield* now)
  })

  const adjustStockOrReplay = Effect.fnUntraced(function* (input: typeof AdjustStock.Encoded) {
    const { actor, idempotencyKey: key, ...request } = yield* readAdjustment(input)
    const { productId, delta, reason = null } = request
    const scope = actorOf({ actor })
    const adjustment = { delta, reason, at: yield* now, actor: scope }
    return yield* store.adjustStock(productId, adjustment, claimFor("adjust stock", scope, key, request))
  })

  const product = Effect.fnUntraced(function* (input: string) {
    const productId = yield* readProductId(input)
    const found = yield* store.product(productId)
    return yield* Option.isSome(found) ? Effect.succeed(found.value) : new ProductNotFound({ productId })
  })

  const products = Effect.fnUntraced(function* (input: typeof ProductQuery.Encoded = {}) {
    const {
      limit = defaultLimit,
      cursor,
      sort = "newest",
      categoryId,
      q,
      inStock
    } = yield* readProductQuery(input)
    const pages = productPages[sort]({ categoryId, q, inStock, sort })
    const after = yield* Effect.fromResult(pages.after(cursor))
    const found = yield* store.products({ categoryId, q, inStock, sort, after, take: limit + 1 })
    return pages.page(found, limit, (item) => productKey(item, sort))
  })

  return Catalog.of(
    traced("Catalog", {
      createCategory,
      categories,
      createProduct: (input) => Effect.map(createProductOrReplay(input), resultOf),
      createProductOrReplay,
      changeProduct,
      adjustStock: (input) => Effect.map(adjustStockOrReplay(input), resultOf),
      adjustStockOrReplay,
      product,
      products
    })
  )
})
