import { Schema, Struct } from "effect"
import { CategoryChange, CategoryQuery, NewCategory } from "../../domain/catalog/Category.ts"
import { NewProduct, ProductChange, StockAdjustment } from "../../domain/catalog/Product.ts"
import { type ProductActivity, ProductQuery, type ProductSort } from "../../domain/catalog/ProductListing.ts"
import { CategoryId, ProductId } from "../../domain/shared/Ids.ts"
import { decodeCall, decodeInput } from "./Decode.ts"
import { ChangeFields, type ChangeOptions } from "./Options.ts"
import type { MoneyInput, PageInput } from "./Shared.ts"

/** What a category is created with. */
export interface CreateCategoryInput {
  /** One line of 1 to 100 characters, none of them invisible. Unique, ignoring case and width. Fails with `CategoryNameTaken` and with `InvalidInput`. */
  readonly name: string
}

/** The category to rename, and its new name. */
export interface RenameCategoryInput extends CreateCategoryInput {
  /** The id of the category, a UUID. Fails with `CategoryNotFound`. */
  readonly categoryId: string
}

/** The page of categories to list. */
export interface CategoryQueryInput extends PageInput {}

/** An image of a product. */
export interface ProductImageInput {
  /**
   * An absolute URL with `http` or `https`, at most 2,048 characters of ASCII, without a user or a password. Fails with
   * `InvalidInput`.
   */
  readonly url: string
  /** The text for those who do not see the image, at most 500 characters. Defaults to none. Fails with `InvalidInput`. */
  readonly alt?: string | undefined
}

/** What a product is created with. */
export interface CreateProductInput {
  /** The id of its category, a UUID. Fails with `CategoryNotFound`. */
  readonly categoryId: string
  /** One line of 1 to 200 characters, none of them invisible. Fails with `InvalidInput`. */
  readonly name: string
  /** At most 10,000 characters, with tabs and line breaks. Defaults to `null`, no description. Fails with `InvalidInput`. */
  readonly description?: string | null | undefined
  /**
   * A stock-keeping unit of 1 to 64 characters. Unique, ignoring case. Defaults to `null`, none. Fails with `SkuTaken` and
   * with `InvalidInput`.
   */
  readonly sku?: string | null | undefined
  /** The price of one unit, 0 to 10^12 minor units. Fails with `InvalidInput`. */
  readonly price: MoneyInput
  /** A word for the pricing of the shop, 1 to 100 characters. Defaults to `null`, none. Fails with `InvalidInput`. */
  readonly taxClass?: string | null | undefined
  /** At most 20 images, in the order in which they are shown. Defaults to none. Fails with `InvalidInput`. */
  readonly images?: ReadonlyArray<ProductImageInput> | undefined
  /** Units that can be sold, 0 to 10^12. Fails with `InvalidInput`. */
  readonly stock: number
}

/** What to change of a product. A member that is absent or `undefined` stays as it is. */
export interface ChangeProductInput {
  /** The id of the product, a UUID. Fails with `ProductNotFound`. */
  readonly productId: string
  /** The id of another category, a UUID. Defaults to the present one. Fails with `CategoryNotFound`. */
  readonly categoryId?: string | undefined
  /** 1 to 200 characters. Defaults to the present name. Fails with `InvalidInput`. */
  readonly name?: string | undefined
  /** At most 10,000 characters; `null` removes it. Defaults to the present one. Fails with `InvalidInput`. */
  readonly description?: string | null | undefined
  /** 1 to 64 characters; `null` removes it. Defaults to the present one. Fails with `SkuTaken` and with `InvalidInput`. */
  readonly sku?: string | null | undefined
  /** The price of one unit, 0 to 10^12 minor units. Defaults to the present one. Fails with `InvalidInput`. */
  readonly price?: MoneyInput | undefined
  /** 1 to 100 characters; `null` removes it. Defaults to the present one. Fails with `InvalidInput`. */
  readonly taxClass?: string | null | undefined
  /** At most 20 images, which replace the present ones; an empty list removes them. Defaults to the present ones. Fails with `InvalidInput`. */
  readonly images?: ReadonlyArray<ProductImageInput> | undefined
  /** Whether the product is listed and sold. Defaults to what it is. */
  readonly active?: boolean | undefined
}

/** Units to add to or to take from the stock of a product. */
export interface AdjustStockInput {
  /** The id of the product, a UUID. Fails with `ProductNotFound`. */
  readonly productId: string
  /**
   * Units to add, or to take if negative; an integer other than 0, at most 10^12 either way. Fails with `InsufficientStock` if
   * fewer units are left, and with `InvalidInput`.
   */
  readonly delta: number
  /** A note that is kept with the adjustment, at most 500 characters. Defaults to `null`, none. Fails with `InvalidInput`. */
  readonly reason?: string | null | undefined
}

/** A filter for products. */
export interface ProductFilterInput {
  /** Only products of this category, a UUID. Defaults to all. Fails with `InvalidInput`. */
  readonly categoryId?: string | undefined
  /**
   * Only products whose name or SKU contains every word, or its beginning, ignoring case, accents, width, hyphens and
   * apostrophes. Text without any word, such as "%", finds nothing. At most 200 characters. Defaults to all.
   * Fails with `InvalidInput`.
   */
  readonly q?: string | undefined
  /** `true` for products that are in stock, `false` for those that are not. Defaults to both. */
  readonly inStock?: boolean | undefined
  /**
   * `true` for active products, `false` for inactive ones, `"any"` for both. Defaults to `true`. Check before who may see inactive
   * products. Fails with `InvalidInput`.
   */
  readonly active?: ProductActivity | undefined
  /** Sorts by creation, name or price. Defaults to "newest". Fails with `InvalidInput`. */
  readonly sort?: ProductSort | undefined
}

/** A filter, a sort and a page of products. */
export interface ProductQueryInput extends ProductFilterInput, PageInput {}

export const decodeCreateCategory = decodeCall<CreateCategoryInput, ChangeOptions>()(
  NewCategory,
  ChangeFields
)
export const decodeRenameCategory = decodeCall<RenameCategoryInput, ChangeOptions>()(
  Schema.Struct({ categoryId: CategoryId, ...CategoryChange.fields }),
  ChangeFields
)
export const decodeCategoryQuery = decodeInput<CategoryQueryInput>()(CategoryQuery)
export const decodeCreateProduct = decodeCall<CreateProductInput, ChangeOptions>()(NewProduct, ChangeFields)
export const decodeChangeProduct = decodeCall<ChangeProductInput, ChangeOptions>()(
  Schema.Struct({ productId: ProductId, ...ProductChange.fields }),
  ChangeFields
)
export const decodeAdjustStock = decodeCall<AdjustStockInput, ChangeOptions>()(
  Schema.Struct({ productId: ProductId, ...StockAdjustment.fields }),
  ChangeFields
)
export const decodeProductId = decodeInput<string>()(ProductId)
export const decodeProductQuery = decodeInput<ProductQueryInput>()(ProductQuery)
export const decodeProductFilter = decodeInput<ProductFilterInput>()(
  ProductQuery.mapFields(Struct.omit(["limit", "cursor"]))
)
