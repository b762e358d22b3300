import { Schema } from "effect"
import { ProductId } from "../shared/Ids.ts"
import { totals } from "../shared/Money.ts"
import { Limit } from "../shared/Page.ts"
import { StoredText } from "../shared/Text.ts"
import { Period, Summary } from "./Summary.ts"

/** Query of the best-selling products. `limit` is 1 to 100. Defaults to 10. */
export const TopProductsQuery = Schema.Struct({
  limit: Schema.optional(Limit),
  ...Period.fields
})

/** Number of top products if the query has no `limit`. */
export const defaultTop = 10

/**
 * A product with its current name, the units sold and their revenue. Only items of `PAID` and `COMPLETED` orders
 * count.
 */
export const TopProduct = Schema.Struct({
  productId: ProductId,
  name: StoredText,
  units: Schema.Int.check(Schema.isGreaterThan(0)),
  revenue: Summary.fields.revenue,
  revenueOverflow: Summary.fields.revenueOverflow
}).annotate({ identifier: "TopProduct" })
export interface TopProduct extends Schema.Schema.Type<typeof TopProduct> {}

/** Sales of one product as a store sums them: one amount per currency, in minor units. */
export interface ProductSales {
  readonly productId: ProductId
  readonly name: string
  readonly units: number
  readonly revenue: ReadonlyArray<{ readonly currency: string; readonly amount: bigint }>
}

/** Sort order of top products: most units first, then by id. */
export const byUnitsSold = (a: ProductSales, b: ProductSales): number =>
  b.units - a.units || (a.productId < b.productId ? -1 : 1)

/** Converts the sums of a store into top products. */
export const topProducts = (productSales: ReadonlyArray<ProductSales>): ReadonlyArray<TopProduct> =>
  productSales.map(({ revenue, ...product }) => {
    const { exact, large } = totals(revenue)
    return { ...product, revenue: exact, ...(large && { revenueOverflow: large }) }
  })
