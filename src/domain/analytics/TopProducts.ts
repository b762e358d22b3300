import { Result, Schema } from "effect"
import { ProductName } from "../catalog/Product.ts"
import { ProductId } from "../shared/Ids.ts"
import { type AmountOverflow, totals } from "../shared/Money.ts"
import { Limit } from "../shared/Page.ts"
import { Period, Summary } from "./Summary.ts"

/** How many of the best-selling products to see, of the orders of which period. */
export const TopProductsQuery = Schema.Struct({
  limit: Schema.optional(Limit),
  ...Period.fields
})

/** How many products to see, if nobody says. */
export const defaultTop = 10

/**
 * A product with its present name, and what was sold of it: the units and the totals of its items in orders that count
 * as revenue, `PAID` and `COMPLETED`.
 */
export const TopProduct = Schema.Struct({
  productId: ProductId,
  name: ProductName,
  units: Schema.Int.check(Schema.isGreaterThan(0)),
  revenue: Summary.fields.revenue
}).annotate({ identifier: "TopProduct" })
export interface TopProduct extends Schema.Schema.Type<typeof TopProduct> {}

/** The same as stores add it up: one amount per currency, in minor units. */
export interface ProductSales {
  readonly productId: ProductId
  readonly name: string
  readonly units: number
  readonly revenue: ReadonlyArray<{ readonly currency: string; readonly amount: bigint }>
}

/** The product of which more units were sold comes first; of two alike the one with the smaller id, which is older. */
export const byUnitsSold = (a: ProductSales, b: ProductSales): number =>
  b.units - a.units || (a.productId < b.productId ? -1 : 1)

/** The answer of the shop; amounts that JSON cannot carry exactly are refused. */
export const topProducts = (
  sold: ReadonlyArray<ProductSales>
): Result.Result<ReadonlyArray<TopProduct>, AmountOverflow> =>
  Result.gen(function* () {
    const products: Array<TopProduct> = []
    for (const { revenue, ...product } of sold) products.push({ ...product, revenue: yield* totals(revenue) })
    return products
  })
