import { Result, Schema } from "effect"
import { CategoryId, ProductId } from "../shared/Ids.ts"
import { Integer } from "../shared/Integer.ts"
import { type InvalidInput, invalidAt } from "../shared/InvalidInput.ts"
import { Price } from "../shared/Money.ts"
import { Name, Text } from "../shared/Text.ts"
import { searchTokens } from "./SearchTokens.ts"

/** 1 to 200 characters, with something to read in them. */
export const ProductName = Name(200)
/** 1 to 64 characters; unique whatever the case. */
export const Sku = Name(64)
/** At most 10,000 characters. */
export const Description = Text(10_000)

/** The largest stock, in units. */
export const maxStock = 10 ** 12

/** Units that can still be sold. */
export const Stock = Integer(0, maxStock)

/**
 * Something to sell. `price` is for one unit, `stock` counts units; an inactive product is neither listed nor
 * sold.
 */
export const Product = Schema.Struct({
  id: ProductId,
  categoryId: CategoryId,
  name: ProductName,
  description: Schema.NullOr(Description),
  sku: Schema.NullOr(Sku),
  price: Price,
  stock: Stock,
  active: Schema.Boolean,
  createdAt: Schema.Date,
  updatedAt: Schema.Date
}).annotate({ identifier: "Product" })
export interface Product extends Schema.Schema.Type<typeof Product> {}

/** What placing an order has to know of a product. */
export type Offer = Pick<Product, "id" | "name" | "sku" | "price" | "stock" | "active">

/** What a product is created with. */
export const NewProduct = Schema.Struct({
  categoryId: CategoryId,
  name: ProductName,
  description: Schema.optional(Schema.NullOr(Description)),
  sku: Schema.optional(Schema.NullOr(Sku)),
  price: Price,
  stock: Stock
}).annotate({ identifier: "NewProduct" })
export interface NewProduct extends Schema.Schema.Type<typeof NewProduct> {}

/** What of a product may be changed; its stock only by adjustments. */
export const ProductChange = Schema.Struct({
  categoryId: Schema.optional(CategoryId),
  name: Schema.optional(ProductName),
  description: Schema.optional(Schema.NullOr(Description)),
  sku: Schema.optional(Schema.NullOr(Sku)),
  price: Schema.optional(Price),
  active: Schema.optional(Schema.Boolean)
}).annotate({ identifier: "ProductChange" })
export interface ProductChange extends Schema.Schema.Type<typeof ProductChange> {}

/** Units that arrived (positive) or were lost (negative). */
export const StockAdjustment = Schema.Struct({
  delta: Integer(-maxStock, maxStock).check(
    Schema.makeFilter((delta) => delta !== 0, { expected: "an integer other than 0" })
  ),
  reason: Schema.optional(Schema.NullOr(Text(500)))
}).annotate({ identifier: "StockAdjustment" })
export interface StockAdjustment extends Schema.Schema.Type<typeof StockAdjustment> {}

/** No product has this id. */
export class ProductNotFound extends Schema.TaggedError<ProductNotFound>()("ProductNotFound", {
  productId: Schema.String
}) {
  override get message() {
    return `There is no product ${this.productId}`
  }
}

/** Another product has this SKU already, whatever the case. */
export class SkuTaken extends Schema.TaggedError<SkuTaken>()("SkuTaken", { sku: Schema.String }) {
  override get message() {
    return "Another product has this SKU already"
  }
}

/** One product of which fewer units are left than were asked for. */
export const Shortage = Schema.Struct({
  productId: Schema.String,
  requested: Schema.Int,
  available: Schema.Int
}).annotate({ identifier: "Shortage" })

/** The stock does not suffice; every shortage is listed. */
export class InsufficientStock extends Schema.TaggedError<InsufficientStock>()("InsufficientStock", {
  shortages: Schema.Array(Shortage)
}) {
  override get message() {
    return this.shortages
      .map(
        ({ productId, requested, available }) => `${requested} of ${productId} asked for, ${available} left`
      )
      .join("; ")
  }
}

/** A new product, active from the start. */
export const create = (input: NewProduct, stamp: { readonly id: ProductId; readonly at: Date }): Product => ({
  id: stamp.id,
  categoryId: input.categoryId,
  name: input.name,
  description: input.description ?? null,
  sku: input.sku ?? null,
  price: input.price,
  stock: input.stock,
  active: true,
  createdAt: stamp.at,
  updatedAt: stamp.at
})

/** The product with what is named changed, and nothing else; `null` clears a field, `undefined` leaves it. */
export const change = (product: Product, input: ProductChange, at: Date): Product => ({
  ...product,
  categoryId: input.categoryId ?? product.categoryId,
  name: input.name ?? product.name,
  description: input.description === undefined ? product.description : input.description,
  sku: input.sku === undefined ? product.sku : input.sku,
  price: input.price ?? product.price,
  active: input.active ?? product.active,
  updatedAt: at
})

/**
 * Adds to or takes from the stock. `openUnits` are those in orders that may still fail: stock and open units
 * together stay within the bound, so that giving back always fits.
 */
export const adjust = (
  product: Product,
  delta: number,
  openUnits: number,
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
  return stock + openUnits > maxStock
    ? Result.fail(invalidAt("/delta", `Stock and units in unpaid orders may not exceed ${maxStock} together`))
    : Result.succeed({ ...product, stock, updatedAt: at })
}

/** What a product is found by: the words of its name and SKU. */
export const searchTokensOf = (product: Pick<Product, "name" | "sku">): ReadonlyArray<string> =>
  searchTokens(`${product.name} ${product.sku ?? ""}`)

/** All words of the query are beginnings of words of the product. */
export const matches = (product: Pick<Product, "name" | "sku">, query: string): boolean => {
  const own = searchTokensOf(product)
  return searchTokens(query).every((word) => own.some((candidate) => candidate.startsWith(word)))
}
