import { Array as Arr, Effect } from "effect"
import type { Statement } from "effect/sql"
import type { ProductSales } from "../../../domain/analytics/TopProducts.ts"
import { statusesThatCountAs } from "../../../domain/orders/Lifecycle.ts"
import type { ProductId } from "../../../domain/shared/Ids.ts"
import type { Database } from "../execution/Database.ts"

interface ProductSalesRow {
  readonly product_id: ProductId
  readonly name: string
  readonly units: string
  readonly currency: string
  readonly amount: string
}

/** Combines the adjacent rows of one product, one per currency. */
const toProductSales = (rows: Arr.NonEmptyReadonlyArray<ProductSalesRow>): ProductSales => ({
  productId: rows[0].product_id,
  name: rows[0].name,
  units: Number(rows[0].units),
  revenue: rows.map(({ currency, amount }) => ({ currency, amount: BigInt(amount) }))
})

const sameProduct = (a: ProductSalesRow, b: ProductSalesRow) => a.product_id === b.product_id

/** Reads the sales of the best-selling products. Joins the names last, for the selected products only. */
export const bestSellers = (
  { sql, table }: Pick<Database["Service"], "sql" | "table">,
  placed: Statement.Fragment,
  take: number
) =>
  sql<ProductSalesRow>`
    WITH sold AS (
      SELECT i.product_id, o.currency, sum(i.quantity) AS units, sum(i.total) AS amount
      FROM ${table.orders} o JOIN ${table.order_items} i ON i.order_id = o.id
      WHERE ${placed} AND ${sql.in("o.status", statusesThatCountAs("revenue"))}
      GROUP BY i.product_id, o.currency
    ), best AS (
      SELECT product_id, sum(units) AS units FROM sold
      GROUP BY product_id
      ORDER BY sum(units) DESC, product_id
      LIMIT ${take}
    )
    SELECT b.product_id, b.units::text, s.currency, s.amount::text, p.name
    FROM best b JOIN sold s ON s.product_id = b.product_id JOIN ${table.products} p ON p.id = b.product_id
    ORDER BY b.units DESC, b.product_id, s.currency`.pipe(
    Effect.map((rows) =>
      Arr.isReadonlyArrayNonEmpty(rows) ? Arr.groupWith(rows, sameProduct).map(toProductSales) : []
    )
  )
