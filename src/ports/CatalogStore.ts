import { Context, type Effect, type Option } from "effect"
import type { Category, CategoryNameTaken, CategoryNotFound } from "../domain/catalog/Category.ts"
import type {
  InsufficientStock,
  Product,
  ProductChange,
  ProductNotFound,
  SkuTaken
} from "../domain/catalog/Product.ts"
import type { ProductKey, ProductSort } from "../domain/catalog/ProductListing.ts"
import type {
  IdempotencyClaim,
  IdempotencyKeyReused,
  IdempotentResult
} from "../domain/shared/Idempotency.ts"
import type { CategoryId, ProductId } from "../domain/shared/Ids.ts"
import type { InvalidInput } from "../domain/shared/InvalidInput.ts"
import type { StoreUnavailable } from "./errors.ts"

/** The next `take` products after a key, of those that are active and fit the filters. */
export interface ProductListing {
  readonly categoryId: CategoryId | undefined
  /** As the domain's `matches` finds it. */
  readonly q: string | undefined
  /** `true`: only what is in stock; `false`: only what is not. */
  readonly inStock: boolean | undefined
  readonly sort: ProductSort
  readonly after: ProductKey | undefined
  readonly take: number
}

/** Units that come to a stock (`delta` positive) or leave it, when, why and by whom. */
export interface Adjustment {
  readonly delta: number
  readonly reason: string | null
  readonly at: Date
  readonly actor: string
}

/** Keeps categories, products and their stock. */
export class CatalogStore extends Context.Service<
  CatalogStore,
  {
    /** Unique by the `normalizeKey` of the name. */
    readonly addCategory: (category: Category) => Effect.Effect<void, CategoryNameTaken | StoreUnavailable>
    /** In the order of their ids. */
    readonly categories: (
      after: CategoryId | undefined,
      take: number
    ) => Effect.Effect<ReadonlyArray<Category>, StoreUnavailable>
    /** Unique by the `normalizeKey` of the SKU. The stock it starts with is its first adjustment. */
    readonly addProduct: (
      product: Product,
      actor: string,
      idempotency: IdempotencyClaim | undefined
    ) => Effect.Effect<
      IdempotentResult<Product>,
      CategoryNotFound | SkuTaken | IdempotencyKeyReused | StoreUnavailable
    >
    /** The domain's `change`, saved. */
    readonly changeProduct: (
      id: ProductId,
      change: ProductChange,
      at: Date
    ) => Effect.Effect<Product, ProductNotFound | CategoryNotFound | SkuTaken | StoreUnavailable>
    /** The domain's `adjust`, saved. A replay answers with the product as it was adjusted then. */
    readonly adjustStock: (
      id: ProductId,
      adjustment: Adjustment,
      idempotency: IdempotencyClaim | undefined
    ) => Effect.Effect<
      IdempotentResult<Product>,
      ProductNotFound | InsufficientStock | InvalidInput | IdempotencyKeyReused | StoreUnavailable
    >
    readonly product: (id: ProductId) => Effect.Effect<Option.Option<Product>, StoreUnavailable>
    readonly products: (listing: ProductListing) => Effect.Effect<ReadonlyArray<Product>, StoreUnavailable>
  }
>()("effect-commerce/ports/CatalogStore") {}
