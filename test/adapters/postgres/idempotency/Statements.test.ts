import { assert, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { Statement } from "effect/sql"
import { Catalog } from "../../../../src/services/Catalog.ts"
import type { ChangeOptions } from "../../../../src/services/inputs/Options.ts"
import { Orders } from "../../../../src/services/Orders.ts"
import { Payments } from "../../../../src/services/Payments.ts"
import { commerceServices } from "../../../support/commerce.ts"
import { newProduct, orderOf } from "../../../support/host.ts"
import { freshStores } from "../../../support/postgres.ts"

/** The statements that were sent, without that which every transaction begins with. */
const sent: Array<string> = []

const listening = Layer.succeed(Statement.CurrentTransformer, (statement) =>
  Effect.sync(() => {
    const [text] = statement.compile()
    if (!text.startsWith("SELECT pg_current_xact_id")) sent.push(text.trim())
    return statement
  })
)

const shop = commerceServices.pipe(Layer.provideMerge(freshStores), Layer.provideMerge(listening))

type Call = (options?: ChangeOptions) => Effect.Effect<unknown, unknown>

/** A change: how many statements it takes without a key, and a new call of it. */
interface Change {
  readonly statements: number
  readonly prepare: Effect.Effect<Call, unknown, Catalog | Orders | Payments>
}

const order = Effect.gen(function* () {
  const { id } = yield* newProduct(5)
  return (yield* Orders.use((orders) => orders.place(orderOf(id)))).id
})

const pending = Effect.flatMap(order, (orderId) =>
  Payments.use((payments) => payments.pay({ orderId, paymentMethod: "sim_timeout" }))
)

const paid = Effect.tap(order, (orderId) =>
  Payments.use((payments) => payments.record({ orderId, paymentMethod: "cash", outcome: "APPROVED" }))
)

const shipped = Effect.tap(paid, (id) => Orders.use((orders) => orders.ship(id)))

const changes: Record<string, Change> = {
  ship: {
    statements: 2,
    prepare: Effect.gen(function* () {
      const [orders, id] = [yield* Orders, yield* paid]
      return (options) => orders.ship(id, options)
    })
  },
  complete: {
    statements: 2,
    prepare: Effect.gen(function* () {
      const [orders, id] = [yield* Orders, yield* shipped]
      return (options) => orders.complete(id, options)
    })
  },
  expire: {
    statements: 5,
    prepare: Effect.gen(function* () {
      const [orders, id] = [yield* Orders, yield* order]
      return (options) => orders.expire(id, options)
    })
  },
  cancel: {
    statements: 5,
    prepare: Effect.gen(function* () {
      const [orders, id] = [yield* Orders, yield* paid]
      return (options) => orders.cancel(id, options)
    })
  },
  recordOutcome: {
    statements: 5,
    prepare: Effect.gen(function* () {
      const [payments, { id: paymentId }] = [yield* Payments, yield* pending]
      return (options) => payments.recordOutcome({ paymentId, outcome: "APPROVED" }, options)
    })
  },
  createCategory: {
    statements: 1,
    prepare: Effect.map(
      Catalog,
      (catalog) => (options) => catalog.createCategory({ name: crypto.randomUUID() }, options)
    )
  },
  renameCategory: {
    statements: 1,
    prepare: Effect.gen(function* () {
      const catalog = yield* Catalog
      const { id: categoryId } = yield* catalog.createCategory({ name: crypto.randomUUID() })
      const name = crypto.randomUUID()
      return (options) => catalog.renameCategory({ categoryId, name }, options)
    })
  },
  changeProduct: {
    statements: 2,
    prepare: Effect.gen(function* () {
      const [catalog, { id: productId }] = [yield* Catalog, yield* newProduct(5)]
      return (options) => catalog.changeProduct({ productId, name: "changed" }, options)
    })
  }
}

layer(shop, { excludeTestServices: true })("a change", (it) => {
  for (const [name, { statements, prepare }] of Object.entries(changes)) {
    it.effect(`of ${name} sends the claim and the result of a key, and without a key neither`, () =>
      Effect.gen(function* () {
        const [plain, keyed] = [yield* prepare, yield* prepare]
        sent.length = 0
        yield* plain()
        const without = sent.splice(0)
        yield* keyed({ idempotencyKey: name })
        const [claim = "", ...others] = sent.splice(0)
        assert.lengthOf(without, statements)
        assert.match(claim, /^INSERT INTO "\w+"\.idempotency_keys/)
        assert.match(others.pop() ?? "", /^UPDATE "\w+"\.idempotency_keys/)
        assert.deepStrictEqual(others, without)
      })
    )
  }

  it.effect("of a payment sends three statements before the gateway is asked, and five after that", () =>
    Effect.gen(function* () {
      const [payments, orderId] = [yield* Payments, yield* order]
      sent.length = 0
      yield* payments.pay({ orderId, paymentMethod: "sim_approve" })
      const texts = sent.splice(0)
      assert.lengthOf(texts, 8)
      assert.match(texts[2] ?? "", /INSERT INTO "\w+"\.payments/)
    })
  )
})
