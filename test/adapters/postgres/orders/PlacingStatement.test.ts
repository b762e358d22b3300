import { readFileSync } from "node:fs"
import { PgClient } from "@effect/sql-pg"
import { assert, describe, it, layer } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { Statement } from "effect/sql"
import { Database } from "../../../../src/adapters/postgres/execution/Database.ts"
import { decidePlacements } from "../../../../src/adapters/postgres/orders/DecidePlacements.ts"
import { insertOrders } from "../../../../src/adapters/postgres/orders/InsertOrders.ts"
import { type PricingFunction, vouchersOnly } from "../../../../src/domain/pricing/Pricing.ts"
import { CategoryId, CustomerId, OrderId, ProductId } from "../../../../src/domain/shared/Ids.ts"
import { Pricing } from "../../../../src/ports/Pricing.ts"
import { Orders } from "../../../../src/services/Orders.ts"
import { commerceServices } from "../../../support/commerce.ts"
import { newProduct, orderOf } from "../../../support/host.ts"
import { freshStores } from "../../../support/postgres.ts"

const product = {
  id: ProductId.make("0198c0de-0000-7000-8000-000000000002"),
  categoryId: CategoryId.make("0198c0de-0000-7000-8000-000000000003"),
  name: "Mug",
  sku: null,
  price: { amount: 500, currency: "EUR" },
  stock: 9,
  active: true
}
const products = new Map([[product.id, product]])

const placement = (price: PricingFunction) => ({
  draft: { customerId: CustomerId.make("ada"), items: [{ productId: product.id, quantity: 1 }] },
  price,
  id: OrderId.make("0198c0de-0000-7000-8000-000000000001"),
  at: new Date(0),
  actor: "ada",
  idempotency: undefined
})

/** The text that is sent for a batch. Nothing is connected to. */
const statementFor = (...prices: ReadonlyArray<PricingFunction>) =>
  Effect.gen(function* () {
    let text = ""
    const insert = yield* insertOrders
    const batch = decidePlacements(prices.map(placement), products, () => undefined)
    yield* Effect.exit(insert(batch, products)).pipe(
      Effect.provideService(Statement.CurrentTransformer, (statement) => {
        text = statement.compile()[0]
        return Effect.die(new Error("heard"))
      })
    )
    return text
  }).pipe(
    Effect.provide(
      Layer.provide(
        Database.layer("commerce"),
        PgClient.layer({ url: Redacted.make("postgres://nobody@127.0.0.1:1/nowhere") })
      )
    ),
    Effect.scoped
  )

const fee: PricingFunction = () => [{ kind: "fee", code: "delivery", name: "Delivery", amount: 1 }]

describe("the statement that places orders", () => {
  it.live("of a shop without pricing is, to the letter, what it was before there was any", () =>
    Effect.gen(function* () {
      const before = readFileSync("test/fixtures/statements/placing.sql", "utf8")
      assert.strictEqual(yield* statementFor(vouchersOnly), before)
      assert.strictEqual(yield* statementFor(vouchersOnly, vouchersOnly), before)
    })
  )

  it.live("writes adjustments if pricing takes part in any order of a batch", () =>
    Effect.gen(function* () {
      assert.include(yield* statementFor(vouchersOnly, fee), "order_adjustments")
      assert.notInclude(yield* statementFor(fee), "redemptions")
    })
  )
})

/** The statements that were sent. */
const sent: Array<string> = []

const listening = Layer.succeed(Statement.CurrentTransformer, (statement) =>
  Effect.sync(() => {
    sent.push(statement.compile()[0].trim())
    return statement
  })
)

const shop = commerceServices.pipe(Layer.provideMerge(freshStores), Layer.provideMerge(listening))

/** What is read of the products of an order, and how many statements its placing takes. */
const placingOf = Effect.gen(function* () {
  const [orders, { id }] = [yield* Orders, yield* newProduct(5)]
  sent.length = 0
  yield* orders.place(orderOf(id))
  const [, read] = /^SELECT (.*) FROM \S+ WHERE id = ANY/.exec(sent[0] ?? "") ?? []
  return { read, statements: sent.length }
})

describe("placing", () => {
  layer(shop)("in a shop without pricing", (it) => {
    it.effect("reads what it did before there was any, and sends two statements", () =>
      Effect.map(placingOf, (placing) =>
        assert.deepStrictEqual(placing, {
          read: "id, name, sku, currency, price, stock, active",
          statements: 2
        })
      )
    )
  })

  layer(Layer.provide(shop, Layer.succeed(Pricing, fee)))("in a shop with pricing", (it) => {
    it.effect("reads the classification of products too, and sends no more statements", () =>
      Effect.map(placingOf, (placing) =>
        assert.deepStrictEqual(placing, {
          read: "id, name, sku, currency, price, stock, active, category_id, tax_class",
          statements: 2
        })
      )
    )
  })
})
