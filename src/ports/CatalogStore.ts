import { Context, type Effect, type Option } from "effect"
import type { Category, CategoryNameTaken, CategoryNotFound } from "../domain/catalog/Category.ts"
import type {
  InsufficientStock,
  Product,
  ProductChange,
  ProductNotFound,
  SkuTaken
} from "../domain/catalog/Product.ts"
import type { ProductActivity, ProductKey, ProductSort } from "../domain/catalog/ProductListing.ts"
import type {
  IdempotencyClaim,
  IdempotencyKeyReused,
  IdempotentResult
} from "../domain/shared/Idempotency.ts"
import type { CategoryId, ProductId } from "../domain/shared/Ids.ts"
import type { InvalidInput } from "../domain/shared/InvalidInput.ts"
import type { StoreUnavailable } from "./errors.ts"

/** Selects up to `take` products that match the filters and come after the key `after`. */
export interface ProductListing {
  readonly categoryId: CategoryId | undefined
  /** Search query. A product matches according to the domain's `matches`. */
  readonly q: string | undefined
  /** `true` selects products in stock, `false` products out of stock. */
  readonly inStock: boolean | undefined
  /** `true` selects active products, `false` inactive ones. Defaults to `true`. */
  readonly active?: ProductActivity | undefined
  readonly sort: ProductSort
  readonly after: ProductKey | undefined
  readonly take: number
}

/** A page of products that a caller has already. */
export interface KnownPage {
  /**
   * The first 32 hexadecimal digits of the SHA-256 digest of `salt` and the `pageVersion` of the page, in UTF-8: the `productVersion` of
   * its products, which are one less than `take`, and whether there are more.
   */
  readonly digest: string
  /** What the digest depends on besides. */
  readonly salt: string
}

/** A change of stock: positive `delta` adds units, negative `delta` removes them. */
export interface Adjustment {
  readonly delta: number
  readonly reason: string | null
  readonly at: Date
  readonly actor: string
}

/** Stores categories, products and stock. A write stores all its effects atomically or none of them. */
export class CatalogStore extends Context.Service<
  CatalogStore,
  {
    /**
     * Adds a category. Fails with `CategoryNameTaken` if another category has the same `normalizeKey` of the name, or
     * with `IdempotencyKeyReused`.
     */
    readonly addCategory: (
      category: Category,
      idempotency: IdempotencyClaim | undefined
    ) => Effect.Effect<
      IdempotentResult<Category>,
      CategoryNameTaken | IdempotencyKeyReused | StoreUnavailable
    >
    /**
     * Gives a category another name. A replay returns the category as it was after the first call.
     *
     * Fails with `CategoryNotFound`, with `CategoryNameTaken` if another category has the same `normalizeKey` of the name, or with
     * `IdempotencyKeyReused`. `at` is the time of the call.
     */
    readonly renameCategory: (
      id: CategoryId,
      name: string,
      at: Date,
      idempotency: IdempotencyClaim | undefined
    ) => Effect.Effect<
      IdempotentResult<Category>,
      CategoryNotFound | CategoryNameTaken | IdempotencyKeyReused | StoreUnavailable
    >
    /** Returns up to `take` categories after an id, in ascending order of ids. */
    readonly categories: (
      after: CategoryId | undefined,
      take: number
    ) => Effect.Effect<ReadonlyArray<Category>, StoreUnavailable>
    /**
     * Adds a product, and records its initial stock as its first adjustment.
     *
     * Fails with `CategoryNotFound`, with `SkuTaken` if another product has the same `normalizeKey` of the SKU, or
     * with `IdempotencyKeyReused`.
     */
    readonly addProduct: (
      product: Product,
      actor: string,
      idempotency: IdempotencyClaim | undefined
    ) => Effect.Effect<
      IdempotentResult<Product>,
      CategoryNotFound | SkuTaken | IdempotencyKeyReused | StoreUnavailable
    >
    /**
     * Applies `change` and stores the product.
     *
     * A replay returns the product as it was after the first call. Fails with `ProductNotFound`, `CategoryNotFound`,
     * `SkuTaken` or `IdempotencyKeyReused`.
     */
    readonly changeProduct: (
      id: ProductId,
      change: ProductChange,
      at: Date,
      idempotency: IdempotencyClaim | undefined
    ) => Effect.Effect<
      IdempotentResult<Product>,
      ProductNotFound | CategoryNotFound | SkuTaken | IdempotencyKeyReused | StoreUnavailable
    >
    /**
     * Applies `adjust`, and stores the product and the adjustment.
     *
     * A replay returns the product as it was after the first call. Fails with `ProductNotFound`,
     * `InsufficientStock`, `InvalidInput` or `IdempotencyKeyReused`.
     */
    readonly adjustStock: (
      id: ProductId,
      adjustment: Adjustment,
      idempotency: IdempotencyClaim | undefined
    ) => Effect.Effect<
      IdempotentResult<Product>,
      ProductNotFound | InsufficientStock | InvalidInput | IdempotencyKeyReused | StoreUnavailable
    >
    /** Returns a product, active or not, or none if the id is unknown. */
    readonly product: (id: ProductId) => Effect.Effect<Option.Option<Product>, StoreUnavailable>
    /** Returns the products of a listing. */
    readonly products: (listing: ProductListing) => Effect.Effect<ReadonlyArray<Product>, StoreUnavailable>
    /**
     * Returns the same, or `undefined` if the page is the known one. An adapter has this only if it is cheaper than to return the products.
     */
    readonly productsUnlessKnown?: (
      listing: ProductListing,
      known: KnownPage
    ) => Effect.Effect<ReadonlyArray<Product> | undefined, StoreUnavailable>
  }
>()("effect-commerce/ports/CatalogStore") {}
