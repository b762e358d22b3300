import { Context, Effect, Layer, Option, Stream } from "effect"
import {
  type Category,
  CategoryKey,
  type CategoryNameTaken,
  type CategoryNotFound
} from "../domain/catalog/Category.ts"
import {
  create,
  type InsufficientStock,
  type Product,
  ProductNotFound,
  type SkuTaken
} from "../domain/catalog/Product.ts"
import { ProductKey, productKey } from "../domain/catalog/ProductListing.ts"
import { systemActor } from "../domain/shared/Attribution.ts"
import {
  claimFor,
  type IdempotencyKeyReused,
  type IdempotentResult,
  resultOf
} from "../domain/shared/Idempotency.ts"
import { CategoryId, ProductId } from "../domain/shared/Ids.ts"
import type { InvalidInput } from "../domain/shared/InvalidInput.ts"
import { defaultLimit, keyset, type Page } from "../domain/shared/Page.ts"
import { CatalogStore, type KnownPage, type ProductListing } from "../ports/CatalogStore.ts"
import type { StoreUnavailable } from "../ports/errors.ts"
import { traced } from "../telemetry/Traced.ts"
import { allPages } from "./AllPages.ts"
import { Ids, now } from "./Ids.ts"
import {
  type AdjustStockInput,
  type CategoryQueryInput,
  type ChangeProductInput,
  type CreateCategoryInput,
  type CreateProductInput,
  decodeAdjustStock,
  decodeCategoryQuery,
  decodeChangeProduct,
  decodeCreateCategory,
  decodeCreateProduct,
  decodeProductFilter,
  decodeProductId,
  decodeProductQuery,
  decodeRenameCategory,
  type ProductFilterInput,
  type ProductQueryInput,
  type RenameCategoryInput
} from "./inputs/Catalog.ts"
import type { ChangeOptions } from "./inputs/Options.ts"

type CreateProduct<A> = (
  input: CreateProductInput,
  options?: ChangeOptions
) => Effect.Effect<A, InvalidInput | CategoryNotFound | SkuTaken | IdempotencyKeyReused | StoreUnavailable>

type AdjustStock<A> = (
  input: AdjustStockInput,
  options?: ChangeOptions
) => Effect.Effect<
  A,
  InvalidInput | ProductNotFound | InsufficientStock | IdempotencyKeyReused | StoreUnavailable
>

/** Creates, changes and lists categories and products. Trusts its caller: check access before. */
export class Catalog extends Context.Service<
  Catalog,
  {
    /** Creates a category. Does not record the actor, who is only the scope of the idempotency key. */
    readonly createCategory: (
      input: CreateCategoryInput,
      options?: ChangeOptions
    ) => Effect.Effect<Category, InvalidInput | CategoryNameTaken | IdempotencyKeyReused | StoreUnavailable>
    /**
     * Gives a category another name, or the same. Does not record the actor, who is only the scope of the idempotency key.
     */
    readonly renameCategory: (
      input: RenameCategoryInput,
      options?: ChangeOptions
    ) => Effect.Effect<
      Category,
      InvalidInput | CategoryNotFound | CategoryNameTaken | IdempotencyKeyReused | StoreUnavailable
    >
    /** Returns a page of the categories, in the order of their creation. */
    readonly categories: (
      query?: CategoryQueryInput
    ) => Effect.Effect<Page<Category>, InvalidInput | StoreUnavailable>
    /** Streams all categories, in the order of their creation. Reads a page when its first category is needed. */
    readonly allCategories: () => Stream.Stream<Category, InvalidInput | StoreUnavailable>
    /** Creates a product, active and with its stock. Records the actor with the stock. */
    readonly createProduct: CreateProduct<Product>
    /** Does the same, and tells whether the result is a replay of an earlier call with the same key. */
    readonly createProductOrReplay: CreateProduct<IdempotentResult<Product>>
    /**
     * Changes the given members of a product. Earlier orders keep their price snapshot. Does not record the actor, who is only
     * the scope of the idempotency key.
     */
    readonly changeProduct: (
      input: ChangeProductInput,
      options?: ChangeOptions
    ) => Effect.Effect<
      Product,
      InvalidInput | ProductNotFound | CategoryNotFound | SkuTaken | IdempotencyKeyReused | StoreUnavailable
    >
    /** Adds units to the stock of a product, or takes units from it. Records the actor and the reason. */
    readonly adjustStock: AdjustStock<Product>
    /** Does the same, and tells whether the result is a replay of an earlier call with the same key. */
    readonly adjustStockOrReplay: AdjustStock<IdempotentResult<Product>>
    /** Returns a product, active or inactive: earlier orders refer to inactive products. */
    readonly product: (
      productId: string
    ) => Effect.Effect<Product, InvalidInput | ProductNotFound | StoreUnavailable>
    /** Returns a page of the active products, or of those that `active` names. */
    readonly products: (
      query?: ProductQueryInput
    ) => Effect.Effect<Page<Product>, InvalidInput | StoreUnavailable>
    /** Returns the page as `products` does, or `undefined` if the store knows that it is the known one. */
    readonly productsUnlessKnown: (
      query: ProductQueryInput,
      known: KnownPage
    ) => Effect.Effect<Page<Product> | undefined, InvalidInput | StoreUnavailable>
    /** Streams all active products, or those that `active` names. Reads a page when its first product is needed. */
    readonly allProducts: (
      filter?: ProductFilterInput
    ) => Stream.Stream<Product, InvalidInput | StoreUnavailable>
  }
>()("effect-commerce/services/Catalog") {
  static readonly layer = Layer.effect(
    Catalog,
    Effect.suspend(() => make)
  ).pipe(Layer.provide(Ids.layer))
}

