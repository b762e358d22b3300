import { Effect } from "effect"
import type { SqlClient } from "effect/sql"

const id = (kind: string, n: string) =>
  `('00000000-0000-7000-8${kind}-' || lpad(to_hex(${n}), 12, '0'))::uuid`

const uuid = (kind: string) => (n: number) =>
  `00000000-0000-7000-8${kind}-${n.toString(16).padStart(12, "0")}`

/** The ids of the rows, which are numbered from 1; customers have accounts. */
export const ids = {
  category: uuid("000"),
  product: uuid("001"),
  order: uuid("002"),
  customer: uuid("003"),
  session: uuid("004"),
  payment: uuid("005"),
  voucher: uuid("006")
}

const at = "timestamptz '2026-01-01' + n * interval '5 minutes'"
const status = `CASE WHEN n % 100 < 2 THEN 'CREATED' WHEN n % 100 < 5 THEN 'FAILED' WHEN n % 100 < 8 THEN 'PAID'
  WHEN n % 100 < 10 THEN 'SHIPPED' ELSE 'COMPLETED' END`

/** Rows of every table as of a shop that has been open for a year, without triggers and in one go. */
const statements = (rows: number): ReadonlyArray<string> => [
  "SET session_replication_role = replica",
  `INSERT INTO commerce.accounts (id, email, normalized_email, password_hash, role, created_at)
   SELECT ${id("003", "n")}, n || '@example.com', n || '@example.com', 'none', 'customer', ${at}
   FROM generate_series(1, ${rows / 10}) n`,
  `INSERT INTO commerce.sessions (id, account_id, created_at, expires_at)
   SELECT ${id("004", "n")}, ${id("003", "n")}, ${at}, ${at} FROM generate_series(1, ${rows / 10}) n`,
  `INSERT INTO commerce.refresh_tokens (token_hash, session_id, created_at)
   SELECT 'token ' || n, ${id("004", "n")}, ${at} FROM generate_series(1, ${rows / 10}) n`,
  `INSERT INTO commerce.service_tokens (id, name, normalized_name, token_hash, created_at, created_by)
   SELECT ${id("008", "n")}, 'Service ' || n, 'service ' || n, 'token ' || n, ${at}, 'system'
   FROM generate_series(1, ${rows / 10}) n`,
  `INSERT INTO commerce.categories (id, name, normalized_name, created_at)
   SELECT ${id("000", "n")}, 'Category ' || n, 'category ' || n, ${at} FROM generate_series(1, 100) n`,
  `INSERT INTO commerce.products (id, category_id, name, search, currency, price, stock, received_total, active,
     created_at, updated_at)
   SELECT ${id("001", "n")}, ${id("000", "n % 100 + 1")}, 'Product ' || n,
     array_to_tsvector(ARRAY['product', n::text]), 'EUR', n % 10000, CASE WHEN n % 10 > 0 THEN 1000 ELSE 0 END, 1000,
     n % 50 > 0, ${at}, ${at}
   FROM generate_series(1, ${rows}) n`,
  `INSERT INTO commerce.stock_adjustments (product_id, delta, at, actor)
   SELECT ${id("001", "n")}, 1000, ${at}, 'system' FROM generate_series(1, ${rows / 10}) n`,
  `INSERT INTO commerce.orders (id, customer_id, status, stage, currency, total, metadata, version, created_at, updated_at)
   SELECT ${id("002", "n")}, ${id("003", `n % ${rows / 50} + 1`)}, ${status},
     CASE WHEN n % 1000 = 505 THEN 'picked' END, 'EUR', 1000, '{}', 1, ${at}, ${at}
   FROM generate_series(1, ${rows}) n`,
  `INSERT INTO commerce.order_items (order_id, position, product_id, name, unit_price, quantity, total)
   SELECT ${id("002", "n")}, 0, ${id("001", "n")}, 'Product', 1000, 1, 1000 FROM generate_series(1, ${rows}) n`,
  `INSERT INTO commerce.order_events (order_id, sequence, event, to_status, at, actor, xid)
   SELECT ${id("002", "n")}, 1, 'placed', 'CREATED', ${at}, 'system', (n / 1000 + 3)::text::xid8
   FROM generate_series(1, ${rows}) n`,
  `INSERT INTO commerce.payments (id, order_id, status, currency, amount, payment_method, actor, created_at)
   SELECT ${id("005", "n")}, ${id("002", "n")}, CASE WHEN n % 1000 > 1 THEN 'APPROVED' ELSE 'PENDING' END, 'EUR', 1000,
     'card', 'system', ${at}
   FROM generate_series(1, ${rows}) n WHERE n % 100 >= 5 OR n % 1000 < 2`,
  `INSERT INTO commerce.payment_operations (id, payment_id, order_id, kind, status, currency, amount, actor, created_at)
   SELECT ${id("007", "n")}, ${id("005", "n")}, ${id("002", "n")}, CASE WHEN n % 40 = 10 THEN 'chargeback' ELSE 'refund' END,
     CASE WHEN n % 2000 = 70 THEN 'PENDING' ELSE 'APPROVED' END, 'EUR', 100, 'system', ${at}
   FROM generate_series(1, ${rows}) n WHERE n % 20 = 10`,
  `INSERT INTO commerce.order_adjustments (order_id, position, kind, code, name, amount)
   SELECT ${id("002", "n")}, 0, 'fee', 'delivery', 'Delivery', 0 FROM generate_series(1, ${rows}) n`,
  `INSERT INTO commerce.vouchers (id, code, normalized_code, name, rate, active, uses, uses_left, per_customer,
     created_at, updated_at)
   SELECT ${id("006", "n")}, 'Code ' || n, 'code ' || n, 'Voucher', 100000, true, 1000, 999, 10, ${at}, ${at}
   FROM generate_series(1, ${rows / 10}) n`,
  `INSERT INTO commerce.redemptions (order_id, voucher_id, redeemer, nth, at)
   SELECT ${id("002", "n * 10")}, ${id("006", "n")}, 'customer ' || n, 0, ${at} FROM generate_series(1, ${rows / 10}) n`,
  `INSERT INTO commerce.idempotency_keys (scope, operation, key, fingerprint, resource_id, created_at)
   SELECT 'customer ' || n, 'place order', 'cart', 'none', ${id("002", "n")}, ${at}
   FROM generate_series(1, ${rows / 10}) n`,
  "RESET session_replication_role"
]

/** All indexes that no constraint needs, as the statements that make them. */
const indexes = (sql: SqlClient.SqlClient) => sql<{ name: string; definition: string }>`
  SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition
  FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
  WHERE relnamespace = 'commerce'::regnamespace AND NOT indisunique`

/** Fills a fresh database: so many products and orders, and what belongs to them. Indexes are made last, at once. */
export const fill = Effect.fnUntraced(function* (sql: SqlClient.SqlClient, rows: number) {
  const made = yield* indexes(sql)
  const connection = yield* sql.reserve
  const run = (statement: string) => connection.executeUnprepared(statement, [], undefined)
  yield* run("SET statement_timeout = 0")
  yield* Effect.forEach(made, ({ name }) => run(`DROP INDEX ${name}`))
  yield* Effect.forEach(statements(rows), run)
  yield* Effect.forEach(made, ({ definition }) => run(definition))
  yield* run("VACUUM ANALYZE")
  yield* run("RESET statement_timeout")
}, Effect.scoped)
