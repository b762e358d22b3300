import { Result, Schema } from "effect"
import { CategoryId, ProductId } from "../shared/Ids.ts"
import { Instant } from "../shared/Instant.ts"
import { Integer } from "../shared/Integer.ts"
import { type InvalidInput, invalidAt } from "../shared/InvalidInput.ts"
import { Price, StoredMoney } from "../shared/Money.ts"
import { Name, Prose, StoredText } from "../shared/Text.ts"
import { NewProductImages, ProductImage, withImages } from "./ProductImage.ts"
import { indexTokens, searchConditions } from "./SearchTokens.ts"

/** Schema of a product name: 1 to 200 characters, not blank. */
export const ProductName = Name(200)
/** Schema of a SKU: 1 to 64 characters, not blank. Unique in the shop; case is ignored. */
export const Sku = Name(64)
/** Schema of a product description: at most 10,000 characters, with tabs and line breaks. */
export const Description = Prose(10_000)

/** Schema of a tax class: a word of the shop's pricing, 1 to 100 characters, not blank. */
export const TaxClass = Name(100)

/** Maximum stock of a product, in units. */
export const maxStock = 10 ** 12

/** Units that can still be sold: 0 to 10^12. */
export const Stock = Integer(0, maxStock)

/**
 * A product. `price` is the price of one unit, `stock` the number of units. An inactive product is neither listed
 * nor sold. `updatedAt` is the time of the last change by the shop, later with every one; orders change the stock alone. `taxClass`
 * is a word for the pricing of the shop; it is absent if the product has none. `images` are in the order in which they are shown; the
 * field is absent if there are none.
 */
export const Product = Schema.Struct({
  id: ProductId,
  categoryId: CategoryId,
  name: StoredText,
  description: Schema.NullOr(StoredText),
  sku: Schema.NullOr(StoredText),
  price: StoredMoney,
  taxClass: Schema.optionalKey(StoredText),
  images: Schema.optionalKey(Schema.Array(ProductImage)),
  stock: Integer(0, Number.MAX_SAFE_INTEGER),
  active: Schema.Boolean,
  createdAt: Instant,
  updatedAt: Instant
}).annotate({ identifier: "Product" })
export interface Product extends Schema.Schema.Type<typeof Product> {}

/** The fields of a product that tell pricing what kind of product it is. */
export type Classification = Pick<Product, "categoryId" | "taxClass">

/** The fields of a product that placing an order needs. Only pricing needs its classification. */
export type Offer = Pick<Product, "id" | "name" | "sku" | "price" | "stock" | "active"> &
  Partial<Classification>

/** Input for a new product. `description`, `sku` and `taxClass` default to `null`, `images` to none. */
export const NewProduct = Schema.Struct({
  categoryId: CategoryId,
  name: ProductName,
  description: Schema.optional(Schema.NullOr(Description)),
  sku: Schema.optional(Schema.NullOr(Sku)),
  price: Price,
  taxClass: Schema.optional(Schema.NullOr(TaxClass)),
  images: Schema.optional(NewProductImages),
  stock: Stock
}).annotate({ identifier: "NewProduct" })
export interface NewProduct extends Schema.Schema.Type<typeof NewProduct> {}

/**
 * Input for a change of a product. Absent fields stay unchanged; `null` clears `description`, `sku` and `taxClass`. `images` replaces
 * all images, and an empty list removes them.
 * The stock changes by adjustments only.
 */
export const ProductChange = Schema.Struct({
  categoryId: Schema.optional(CategoryId),
  name: Schema.optional(ProductName),
  description: Schema.optional(Schema.NullOr(Description)),
  sku: Schema.optional(Schema.NullOr(Sku)),
  price: Schema.optional(Price),
  taxClass: Schema.optional(Schema.NullOr(TaxClass)),
  images: Schema.optional(NewProductImages),
  active: Schema.optional(Schema.Boolean)
}).annotate({ identifier: "ProductChange" })
export interface ProductChange extends Schema.Schema.Type<typeof ProductChange> {}

/** Input for a stock adjustment. `delta` is the number of units that arrived (positive) or were lost (negative). */
export const StockAdjustment = Schema.Struct({
  delta: Integer(-maxStock, maxStock).check(
    Schema.makeFilter((delta) => delta !== 0, {
      expected: "an integer other than 0",
      toJsonSchema: () => ({ not: { const: 0 } })
    })
  ),
  reason: Schema.optional(Schema.NullOr(Prose(500)))
}).annotate({ identifier: "StockAdjustment" })
export interface StockAdjustment extends Schema.Schema.Type<typeof StockAdjustment> {}

/** Refusal: no product has this id. */
export class ProductNotFound extends Schema.TaggedError<ProductNotFound>()("ProductNotFound", {
  productId: Schema.String
}) {
  override get message() {
    return `No product has the id ${this.productId}.`
  }
}

