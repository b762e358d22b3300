import { assert, layer } from "@effect/vitest"
import { Data, Effect } from "effect"
import { SqlClient } from "effect/sql"
import { Orders } from "../../../../src/services/Orders.ts"
import { Payments } from "../../../../src/services/Payments.ts"
import { Verification } from "../../../../src/services/Verification.ts"
import { hostOn, newProduct, orderOf } from "../../../support/host.ts"
import { freshClient } from "../../../support/postgres.ts"

class Undone extends Data.TaggedError("Undone") {}

/** Damage that an audit has to find, and the invariant that it breaks. */
const damage: ReadonlyArray<readonly [statement: string, invariant: string]> = [
  ["UPDATE commerce.products SET stock = stock + 1", "stock"],
  ["UPDATE commerce.products SET received_total = received_total + 1", "stock"],
  ["UPDATE commerce.stock_adjustments SET delta = delta + 1", "stock"],
  ["UPDATE commerce.order_items SET quantity = quantity + 1, total = total + unit_price", "stock"],
  ["UPDATE commerce.orders SET total = total + 1", "total"],
  ["DELETE FROM commerce.order_items", "total"],
  ["DELETE FROM commerce.order_events WHERE sequence = 1", "history"],
  ["DELETE FROM commerce.order_events WHERE sequence = 2", "history"],
  ["DELETE FROM commerce.order_events", "history"],
  ["UPDATE commerce.order_events SET sequence = 7 WHERE sequence = 2", "history"],
  ["UPDATE commerce.order_events SET event = 'shipped' WHERE sequence = 2", "history"],
  ["UPDATE commerce.order_events SET to_status = 'CREATED' WHERE sequence = 2", "history"],
  ["UPDATE commerce.orders SET version = version + 1", "history"],
  ["UPDATE commerce.orders SET status = 'SHIPPED'", "history"],
  ["DELETE FROM commerce.payments", "payment"],
  ["UPDATE commerce.payments SET status = 'DECLINED'", "payment"],
  ["UPDATE commerce.payments SET status = 'PENDING'", "payment"],
  ["UPDATE commerce.payments SET amount = amount - 1", "payment"],
  ["UPDATE commerce.payments SET currency = 'USD'", "payment"],
  ["UPDATE commerce.orders SET status = 'CREATED'", "payment"],
  ["UPDATE commerce.idempotency_keys SET fingerprint = NULL", "key"],
  ["UPDATE commerce.idempotency_keys SET resource_id = gen_random_uuid()", "key"],
  [
    `INSERT INTO commerce.idempotency_keys (scope, operation, key, fingerprint, resource_id, created_at)
     SELECT scope, operation, 'another', fingerprint, resource_id, created_at FROM commerce.idempotency_keys`,
    "key"
  ]
]

layer(hostOn(freshClient), { excludeTestServices: true })("an audit", (it) => {
  it.effect("finds nothing in a sound shop, and every damage in a damaged one", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const { verify } = yield* Verification
      const { id: productId } = yield* newProduct(5)
      const { id: orderId } = yield* (yield* Orders).place(orderOf(productId, 2), { idempotencyKey: "key" })
      yield* (yield* Payments).pay({ orderId, paymentMethod: "sim_approve" })
      assert.deepStrictEqual(yield* verify(), { ok: true, violations: [] })
      for (const [statement, invariant] of damage) {
        const audited = Effect.gen(function* () {
          yield* sql.unsafe(statement).unprepared
          const { ok, violations } = yield* verify()
          assert.isFalse(ok, statement)
          assert.include(
            violations.map((violation) => violation.invariant),
            invariant,
            statement
          )
          return yield* new Undone()
        })
        yield* Effect.catchTag(sql.withTransaction(audited), "Undone", () => Effect.void)
      }
      assert.isTrue((yield* verify()).ok)
    })
  )
})
