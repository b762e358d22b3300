import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { Accounts } from "../../../../src/services/Accounts.ts"
import { Catalog } from "../../../../src/services/Catalog.ts"
import { Orders } from "../../../../src/services/Orders.ts"
import { Payments } from "../../../../src/services/Payments.ts"
import { engines } from "../../../support/engines.ts"
import { allRows, hostOn, newProduct, note, noted, orderOf } from "../../../support/host.ts"

/** Everything that our services refuse and that a store decides, each with the tag of its refusal. */
const refusals = Effect.gen(function* () {
  const [accounts, catalog, orders, payments] = [
    yield* Accounts,
    yield* Catalog,
    yield* Orders,
    yield* Payments
  ]
  const person = { email: "taken@example.com", password: "password" }
  yield* accounts.register(person)
  const { id: productId, categoryId } = yield* newProduct(5, "TAKEN")
  const { id: other } = yield* newProduct(5)
  const { name } = yield* catalog.createCategory({ name: "Taken" })
  const product = { categoryId, name: "Mug", price: { amount: 1, currency: "EUR" }, stock: 1 }
  const { id: orderId, customerId } = yield* orders.place(orderOf(other), { idempotencyKey: "used" })
  const unpaid = yield* orders.place(orderOf(other))
  yield* payments.pay({ orderId, paymentMethod: "sim_approve" })
  yield* payments.pay({ orderId: unpaid.id, paymentMethod: "sim_timeout" })
  const unknown = crypto.randomUUID()
  return {
    EmailTaken: accounts.register(person),
    CategoryNameTaken: catalog.createCategory({ name: name.toUpperCase() }),
    "CategoryNameTaken by a renaming": catalog.renameCategory({ categoryId, name: name.toUpperCase() }),
    "CategoryNotFound by a renaming": catalog.renameCategory({ categoryId: unknown, name: "Free" }),
    CategoryNotFound: catalog.createProduct({ ...product, categoryId: unknown }),
    SkuTaken: catalog.createProduct({ ...product, sku: "taken" }),
    "SkuTaken by a change": catalog.changeProduct({ productId: other, sku: "taken" }),
    "ProductNotFound by an adjustment": catalog.adjustStock({ productId: unknown, delta: 1 }),
    "InsufficientStock by an adjustment": catalog.adjustStock({ productId, delta: -6 }),
    ProductNotFound: orders.place(orderOf(unknown)),
    InsufficientStock: orders.place(orderOf(productId, 6), { idempotencyKey: "unused" }),
    IdempotencyKeyReused: orders.place(orderOf(productId, 1, customerId), { idempotencyKey: "used" }),
    IllegalTransition: orders.complete(orderId),
    "OrderNotFound by a step": orders.ship(unknown),
    PaymentInProgress: orders.expire(unpaid.id),
    OrderNotPayable: payments.record({ orderId, paymentMethod: "cash", outcome: "APPROVED" }),
    PaymentNotFound: payments.recordOutcome({ paymentId: unknown, outcome: "APPROVED" })
  }
})

for (const { name, client } of engines) {
  layer(hostOn(client), { excludeTestServices: true, timeout: "5 minutes" })(`a host on ${name}`, (it) => {
    it.effect("goes on with its transaction after any refusal, and commits [H2]", () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const cases = Object.entries(yield* refusals)
        const before = yield* allRows
        for (const [expected, work] of cases) {
          const [first, second] = [`${expected}: before`, `${expected}: after`]
          const found = yield* sql.withTransaction(
            Effect.gen(function* () {
              yield* note(first)
              const refusal = yield* Effect.flip(
                Effect.asVoid<unknown, { readonly _tag: string }, never>(work)
              )
              yield* note(second)
              return refusal._tag
            })
          )
          assert.strictEqual(found, expected.split(" ")[0])
          assert.deepStrictEqual(yield* noted(first, second), [second, first])
        }
        assert.deepStrictEqual(yield* allRows, before)
      })
    )
  })
}
