import { Array as Arr, Effect } from "effect"
import type { SqlClient, Statement } from "effect/sql"
import { descends, type ProductSort } from "../../domain/Listing.ts"
import { words } from "../../domain/Text.ts"
import type { CatalogStore } from "../../ports/CatalogStore.ts"
import { Database } from "./Database.ts"
import { type ProductRow, toProduct } from "./Rows.ts"

/** The columns of a `ProductRow`. */
export const productColumns = (sql: SqlClient.SqlClient) =>
  sql.literal(
    "id, category_id, name, description, sku, currency, price, stock, active, created_at, updated_at"
  )

/** The columns that each sort compares by, as `productKey` of the domain does. */
const sortColumns: Record<ProductSort, ReadonlyArray<string>> = {
  newest: ["id"],
  name: ["name", "id"],
  price: ["currency", "price", "id"],
  "-price": ["currency", "price", "id"]
}

/** A text search query (`tsquery`) for products that have words beginning with all of these. */
const startingWith = (prefixes: ReadonlyArray<string>): string =>
  prefixes.map((prefix) => `'${prefix.replaceAll("\\", "\\\\").replaceAll("'", "''")}':*`).join(" & ")

/** One query per page, walking the index of the sort from where the last page ended. */
export const listProducts = Effect.map(
  Database,
  ({ sql, table, query }): CatalogStore["Service"]["products"] =>
    ({ categoryId, q, inStock, sort, after, take }) => {
      const columns = sortColumns[sort]
      const direction = descends(sort) ? "DESC" : "ASC"
      const prefixes = q === undefined ? [] : words(q)
      const conditions: Array<Statement.Fragment> = [sql`active`]
      if (categoryId !== undefined) conditions.push(sql`category_id = ${categoryId}`)
      if (prefixes.length > 0) conditions.push(sql`search @@ ${startingWith(prefixes)}::tsquery`)
      if (inStock !== undefined) conditions.push(inStock ? sql`stock > 0` : sql`stock = 0`)
      if (after !== undefined) {
        const beyond = sql.literal(descends(sort) ? "<" : ">")
        conditions.push(sql`(${sql.literal(columns.join(", "))}) ${beyond} ${sql.in(after)}`)
      }
      return query(
        sql<ProductRow>`
          SELECT ${productColumns(sql)}
          FROM ${table.products}
          WHERE ${sql.and(conditions)}
          ORDER BY ${sql.literal(columns.map((column) => `${column} ${direction}`).join(", "))}
          LIMIT ${take}`.pipe(Effect.map(Arr.map(toProduct)))
      )
    }
)
