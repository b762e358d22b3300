import { Schema } from "effect"
import { CategoryId, ProductId } from "../shared/Ids.ts"
import { Currency } from "../shared/Money.ts"
import { paging } from "../shared/Page.ts"
import { byCodePoints, Text } from "../shared/Text.ts"
import type { Product } from "./Product.ts"

/**
 * What a listing of products is sorted by. `newest` is by id; `name` by code points; `price` by currency, amount,
 * id.
 */
export const ProductSort = Schema.Literals(["newest", "name", "price", "-price"])
export type ProductSort = typeof ProductSort.Type

/** What of the catalog to list: only active products, ever. */
export const ProductQuery = Schema.Struct({
  categoryId: Schema.optional(CategoryId),
  q: Schema.optional(Text(200)),
  inStock: Schema.optional(Schema.Boolean),
  sort: Schema.optional(ProductSort),
  ...paging
})

export type ProductKey =
  | readonly [ProductId]
  | readonly [string, ProductId]
  | readonly [string, number, ProductId]

/** What products are compared by in each sort; ids come last, so that no two products are equal. */
export const ProductKey: Record<ProductSort, Schema.Codec<ProductKey, ReadonlyArray<string | number>>> = {
  newest: Schema.Tuple([ProductId]),
  name: Schema.Tuple([Text(200), ProductId]),
  price: Schema.Tuple([Currency, Schema.Int, ProductId]),
  "-price": Schema.Tuple([Currency, Schema.Int, ProductId])
}

/** What a product is compared by in a sort. */
export const productKey = (product: Product, sort: ProductSort): ProductKey => {
  switch (sort) {
    case "newest":
      return [product.id]
    case "name":
      return [product.name, product.id]
    case "price":
    case "-price":
      return [product.price.currency, product.price.amount, product.id]
  }
}

/** `newest` (by id, which follows time) and `-price` run from the greatest key to the least. */
export const descends = (sort: ProductSort): boolean => sort === "newest" || sort === "-price"

/** Orders keys of one sort, least first. */
export const compareKeys = (a: ReadonlyArray<string | number>, b: ReadonlyArray<string | number>): number => {
  for (const [index, left] of a.entries()) {
    const right = b[index]
    const order =
      typeof left === "number" && typeof right === "number"
        ? left - right
        : byCodePoints(String(left), String(right))
    if (order !== 0) return order
  }
  return 0
}
