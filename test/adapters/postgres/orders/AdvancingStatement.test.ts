import { readFileSync } from "node:fs"
import { PgClient } from "@effect/sql-pg"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted, Result } from "effect"
import { Statement } from "effect/sql"
import { Database } from "../../../../src/adapters/postgres/execution/Database.ts"
import { saveAdvanced } from "../../../../src/adapters/postgres/orders/OrderRecords.ts"
import { type Fulfilment, fulfil } from "../../../../src/domain/fulfilment/Fulfilment.ts"
import { type Advanced, advance, expire } from "../../../../src/domain/orders/AdvanceOrder.ts"
import type { Order } from "../../../../src/domain/orders/Order.ts"
import { CustomerId, OrderId, ProductId } from "../../../../src/domain/shared/Ids.ts"

const price = { amount: 500, currency: "EUR" }
const productId = ProductId.make("0198c0de-0000-7000-8000-000000000002")
const order = (status: Order["status"]): Order => ({
  id: OrderId.make("0198c0de-0000-7000-8000-000000000001"),
  customerId: CustomerId.make("ada"),
  status,
  items: [
    {
      productId,
      name: "Mug",
      sku: null,
      unitPrice: price,
      quantity: 2,
      total: { amount: 1000, currency: "EUR" }
    }
  ],
  total: { amount: 1000, currency: "EUR" },
  metadata: {},
  version: 1,
  createdAt: new Date(0),
  updatedAt: new Date(0)
})
const by = { at: new Date(0), actor: "ada" }

const shipped = Result.getOrThrow(advance(order("PAID"), "shipped", by))
const completed = Result.getOrThrow(advance(order("SHIPPED"), "completed", by))
const paid = Result.getOrThrow(advance(order("CREATED"), "paid", by))
const expired = Result.getOrThrow(expire(order("CREATED"), false, by))
const fulfilled = (status: Order["status"], fulfilment: Fulfilment) =>
  Result.getOrThrow(fulfil(order(status), fulfilment, false, by))

/** The first statement that is sent for a batch of steps. Nothing is connected to. */
const statementFor = (...steps: ReadonlyArray<Advanced>) =>
  Effect.gen(function* () {
    let text = ""
    const save = yield* saveAdvanced
    yield* Effect.exit(save(steps)).pipe(
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

describe("the statement that saves steps of orders", () => {
  it.live("is, to the letter, what it was before there were parts, for orders that move as a whole", () =>
    Effect.gen(function* () {
      const before = readFileSync("test/fixtures/statements/advancing.sql", "utf8")
      for (const steps of [[shipped], [completed], [paid], [expired], [shipped, completed, paid]]) {
        assert.strictEqual(yield* statementFor(...steps), before)
      }
      assert.strictEqual(yield* statementFor(fulfilled("PAID", { kind: "ship", request: {} })), before)
    })
  )

  it.live("writes units if an order of the batch has moved in parts", () =>
    Effect.gen(function* () {
      const one = { items: [{ productId, quantity: 1 }] }
      assert.include(yield* statementFor(shipped, fulfilled("PAID", { kind: "ship", request: one })), "units")
      assert.include(yield* statementFor(fulfilled("PAID", { kind: "cancel", request: {} })), "current_total")
    })
  )
})
