import { PgClient } from "@effect/sql-pg"
import { assert, layer } from "@effect/vitest"
import { Effect, Layer, String as Str } from "effect"
import { SqlClient } from "effect/sql"
import { migrate, layer as stores } from "../../../../src/adapters/postgres/index.ts"
import { Accounts } from "../../../../src/services/Accounts.ts"
import { Analytics } from "../../../../src/services/Analytics.ts"
import { Catalog } from "../../../../src/services/Catalog.ts"
import { Orders } from "../../../../src/services/Orders.ts"
import { Payments } from "../../../../src/services/Payments.ts"
import { Verification } from "../../../../src/services/Verification.ts"
import { commerce } from "../../../support/commerce.ts"
import { newProduct, orderOf } from "../../../support/host.ts"
import { emptyDatabase, freshDatabase } from "../../../support/postgres.ts"

/** A client as hosts have it: it renames columns both ways, shares connections, and prepares nothing. */
const renaming = (settings: { readonly url: PgClient.PgClientConfig["url"] }) =>
  PgClient.layer({
    ...settings,
    transformResultNames: Str.snakeToCamel,
    transformQueryNames: Str.camelToSnake,
    transformJson: true,
    multiplex: true,
    prepare: false,
    maxConnections: 3
  })

const fresh = Layer.unwrap(Effect.map(freshDatabase, (url) => renaming({ url })))

const migratedByItself = Layer.unwrap(Effect.map(emptyDatabase, (url) => renaming({ url }))).pipe(
  Layer.tap((client) => Effect.provide(migrate(), client))
)

const host = Layer.provideMerge(commerce, Layer.provideMerge(stores(), migratedByItself))

layer(host, { excludeTestServices: true, timeout: "5 minutes" })(
  "a host whose client renames columns",
  (it) => {
    it.effect("gets what others get, and its own columns renamed [H3]", () =>
      Effect.gen(function* () {
        const [accounts, catalog, orders, payments] = [
          yield* Accounts,
          yield* Catalog,
          yield* Orders,
          yield* Payments
        ]
        const person = { email: "a@example.com", password: "password" }
        const { id: customerId } = yield* accounts.register(person)
        yield* accounts.login(person)
        const { id: productId, categoryId } = yield* newProduct(5, "SKU")
        yield* catalog.changeProduct({ productId, name: "Cup" })
        const adjustment = { productId, delta: 2 }
        const once = { idempotencyKey: "once" }
        const adjusted = yield* catalog.adjustStock(adjustment, once)
        assert.deepStrictEqual(yield* catalog.adjustStock(adjustment, once), adjusted)
        assert.deepStrictEqual((yield* catalog.products({ categoryId, q: "cup" })).items, [adjusted])

        const metadata = { snake_case: "a_b", camelCase: "aB" }
        const order = { ...orderOf(productId, 2, customerId), metadata }
        const placed = yield* orders.place(order, once)
        assert.deepStrictEqual(placed.metadata, metadata)
        assert.deepStrictEqual(yield* orders.placeOrReplay(order, once), { value: placed, replayed: true })
        assert.deepStrictEqual((yield* orders.list({ customerId })).items, [placed])
        const payment = yield* payments.pay({ orderId: placed.id, paymentMethod: "sim_approve" })
        assert.deepStrictEqual(yield* payments.list(placed.id), [payment])
        const shipped = yield* orders.ship(placed.id)
        assert.deepStrictEqual(yield* orders.get(placed.id), shipped)
        assert.lengthOf(yield* orders.history(placed.id), 3)
        const { inTransit } = yield* (yield* Analytics).summary()
        assert.deepStrictEqual(inTransit, [placed.total])
        assert.deepStrictEqual(yield* (yield* Verification).verify(), { ok: true, violations: [] })

        const sql = yield* SqlClient.SqlClient
        const [row] = yield* sql`SELECT customer_id FROM commerce.orders`
        assert.deepStrictEqual(row, { customerId })
      })
    )

    it.effect("has us join its transactions, and not those of another client", () =>
      Effect.gen(function* () {
        const another = yield* Layer.build(fresh)
        const orders = yield* Orders
        const { id: productId } = yield* newProduct(5)
        const placeInVain = SqlClient.SqlClient.use((sql) =>
          sql.withTransaction(Effect.andThen(orders.place(orderOf(productId)), Effect.fail("rolled back")))
        )
        const stock = Effect.map((yield* Catalog).product(productId), (product) => product.stock)
        yield* Effect.flip(placeInVain)
        assert.strictEqual(yield* stock, 5)
        yield* Effect.flip(Effect.provideContext(placeInVain, another))
        assert.strictEqual(yield* stock, 4)
      })
    )
  }
)