/** Refusal: another product has this SKU. Case is ignored. */
export class SkuTaken extends Schema.TaggedError<SkuTaken>()("SkuTaken", { sku: Schema.String }) {
  override get message() {
    return "Another product already has this SKU."
  }
}

/** A product with less stock than requested. */
export const Shortage = Schema.Struct({
  productId: Schema.String,
  requested: Schema.Int,
  available: Schema.Int
}).annotate({ identifier: "Shortage" })

/** Refusal: the stock is insufficient. `shortages` lists every product concerned. */
export class InsufficientStock extends Schema.TaggedError<InsufficientStock>()("InsufficientStock", {
  shortages: Schema.Array(Shortage)
}) {
  override get message() {
    return this.shortages
      .map(
        ({ productId, requested, available }) =>
          `Insufficient stock of ${productId}: requested ${requested}, available ${available}`
      )
      .join("; ")
  }
}

const classified = (taxClass: string | null | undefined) =>
  taxClass === null || taxClass === undefined ? {} : { taxClass }

/** Returns a new, active product. */
export const create = (
  input: NewProduct,
  created: { readonly id: ProductId; readonly at: Date }
): Product => ({
  id: created.id,
  categoryId: input.categoryId,
  name: input.name,
  description: input.description ?? null,
  sku: input.sku ?? null,
  price: input.price,
  ...classified(input.taxClass),
  ...withImages(input.images),
  stock: input.stock,
  active: true,
  createdAt: created.at,
  updatedAt: created.at
})

/**
 * Returns the time of a change: later than that of every change before, even if two fall into one millisecond, or the clock was set
 * back. So no two states of a product have both the time of their last change and their stock in common.
 */
const timeOfChange = ({ updatedAt }: Pick<Product, "updatedAt">, at: Date): Date =>
  at > updatedAt ? at : new Date(updatedAt.getTime() + 1)

/** Returns a text that no other state of this product has, and no other product. Orders change nothing but the stock. */
export const productVersion = ({ id, stock, updatedAt }: Product): string =>
  `${id} ${updatedAt.getTime()} ${stock}`

/** Returns the product with the given fields changed. `null` clears a field; `undefined` leaves it unchanged. */
export const change = (
  { taxClass, images, ...product }: Product,
  input: ProductChange,
  at: Date
): Product => ({
  ...product,
  categoryId: input.categoryId ?? product.categoryId,
  name: input.name ?? product.name,
  description: input.description === undefined ? product.description : input.description,
  sku: input.sku === undefined ? product.sku : input.sku,
  price: input.price ?? product.price,
  ...classified(input.taxClass === undefined ? taxClass : input.taxClass),
  ...withImages(input.images ?? images),
  active: input.active ?? product.active,
  updatedAt: timeOfChange(product, at)
})

/**
 * Adds `delta` to the stock. Fails with `InsufficientStock` or `InvalidInput`.
 *
 * `heldUnits` are the units that orders keep from the stock, shipped ones too: all of them may come back. Stock plus held
 * units stay within the maximum, so that restocking never exceeds it.
 */
export const adjust = (
  product: Product,
  delta: number,
  heldUnits: number,
  at: Date
): Result.Result<Product, InsufficientStock | InvalidInput> => {
  const stock = product.stock + delta
  if (stock < 0) {
    return Result.fail(
      new InsufficientStock({
        shortages: [{ productId: product.id, requested: -delta, available: product.stock }]
      })
    )
  }
  return stock + heldUnits > maxStock
    ? Result.fail(invalidAt("/delta", `The sum of stock and units in orders must not exceed ${maxStock}`))
    : Result.succeed({ ...product, stock, updatedAt: timeOfChange(product, at) })
}

/** Returns the tokens by which the search finds a product: those of its name and its SKU. */
export const searchTokensOf = (product: Pick<Product, "name" | "sku">): ReadonlyArray<string> =>
  indexTokens(`${product.name} ${product.sku ?? ""}`)

/**
 * Returns whether a product is found by a query: all conditions of the query hold. A blank query finds every product, and
 * another query without words, such as `%`, none.
 */
export const matches = (product: Pick<Product, "name" | "sku">, query: string): boolean => {
  const conditions = searchConditions(query)
  if (conditions.length === 0) return isBlankQuery(query)
  const own = searchTokensOf(product)
  const has = (prefix: string) => own.some((candidate) => candidate.startsWith(prefix))
  return conditions.every((alternatives) => alternatives.some((prefixes) => prefixes.every(has)))
}

/** Returns whether a query asks for nothing, as an empty search field does. */
export const isBlankQuery = (query: string): boolean => query.trim() === ""
