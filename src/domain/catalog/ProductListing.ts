import { Schema } from "effect"
import { CategoryId, ProductId } from "../shared/Ids.ts"
import { paging } from "../shared/Page.ts"
import { byCodePoints, StorableText, Text } from "../shared/Text.ts"
import type { Product } from "./Product.ts"

/**
 * Sort order of a list of products. `newest` sorts by id, `name` by code points, `price` and `-price` by currency,
 * amount and id.
 */
export const ProductSort = Schema.Literals(["newest", "name", "price", "-price"])
export type ProductSort = typeof ProductSort.Type

/** Which products a list contains: the active ones, the inactive ones, or any. */
export const ProductActivity = Schema.Union([Schema.Boolean, Schema.Literal("any")]).annotate({
  expected: "true, false or any"
})
export type ProductActivity = typeof ProductActivity.Type

/** Filters, sort order and paging of a list of products. Lists contain active products only, unless `active` says otherwise. */
export const ProductQuery = Schema.Struct({
  categoryId: Schema.optional(CategoryId),
  q: Schema.optional(Text(200)),
  inStock: Schema.optional(Schema.Boolean),
  active: Schema.optional(ProductActivity),
  sort: Schema.optional(ProductSort),
  ...paging
})

/** Returns whether a product belongs to a list. */
export const isListed = ({ active }: Pick<Product, "active">, wanted: ProductActivity = true): boolean =>
  wanted === "any" || active === wanted

/** Sort key of a product, by sort order. */
export type ProductKey =
  | readonly [ProductId]
  | readonly [string, ProductId]
  | readonly [string, number, ProductId]

/** Schemas of the sort keys. The id comes last, so that no two products have equal keys. */
export const ProductKey: Record<ProductSort, Schema.Codec<ProductKey, ReadonlyArray<string | number>>> = {
  newest: Schema.Tuple([ProductId]),
  name: Schema.Tuple([StorableText, ProductId]),
  price: Schema.Tuple([StorableText, Schema.Int, ProductId]),
  "-price": Schema.Tuple([StorableText, Schema.Int, ProductId])
}

/** Returns the sort key of a product. */
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

/** Returns whether a sort order is descending. */
export const descends = (sort: ProductSort): boolean => sort === "newest" || sort === "-price"

/** Compares two keys of the same sort order, ascending. */
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
