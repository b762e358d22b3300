import { Array as Arr, Effect } from "effect"
import type { Statement } from "effect/sql"
import { isBlankQuery } from "../../../domain/catalog/Product.ts"
import { descends, type ProductSort } from "../../../domain/catalog/ProductListing.ts"
import { type SearchCondition, searchConditions } from "../../../domain/catalog/SearchTokens.ts"
import type { CatalogStore, KnownPage, ProductListing } from "../../../ports/CatalogStore.ts"
import { Database } from "../execution/Database.ts"
import { sharedReads } from "../execution/SharedReads.ts"
import { type ProductRow, productColumns, storedProductColumns, toProduct } from "./ProductRecords.ts"

/** Columns of the sort key, as in the domain's `productKey`. */
const sortColumns: Record<ProductSort, ReadonlyArray<string>> = {
  newest: ["id"],
  name: ["name", "id"],
  price: ["currency", "price", "id"],
  "-price": ["currency", "price", "id"]
}

/** Number of products that are scanned in sort order before the token index is used. */
const scanLimit = 5000

const quoted = (prefix: string): string => `'${prefix.replaceAll("\\", "\\\\").replaceAll("'", "''")}':*`

/** Builds a `tsquery` that matches products if all conditions hold. */
const tsquery = (conditions: ReadonlyArray<SearchCondition>): string =>
  conditions
    .map(
      (alternatives) => `(${alternatives.map((prefixes) => prefixes.map(quoted).join(" & ")).join(" | ")})`
    )
    .join(" & ")

/** Makes the query of one page, along the index of the sort order. Inactive products have one index for all orders: they are few. */
const selectPage = Effect.map(Database, ({ sql, table }) => {
  const filters = ({ categoryId, inStock, sort, after }: ProductListing, active: boolean) => {
    const conditions: Array<Statement.Fragment> = [active ? sql`active` : sql`NOT active`]
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
   * Searches products by tokens.
   *
   * Frequent tokens are found fastest along the index of the sort order, rare tokens by the token index. The
   * planner cannot tell which case applies. So the query scans the next products in sort order first. Only if
   * they do not fill the page does it sort all matches of the token index, which are few then.
   */
  const search = (listing: ProductListing, conditions: ReadonlyArray<SearchCondition>, active: boolean) => {
    const wanted = filters(listing, active)
    const columns = storedProductColumns(sql)
    const answered = productColumns(sql)
    const order = inOrder(listing.sort)
    const hasTokens = sql`search @@ ${tsquery(conditions)}::tsquery`
    return sql<ProductRow>`
      WITH scanned AS MATERIALIZED (
        SELECT ${columns}, search FROM ${table.products} WHERE ${wanted} ${order} LIMIT ${scanLimit}
      ), first AS MATERIALIZED (
        SELECT ${columns} FROM scanned WHERE ${hasTokens} ${order} LIMIT ${listing.take}
      ), indexed AS MATERIALIZED (
        SELECT ${columns} FROM ${table.products}
        WHERE ${hasTokens} AND (SELECT count(*) FROM first) < ${listing.take}
      )
      SELECT ${answered} FROM first WHERE (SELECT count(*) FROM first) = ${listing.take}
      UNION ALL
      (SELECT ${answered} FROM indexed WHERE ${wanted} ${order} LIMIT ${listing.take})
      ${order}`
  }

  const pageOf = (listing: ProductListing) => {
    const conditions = searchConditions(listing.q ?? "")
    const ofActivity = (active: boolean) =>
      conditions.length > 0
        ? search(listing, conditions, active)
        : sql<ProductRow>`
            SELECT ${productColumns(sql)} FROM ${table.products}
            WHERE ${filters(listing, active)} ${inOrder(listing.sort)} LIMIT ${listing.take}`
    const { active = true } = listing
    // Each half uses its partial index. A filter for both would read the whole table.
    return active === "any"
      ? sql<ProductRow>`
            (${ofActivity(true)}) UNION ALL (${ofActivity(false)}) ${inOrder(listing.sort)} LIMIT ${listing.take}`
      : ofActivity(active)
  }

  return { pageOf, inOrder }
})

/** A row of a page that may be known. One row without a product tells that it is known, or empty. */
type RowUnlessKnown = (ProductRow | { readonly id: null }) & { readonly is_known: boolean }

/**
 * Makes the query of a page that returns its rows only if the page is not the known one. The texts of the digest are those of the
 * domain's `productVersion` and `pageVersion`.
 */
const selectUnlessKnown = Effect.map(
  Effect.all([Database, selectPage]),
  ([{ sql }, { pageOf, inOrder }]) =>
    (listing: ProductListing, { digest, salt }: KnownPage) => {
      const order = inOrder(listing.sort)
      return sql<RowUnlessKnown>`
        WITH page AS MATERIALIZED (${pageOf(listing)}), counted AS (
          SELECT concat_ws(' ', id, updated_at, stock) AS version, row_number() OVER (${order}) AS place FROM page
        ), known AS (
          SELECT left(encode(sha256(convert_to(${salt} || concat_ws(
            chr(10), string_agg(version, chr(10) ORDER BY place) FILTER (WHERE place < ${listing.take}), (count(*) >= ${listing.take})::text
          ), 'UTF8')), 'hex'), 32) = ${digest} AS is_known
          FROM counted
        )
        SELECT page.*, is_known FROM known LEFT JOIN page ON NOT is_known ${order}`
    }
)

/** A search for nothing but what separates words finds nothing. */
const findsNothing = ({ q = "" }: ProductListing) => searchConditions(q).length === 0 && !isBlankQuery(q)

/** Reads pages of products. Many visitors ask for the same page at the same time, and share its query. */
export const listProducts = Effect.gen(function* () {
  const { pageOf } = yield* selectPage
  const select = yield* selectUnlessKnown
  const rowsOf = yield* sharedReads({
    groupOf: (listing: ProductListing) => JSON.stringify(listing),
    run: (listings) => Effect.map(pageOf(Arr.getUnsafe(listings, 0)), (rows) => listings.map(() => rows))
  })
  const rowsUnlessKnown = yield* sharedReads({
    groupOf: (request: readonly [ProductListing, KnownPage]) => JSON.stringify(request),
    run: (requests) => Effect.map(select(...Arr.getUnsafe(requests, 0)), (rows) => requests.map(() => rows))
  })
  const products: CatalogStore["Service"]["products"] = (listing) =>
    findsNothing(listing) ? Effect.succeed([]) : Effect.map(rowsOf(listing), Arr.map(toProduct))
  const productsUnlessKnown: CatalogStore["Service"]["productsUnlessKnown"] = (listing, known) =>
    findsNothing(listing)
      ? Effect.succeed([])
      : Effect.map(rowsUnlessKnown([listing, known]), (rows) =>
          rows[0]?.is_known === true ? undefined : rows.filter(hasProduct).map(toProduct)
        )
  return { products, productsUnlessKnown }
})

const hasProduct = (row: RowUnlessKnown): row is ProductRow & RowUnlessKnown => row.id !== null
