import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient, SqlError } from "effect/sql"
import { Accounts } from "../../../../src/services/Accounts.ts"
import { Orders } from "../../../../src/services/Orders.ts"
import { Payments } from "../../../../src/services/Payments.ts"
import { Vouchers } from "../../../../src/services/Vouchers.ts"
import { hostOn, newProduct, orderOf } from "../../../support/host.ts"
import { freshClient } from "../../../support/postgres.ts"

/** A shop in which something has happened. */
const shop = Effect.gen(function* () {
  const [accounts, orders, payments] = [yield* Accounts, yield* Orders, yield* Payments]
  yield* accounts.register({ email: "a@example.com", password: "password" })
  const { id: productId } = yield* newProduct(5, "SKU")
  const { id: orderId } = yield* orders.place(orderOf(productId), { idempotencyKey: "key" })
  yield* payments.pay({ orderId, paymentMethod: "sim_approve" })
  const vouchers = yield* Vouchers
  yield* vouchers.create({ code: "One", name: "One", rate: 100_000, uses: 5, perCustomer: 1 })
  const { id } = yield* newProduct(5)
  yield* orders.place({
    ...orderOf(id),
    codes: ["one"],
    adjustments: [{ kind: "fee", code: "delivery", name: "Delivery", amount: 1 }]
  })
})

/** A second row like one that is there, but for some columns. */
const copy = (table: string, changes: Record<string, string>) => `
  INSERT INTO commerce.${table}
  SELECT (jsonb_populate_record(t, jsonb_build_object(${Object.entries(changes).map(([column, value]) => `'${column}', ${value}`)}))).*
  FROM commerce.${table} t LIMIT 1`

/** Two captures or voids of one payment. */
const ends = (...kinds: readonly [string, string]) => `
  INSERT INTO commerce.payment_operations (id, payment_id, order_id, kind, status, currency, amount, actor, created_at)
  SELECT gen_random_uuid(), p.id, p.order_id, e.kind, e.status, 'EUR', 1, 'nobody', now()
  FROM (SELECT id, order_id FROM commerce.payments LIMIT 1) p,
    (VALUES ('${kinds[0]}', 'APPROVED'), ('${kinds[1]}', 'PENDING')) e (kind, status)`

const newId = { id: "gen_random_uuid()" }

/** What a bug could try, and the constraint that forbids it. */
const forbidden: ReadonlyArray<readonly [statement: string, constraint: string]> = [
  ["UPDATE commerce.products SET stock = -1", "products_stock"],
  ["UPDATE commerce.products SET stock = 1000000000001", "products_stock"],
  ["UPDATE commerce.products SET price = -1", "products_price_check"],
  ["UPDATE commerce.products SET category_id = gen_random_uuid()", "products_category_id_fkey"],
  ["DELETE FROM commerce.categories", "products_category_id_fkey"],
  [copy("products", newId), "products_normalized_sku_key"],
  [copy("categories", newId), "categories_normalized_name_key"],
  [copy("accounts", newId), "accounts_normalized_email_key"],
  ["UPDATE commerce.accounts SET role = 'root'", "accounts_role_check"],
  ["UPDATE commerce.orders SET status = 'LOST'", "orders_status_check"],
  ["UPDATE commerce.orders SET total = -1", "orders_total_check"],
  ["UPDATE commerce.orders SET total = 9007199254740992", "orders_total_check"],
  ["DELETE FROM commerce.orders", "payments_order_id_fkey"],
  ["UPDATE commerce.order_items SET total = total + 1", "order_items_check"],
  ["UPDATE commerce.order_items SET quantity = 0, total = 0", "order_items_quantity_check"],
  [copy("order_events", {}), "order_events_pkey"],
  [copy("payments", newId), "payments_one_per_order"],
  [copy("payments", { ...newId, status: "'PENDING'" }), "payments_one_per_order"],
  ["UPDATE commerce.payments SET status = 'REFUNDED'", "payments_status_check"],
  ["UPDATE commerce.payments SET order_id = gen_random_uuid()", "payments_order_id_fkey"],
  ["UPDATE commerce.payments SET captured = amount + 1", "payments_captured"],
  ["UPDATE commerce.payments SET refunded = amount + 1", "payments_refunded"],
  [ends("capture", "void"), "payment_operations_one_end"],
  [ends("void", "capture"), "payment_operations_one_end"],
  [ends("capture", "capture"), "payment_operations_one_end"],
  ["UPDATE commerce.vouchers SET uses_left = -1", "vouchers_uses_left"],
  ["UPDATE commerce.vouchers SET uses_left = NULL", "vouchers_check1"],
  ["UPDATE commerce.vouchers SET amount = 1", "vouchers_check"],
  ["UPDATE commerce.vouchers SET minimum = 1", "vouchers_check2"],
  [copy("vouchers", newId), "vouchers_normalized_code_key"],
  [copy("redemptions", { order_id: "gen_random_uuid()" }), "redemptions_nth"],
  [copy("redemptions", {}), "redemptions_pkey"],
  ["UPDATE commerce.order_adjustments SET amount = -1", "order_adjustments_amount_check"],
  ["UPDATE commerce.order_adjustments SET rate = 1000001", "order_adjustments_rate_check"],
  ["UPDATE commerce.order_adjustments SET shares = NULL", "order_adjustments_check"],
  ["UPDATE commerce.order_adjustments SET included = true", "order_adjustments_check1"],
  [copy("order_adjustments", {}), "order_adjustments_pkey"],
  [copy("idempotency_keys", {}), "idempotency_keys_pkey"]
]

layer(hostOn(freshClient), { excludeTestServices: true })("the tables themselves", (it) => {
  it.effect(
    "forbid what the rules forbid, so that a bug is an error and never a wrong balance [S1] [S12] [P1]",
    () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        yield* shop
        for (const [statement, constraint] of forbidden) {
          const error = yield* Effect.flip(sql.unsafe(statement).unprepared)
          assert.instanceOf(error, SqlError.SqlError, statement)
          assert.deepInclude(error.reason.cause, { constraint }, statement)
        }
      })
  )

  it.effect("allow a payment after those that did not charge", () =>
    Effect.gen(function* () {
      const [orders, payments] = [yield* Orders, yield* Payments]
      const { id: productId } = yield* newProduct(5)
      const { id: orderId } = yield* orders.place(orderOf(productId))
      yield* payments.pay({ orderId, paymentMethod: "sim_cancel" })
      yield* payments.pay({ orderId, paymentMethod: "sim_cancel" })
      assert.strictEqual((yield* payments.pay({ orderId, paymentMethod: "sim_approve" })).status, "APPROVED")
    })
  )
})
