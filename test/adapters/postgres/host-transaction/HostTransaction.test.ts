import { assert, layer } from "@effect/vitest"
import { Data, Effect, Schedule } from "effect"
import { SqlClient } from "effect/sql"
import { Accounts } from "../../../../src/services/Accounts.ts"
import { Analytics } from "../../../../src/services/Analytics.ts"
import { Catalog } from "../../../../src/services/Catalog.ts"
import { Orders } from "../../../../src/services/Orders.ts"
import { Payments } from "../../../../src/services/Payments.ts"
import { engines } from "../../../support/engines.ts"
import { allRows, hostOn, newProduct, note, noted, orderOf } from "../../../support/host.ts"

class HostGivesUp extends Data.TaggedError("HostGivesUp") {}

/** Runs work in a transaction that the host then rolls back; ours must be as before, whatever the work was. */
const undone = <A, E, R>(work: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const before = yield* allRows
    const inside = Effect.flatMap(work, () => new HostGivesUp())
    const error = yield* Effect.flip(sql.withTransaction(inside))
    assert.strictEqual((error as HostGivesUp)._tag, "HostGivesUp")
    assert.deepStrictEqual(yield* allRows, before)
  })

for (const { name, client } of engines) {
  layer(hostOn(client), { excludeTestServices: true, timeout: "5 minutes" })(`a host on ${name}`, (it) => {
    it.effect("commits its row and an order together [H1]", () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const orders = yield* Orders
        const { id: productId } = yield* newProduct(5)
        const placed = yield* sql.withTransaction(
          Effect.tap(orders.place(orderOf(productId, 2)), ({ id }) => note(id))
        )
        assert.deepStrictEqual(yield* orders.get(placed.id), placed)
        assert.deepStrictEqual(yield* noted(placed.id), [placed.id])
        assert.strictEqual((yield* (yield* Catalog).product(productId)).stock, 3)
      })
    )

    it.effect("rolls back its row and an order together, with items, event, stock and key [H1]", () =>
      Effect.gen(function* () {
        const orders = yield* Orders
        const { id: productId } = yield* newProduct(5)
        const order = orderOf(productId, 2)
        const once = { idempotencyKey: "once" }
        yield* undone(Effect.andThen(note("never"), orders.place(order, once)))
        assert.deepStrictEqual(yield* noted("never"), [])
        assert.isFalse((yield* orders.placeOrReplay(order, once)).replayed)
      })
    )

    it.effect("rolls back whatever it did with our services", () =>
      Effect.gen(function* () {
        const [accounts, catalog, orders, payments] = [
          yield* Accounts,
          yield* Catalog,
          yield* Orders,
          yield* Payments
        ]
        const { id: productId } = yield* newProduct(9)
        const placed = yield* orders.place(orderOf(productId))
        const key = { idempotencyKey: "key" }
        yield* undone(
          Effect.gen(function* () {
            yield* accounts.register({ email: "a@example.com", password: "password" })
            yield* accounts.login({ email: "a@example.com", password: "password" })
            const added = yield* newProduct(3, "SKU")
            yield* catalog.changeProduct({ productId, name: "Cup" })
            yield* catalog.adjustStock({ productId, delta: 1 }, key)
            yield* payments.record({ orderId: placed.id, paymentMethod: "cash", outcome: "APPROVED" }, key)
            yield* orders.ship(placed.id)
            yield* orders.complete(placed.id)
            yield* orders.expire((yield* orders.place(orderOf(added.id))).id)
            yield* orders.expireUnpaid("0 seconds")
          })
        )
      })
    )

    it.effect("reads inside a transaction what it has written there", () =>
      Effect.gen(function* () {
        const [catalog, orders, payments] = [yield* Catalog, yield* Orders, yield* Payments]
        const { id: productId } = yield* newProduct(5)
        yield* undone(
          Effect.gen(function* () {
            const { id, customerId } = yield* orders.place(orderOf(productId, 2))
            const charge = { orderId: id, paymentMethod: "cash", outcome: "APPROVED" } as const
            const payment = yield* payments.record(charge)
            const { items } = yield* orders.list({ customerId })
            assert.deepStrictEqual([items[0]?.id, items[0]?.status], [id, "PAID"])
            assert.deepStrictEqual(yield* payments.list(id), [payment])
            assert.lengthOf(yield* orders.history(id), 2)
            assert.strictEqual((yield* catalog.product(productId)).stock, 3)
            const { ordersByStatus } = yield* (yield* Analytics).summary()
            assert.isAtLeast(ordersByStatus.PAID, 1)
          })
        )
      })
    )

    it.effect("keeps what an outer transaction did when a nested one is rolled back", () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const orders = yield* Orders
        const { id: productId } = yield* newProduct(5)
        const customerId = crypto.randomUUID()
        const nested = sql.withTransaction(
          Effect.andThen(orders.place(orderOf(productId, 2, customerId)), new HostGivesUp())
        )
        const outer = yield* sql.withTransaction(
          Effect.tap(orders.place(orderOf(productId, 1, customerId)), () =>
            Effect.andThen(Effect.flip(nested), note("outer"))
          )
        )
        assert.deepStrictEqual((yield* orders.list({ customerId })).items, [outer])
        assert.deepStrictEqual(yield* noted("outer"), ["outer"])
        assert.strictEqual((yield* (yield* Catalog).product(productId)).stock, 4)
      })
    )

    it.effect("places once per key in one transaction, and has its event in the feed once it commits", () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const orders = yield* Orders
        const { id: productId } = yield* newProduct(5)
        const place = orders.placeOrReplay(orderOf(productId), { idempotencyKey: "one" })
        const inFeed = Effect.map(orders.feed(), (events) => events.map(({ orderId }) => orderId))
        const [first, second, before] = yield* sql.withTransaction(Effect.all([place, place, inFeed]))
        assert.deepStrictEqual(second, { value: first.value, replayed: true })
        assert.notInclude(before, first.value.id)
        // Transactions of others on this server hold the feed up.
        yield* Effect.repeat(inFeed, {
          until: (orderIds) => orderIds.includes(first.value.id),
          schedule: Schedule.spaced("50 millis")
        })
        assert.deepStrictEqual(yield* place, second)
        assert.strictEqual((yield* (yield* Catalog).product(productId)).stock, 4)
      })
    )

    it.effect("may use our services from many fibers of one transaction", () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const orders = yield* Orders
        const { id: productId } = yield* newProduct(5)
        const places = Array.from({ length: 8 }, () => Effect.result(orders.place(orderOf(productId))))
        const answers = yield* sql.withTransaction(Effect.all(places, { concurrency: "unbounded" }))
        assert.lengthOf(
          answers.filter(({ _tag }) => _tag === "Success"),
          5
        )
        assert.strictEqual((yield* (yield* Catalog).product(productId)).stock, 0)
      })
    )

    it.effect("makes no payment through a gateway inside a transaction, and can go on", () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const [orders, payments] = [yield* Orders, yield* Payments]
        const { id: productId } = yield* newProduct(5)
        const { id: orderId } = yield* orders.place(orderOf(productId))
        const pay = payments.pay({ orderId, paymentMethod: "sim_approve" })
        const refusals = yield* sql.withTransaction(
          Effect.tap(Effect.all([Effect.flip(pay), Effect.flip(payments.recover)]), () => note(orderId))
        )
        assert.deepStrictEqual(
          refusals.map(({ _tag }) => _tag),
          ["TransactionOpen", "TransactionOpen"]
        )
        assert.deepStrictEqual(yield* noted(orderId), [orderId])
        assert.deepStrictEqual(yield* payments.list(orderId), [])
        assert.strictEqual((yield* pay).status, "APPROVED")
      })
    )
  })
}
