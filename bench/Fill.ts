/** Rows by the million, made by PostgreSQL itself. Their ids are in order and older than those of this run. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import * as Postgres from "../src/adapters/postgres/index.ts"

const beginnings = {
  category: "01900000-0000-7000-8000-",
  product: "01910000-0000-7000-8000-",
  order: "01920000-0000-7000-8000-",
  customer: "01930000-0000-7000-8000-"
}

/** The id of the nth row. */
export const idOf = (what: keyof typeof beginnings, n: number): string =>
  `${beginnings[what]}${n.toString(16).padStart(12, "0")}`

const id = (what: keyof typeof beginnings, n: string) =>
  `('${beginnings[what]}' || lpad(to_hex(${n}), 12, '0'))::uuid`

/** Each customer has that many orders, and each rare word that many products. */
const perGroup = 10

export const groups = (rows: number) => Math.ceil(rows / perGroup)

/** A word of every twentieth product, and one of ten products at most, however many there are. */
export const commonWord = (n: number): string => `common${n % 20}x`
export const rareWord = (n: number, products: number): string => `rare${n % groups(products)}x`

/** Rows that one statement inserts. */
const chunk = 100_000

const inChunks = (count: number, insert: (from: number, to: number) => string) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.forEach(
      Array.from({ length: Math.ceil(count / chunk) }, (_, n) => n * chunk),
      (from) => sql.unsafe(insert(from, Math.min(from + chunk, count) - 1)),
      { discard: true }
    )
  )

const products = (count: number) =>
  inChunks(
    count,
    (from, to) => `
      INSERT INTO commerce.products (id, category_id, name, search, currency, price, stock, received_total, active,
        created_at, updated_at)
      SELECT ${id("product", "n")}, ${id("category", "0")}, name, array_to_tsvector(string_to_array(lower(name), ' ')),
        'EUR', 1000 + n % 9000, 100000000000, 100000000000, true, now(), now()
      FROM generate_series(${from}, ${to}) n,
        LATERAL (SELECT 'Product common' || n % 20 || 'x rare' || n % ${groups(count)} || 'x' AS name)`
  )

/** One item each, since an order without items is none. Nine of ten are completed. */
const orders = (count: number) =>
  inChunks(
    count,
    (from, to) => `
      WITH new_orders AS (
        INSERT INTO commerce.orders
          (id, customer_id, status, currency, total, metadata, version, created_at, updated_at)
        SELECT ${id("order", "n")}, ${id("customer", `n % ${groups(count)}`)},
          CASE n % 40 WHEN 0 THEN 'CREATED' WHEN 1 THEN 'PAID' WHEN 2 THEN 'SHIPPED' WHEN 3 THEN 'FAILED'
            ELSE 'COMPLETED' END,
          CASE n % 10 WHEN 0 THEN 'USD' ELSE 'EUR' END, 1000 + n % 9000, '{}', 1, at, at
        FROM generate_series(${from}, ${to}) n,
          LATERAL (SELECT now() - interval '1 year' + n * (interval '360 days' / ${count}) AS at)
      )
      INSERT INTO commerce.order_items (order_id, position, product_id, name, unit_price, quantity, total)
      SELECT ${id("order", "n")}, 0, ${id("product", "n % 1000")}, 'Product', 1000 + n % 9000, 1, 1000 + n % 9000
      FROM generate_series(${from}, ${to}) n`
  )

/** Fills tables without their secondary indexes, and builds those at the end, which is several times as fast. */
const withoutIndexes = <A, E, R>(fill: Effect.Effect<A, E, R>) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.gen(function* () {
      const indexes = yield* sql<{ name: string; definition: string }>`
        SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition
        FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
        WHERE t.relnamespace = 'commerce'::regnamespace AND t.relname IN ('products', 'orders') AND NOT i.indisunique`
      yield* Effect.forEach(indexes, ({ name }) => sql.unsafe(`DROP INDEX ${name}`))
      yield* fill
      yield* Effect.forEach(indexes, ({ definition }) => sql.unsafe(definition))
    })
  )

/** Makes the tables of a shop that has so many products and orders, as they are after a while: vacuumed and analyzed. */
export const fillBySql = Effect.fnUntraced(function* (rows: {
  readonly products: number
  readonly orders: number
}) {
  const sql = yield* SqlClient.SqlClient
  yield* Postgres.migrate()
  yield* sql.unsafe(`
    INSERT INTO commerce.categories (id, name, normalized_name, created_at)
    VALUES (${id("category", "0")}, 'Bench', 'bench', now())`)
  yield* withoutIndexes(Effect.andThen(products(rows.products), orders(rows.orders)))
  yield* sql.unsafe("VACUUM ANALYZE").unprepared
  // So that PostgreSQL does not write all that to the disk while something is measured; not everybody may say so.
  yield* Effect.ignore(sql.unsafe("CHECKPOINT").unprepared)
})
