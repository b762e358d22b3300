import { Array as Arr, Effect } from "effect"
import type { Statement } from "effect/sql"
import { descends, type ProductSort } from "../../../domain/catalog/ProductListing.ts"
import { searchTokens } from "../../../domain/catalog/SearchTokens.ts"
import type { CatalogStore, ProductListing } from "../../../ports/CatalogStore.ts"
import { Database } from "../execution/Database.ts"
import { type ProductRow, productColumns, toProduct } from "./ProductRecords.ts"

/** The columns that each sort compares by, as `productKey` of the domain does. */
const sortColumns: Record<ProductSort, ReadonlyArray<string>> = {
  newest: ["id"],
  name: ["name", "id"],
  price: ["currency", "price", "id"],
  "-price": ["currency", "price", "id"]
}

/** How many products are looked through for words before the index of the words is asked. */
const lookedThrough = 5000

/** A text search query (`tsquery`) for products that have words beginning with all of these. */
const startingWith = (prefixes: ReadonlyArray<string>): string =>
  prefixes.map((prefix) => `'${prefix.replaceAll("\\", "\\\\").replaceAll("'", "''")}':*`).join(" & ")

/** One query per page, walking the index of the sort from where the last page ended. */
export const listProducts = Effect.map(
  Database,
  ({ sql, table, query }): CatalogStore["Service"]["products"] => {
    const matching = ({ categoryId, inStock, sort, after }: ProductListing) => {
      const conditions: Array<Statement.Fragment> = [sql`active`]
      if (categoryId !== undefined) conditions.push(sql`category_id = ${categoryId}`)
      if (inStock !== undefined) conditions.push(inStock ? sql`stock > 0` : sql`stock = 0`)
      if (after !== undefined) {
        const beyond = sql.literal(descends(sort) ? "<" : ">")
        conditions.push(sql`(${sql.literal(sortColumns[sort].join(", "))}) ${beyond} ${sql.in(after)}`)
      }
      return sql.and(conditions)
    }

    const inOrder = (sort: ProductSort) => {
      const direction = descends(sort) ? "DESC" : "ASC"
      return sql.literal(`ORDER BY ${sortColumns[sort].map((column) => `${column} ${direction}`).join(", ")}`)
    }

    /**
     * Words that many products have are soon found by walking the index of the sort, and words of few by their own
     * index; the planner cannot tell which are which. So the next products are looked through, and if they do not
     * fill the page then all that have the words are sorted, which are few.
     */
    const found = (listing: ProductListing, prefixes: ReadonlyArray<string>) => {
      const columns = productColumns(sql)
      const order = inOrder(listing.sort)
      const words = sql`search @@ ${startingWith(prefixes)}::tsquery`
      return sql<ProductRow>`
      WITH near AS MATERIALIZED (
        SELECT ${columns}, search FROM ${table.products} WHERE ${matching(listing)} ${order} LIMIT ${lookedThrough}
      ), first AS MATERIALIZED (
        SELECT ${columns} FROM near WHERE ${words} ${order} LIMIT ${listing.take}
      ), few AS MATERIALIZED (
        SELECT ${columns} FROM ${table.products}
        WHERE ${words} AND (SELECT count(*) FROM first) < ${listing.take}
      )
      SELECT * FROM first WHERE (SELECT count(*) FROM first) = ${listing.take}
      UNION ALL
      (SELECT * FROM few WHERE ${matching(listing)} ${order} LIMIT ${listing.take})
      ${order}`
    }

    return (listing) => {
      const prefixes = listing.q === undefined ? [] : searchTokens(listing.q)
      const page =
        prefixes.length > 0
          ? found(listing, prefixes)
          : sql<ProductRow>`
            SELECT ${productColumns(sql)} FROM ${table.products}
            WHERE ${matching(listing)} ${inOrder(listing.sort)} LIMIT ${listing.take}`
      return Effect.map(query(page), Arr.map(toProduct))
    }
  }
)