const categoryPages = keyset(CategoryKey)
const productPages = {
  newest: keyset(ProductKey.newest),
  name: keyset(ProductKey.name),
  price: keyset(ProductKey.price),
  "-price": keyset(ProductKey["-price"])
}

/** Where `null` or an empty list is the default, a request with it is the same as one without. */
const withoutDefaults = (request: object) =>
  Object.fromEntries(
    Object.entries(request).filter(
      ([, value]) => value !== null && !(Array.isArray(value) && value.length === 0)
    )
  )

const make = Effect.gen(function* () {
  const store = yield* CatalogStore
  const newId = yield* Ids

  const createCategory = Effect.fnUntraced(function* (input: CreateCategoryInput, options?: ChangeOptions) {
    const [request, { actor = systemActor, idempotencyKey }] = yield* decodeCreateCategory(input, options)
    const category: Category = { id: yield* newId(CategoryId), ...request, createdAt: yield* now }
    const claim = claimFor("create category", actor, idempotencyKey, request)
    return resultOf(yield* store.addCategory(category, claim))
  })

  const renameCategory = Effect.fnUntraced(function* (input: RenameCategoryInput, options?: ChangeOptions) {
    const [request, { actor = systemActor, idempotencyKey }] = yield* decodeRenameCategory(input, options)
    const claim = claimFor("rename category", actor, idempotencyKey, request)
    return resultOf(yield* store.renameCategory(request.categoryId, request.name, yield* now, claim))
  })

  const categories = Effect.fnUntraced(function* (input: CategoryQueryInput = {}) {
    const { limit = defaultLimit, cursor } = yield* decodeCategoryQuery(input)
    const pages = categoryPages("categories")
    const after = yield* Effect.fromResult(pages.after(cursor))
    const found = yield* store.categories(after?.[0], limit + 1)
    return pages.page(found, limit, ({ id }) => [id] as const)
  })

  const allCategories = () => allPages(categories)

  const createProductOrReplay = Effect.fnUntraced(function* (
    input: CreateProductInput,
    options?: ChangeOptions
  ) {
    const [request, { actor = systemActor, idempotencyKey }] = yield* decodeCreateProduct(input, options)
    const product = create(request, { id: yield* newId(ProductId), at: yield* now })
    const claim = claimFor("create product", actor, idempotencyKey, withoutDefaults(request))
    return yield* store.addProduct(product, actor, claim)
  })

  const changeProduct = Effect.fnUntraced(function* (input: ChangeProductInput, options?: ChangeOptions) {
    const [request, { actor = systemActor, idempotencyKey }] = yield* decodeChangeProduct(input, options)
    const { productId, ...change } = request
    const claim = claimFor("change product", actor, idempotencyKey, request)
    return resultOf(yield* store.changeProduct(productId, change, yield* now, claim))
  })

  const adjustStockOrReplay = Effect.fnUntraced(function* (input: AdjustStockInput, options?: ChangeOptions) {
    const [request, { actor = systemActor, idempotencyKey }] = yield* decodeAdjustStock(input, options)
    const { productId, delta, reason = null } = request
    const adjustment = { delta, reason, at: yield* now, actor }
    const claim = claimFor("adjust stock", actor, idempotencyKey, withoutDefaults(request))
    return yield* store.adjustStock(productId, adjustment, claim)
  })

  const product = Effect.fnUntraced(function* (input: string) {
    const productId = yield* decodeProductId(input)
    const found = yield* store.product(productId)
    return yield* Option.isSome(found) ? Effect.succeed(found.value) : new ProductNotFound({ productId })
  })

  /** Reads a page of products by `read`, which may say that there is nothing to read. */
  const pageBy = Effect.fnUntraced(function* <Nothing extends undefined>(
    input: ProductQueryInput,
    read: (listing: ProductListing) => Effect.Effect<ReadonlyArray<Product> | Nothing, StoreUnavailable>
  ) {
    const {
      limit = defaultLimit,
      cursor,
      sort = "newest",
      categoryId,
      q,
      inStock,
      active = true
    } = yield* decodeProductQuery(input)
    const pages = productPages[sort]({ categoryId, q, inStock, sort, ...(active !== true && { active }) })
    const after = yield* Effect.fromResult(pages.after(cursor))
    const listing = { categoryId, q, inStock, active, sort, after, take: limit + 1 }
    const found: ReadonlyArray<Product> | undefined = yield* read(listing)
    if (found === undefined) return undefined as Nothing
    return pages.page(found, limit, (item) => productKey(item, sort))
  })

  const products = (input: ProductQueryInput = {}) => pageBy<never>(input, store.products)

  const productsUnlessKnown: Catalog["Service"]["productsUnlessKnown"] = (input, known) =>
    pageBy(input, (listing) =>
      store.productsUnlessKnown === undefined
        ? store.products(listing)
        : store.productsUnlessKnown(listing, known)
    )

  const allProducts = (input: ProductFilterInput = {}) =>
    Stream.unwrap(
      Effect.map(decodeProductFilter(input), (filter) => allPages((page) => products({ ...filter, ...page })))
    )

  return Catalog.of(
    traced("Catalog", {
      createCategory,
      renameCategory,
      categories,
      allCategories,
      createProduct: (input, options) => Effect.map(createProductOrReplay(input, options), resultOf),
      createProductOrReplay,
      changeProduct,
      adjustStock: (input, options) => Effect.map(adjustStockOrReplay(input, options), resultOf),
      adjustStockOrReplay,
      product,
      products,
      productsUnlessKnown,
      allProducts
    })
  )
})
