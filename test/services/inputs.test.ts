import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { Effect, Layer, Schema } from "effect"
import { layer as memory } from "../../src/adapters/memory/index.ts"
import type { Draft } from "../../src/domain/orders/PlaceOrder.ts"
import { IdempotencyKeyReused } from "../../src/domain/shared/Idempotency.ts"
import { InvalidInput } from "../../src/domain/shared/InvalidInput.ts"
import { Accounts } from "../../src/services/Accounts.ts"
import { Analytics } from "../../src/services/Analytics.ts"
import { Catalog } from "../../src/services/Catalog.ts"
import { decodeInput } from "../../src/services/inputs/Decode.ts"
import type { ChangeOptions } from "../../src/services/inputs/Options.ts"
import type { PlaceOrderInput } from "../../src/services/inputs/Orders.ts"
import { Orders } from "../../src/services/Orders.ts"
import { Payments } from "../../src/services/Payments.ts"
import { commerceServices } from "../support/commerce.ts"
import { newProduct, orderOf } from "../support/host.ts"

const shop = Layer.provideMerge(commerceServices, memory)

const faultsOf = <A, R>(call: Effect.Effect<A, unknown, R>) =>
  Effect.map(Effect.flip(call), (error) => {
    assert.instanceOf(error, InvalidInput)
    return error.errors.map(({ path, message }) => `${path}: ${message}`)
  })

const unknown = (path: string) => [`${path}: Unknown key`]

type Change = (options: ChangeOptions) => Effect.Effect<unknown, unknown>

/** As a host without types would write it. */
const untyped = <A>(input: A, more: object): A => ({ ...input, ...more })

describe("inputs", () => {
  it.effect("refuse an idempotency key and an actor, which belong to the options", () =>
    Effect.gen(function* () {
      const [orders, catalog, payments] = [yield* Orders, yield* Catalog, yield* Payments]
      const { id: productId, ...product } = yield* newProduct(5)
      const { id: orderId } = yield* orders.place(orderOf(productId))
      const created = { categoryId: product.categoryId, name: "Cup", price: product.price, stock: 1 }
      const charge = { orderId, paymentMethod: "sim_approve" }
      for (const member of ["idempotencyKey", "actor"]) {
        const given = { [member]: "key" }
        const path = `/${member}`
        const calls = [
          orders.place(untyped(orderOf(productId), given)),
          catalog.createProduct(untyped(created, given)),
          catalog.adjustStock(untyped({ productId, delta: 1 }, given)),
          catalog.changeProduct(untyped({ productId }, given)),
          catalog.createCategory(untyped({ name: "Tea" }, given)),
          catalog.renameCategory(untyped({ categoryId: product.categoryId, name: "Tea" }, given)),
          payments.pay(untyped(charge, given)),
          payments.record(untyped({ ...charge, outcome: "APPROVED" as const }, given)),
          payments.recordOutcome(untyped({ paymentId: orderId, outcome: "APPROVED" as const }, given))
        ]
        for (const call of calls) {
          assert.deepStrictEqual(yield* faultsOf<unknown, never>(call), unknown(path))
        }
      }
      assert.strictEqual((yield* catalog.product(productId)).stock, 4)
      assert.deepStrictEqual((yield* catalog.products()).items.length, 1)
    }).pipe(Effect.provide(shop))
  )

  it.effect("refuse unknown members wherever they are", () =>
    Effect.gen(function* () {
      const [orders, catalog, analytics] = [yield* Orders, yield* Catalog, yield* Analytics]
      const { id: productId } = yield* newProduct(5)
      const line = untyped({ productId, quantity: 1 }, { note: "gift" })
      assert.deepStrictEqual(
        yield* faultsOf(orders.place({ customerId: crypto.randomUUID(), items: [line] })),
        unknown("/items/0/note")
      )
      const price = untyped({ amount: 1, currency: "EUR" }, { tax: 0 })
      assert.deepStrictEqual(
        yield* faultsOf(catalog.changeProduct({ productId, price })),
        unknown("/price/tax")
      )
      assert.deepStrictEqual(yield* faultsOf(orders.list(untyped({}, { state: "PAID" }))), unknown("/state"))
      assert.deepStrictEqual(
        yield* faultsOf(catalog.products(untyped({}, { query: "tea" }))),
        unknown("/query")
      )
      assert.deepStrictEqual(yield* faultsOf(analytics.summary(untyped({}, { until: 1 }))), unknown("/until"))
      assert.deepStrictEqual(yield* faultsOf(orders.feed(untyped({}, { since: "" }))), unknown("/since"))
    }).pipe(Effect.provide(shop))
  )

  it.effect("may be ids as text, which are checked", () =>
    Effect.gen(function* () {
      const [accounts, orders] = [yield* Accounts, yield* Orders]
      assert.deepStrictEqual(yield* faultsOf(accounts.get("nobody")), ["/accountId: Expected a UUID"])
      assert.deepStrictEqual(yield* faultsOf(orders.ship("nobody")), ["/orderId: Expected a UUID"])
      const { id } = yield* accounts.register({ email: "ada@example.com", password: "a long password" })
      assert.strictEqual((yield* accounts.get(String(id))).id, id)
    }).pipe(Effect.provide(shop))
  )

  it("are what the schemas decode, or do not compile", () => {
    const Text = Schema.Struct({ text: Schema.String })
    const decode = decodeInput<{ readonly text: string }>()(Text)
    assert.strictEqual(Effect.runSync(decode({ text: "as declared" })).text, "as declared")
    // @ts-expect-error: the schema decodes a member that the input does not declare
    decodeInput<Record<never, never>>()(Schema.Struct({ text: Schema.optional(Schema.String) }))
    // @ts-expect-error: the input declares a member that the schema does not decode
    decodeInput<{ readonly text: string; readonly more?: string }>()(Text)
    // @ts-expect-error: the input declares another type
    decodeInput<{ readonly text: number }>()(Text)
    expectTypeOf<PlaceOrderInput>().branded.toEqualTypeOf<typeof Draft.Encoded>()
  })
})

describe("options", () => {
  it.effect("of every change refuse unknown members", () =>
    Effect.gen(function* () {
      const [orders, catalog, payments] = [yield* Orders, yield* Catalog, yield* Payments]
      const { id: productId, categoryId, price } = yield* newProduct(5)
      const { id } = yield* orders.place(orderOf(productId))
      const charge = { orderId: id, paymentMethod: "sim_approve" }
      const misspelled = untyped({}, { idempotencykey: "key" })
      const calls = [
        orders.place(orderOf(productId), misspelled),
        orders.ship(id, misspelled),
        orders.complete(id, misspelled),
        orders.expire(id, misspelled),
        payments.pay(charge, misspelled),
        payments.record({ ...charge, outcome: "APPROVED" }, misspelled),
        payments.recordOutcome({ paymentId: id, outcome: "APPROVED" }, misspelled),
        catalog.createCategory({ name: "Tea" }, misspelled),
        catalog.createProduct({ categoryId, name: "Cup", price, stock: 1 }, misspelled),
        catalog.changeProduct({ productId, name: "Cup" }, misspelled),
        catalog.adjustStock({ productId, delta: 1 }, misspelled)
      ]
      for (const call of calls) {
        assert.deepStrictEqual(yield* faultsOf<unknown, never>(call), unknown("/idempotencykey"))
      }
    }).pipe(Effect.provide(shop))
  )

  it.effect("and inputs are refused together, with every fault", () =>
    Effect.gen(function* () {
      const orders = yield* Orders
      const call = orders.place({ customerId: "", items: [] }, { idempotencyKey: " ", actor: "" })
      assert.deepStrictEqual(yield* faultsOf(call), [
        "/customerId: Expected 1 to 255 characters",
        "/items: Expected at least 1 item",
        "/actor: Expected 1 to 255 characters",
        "/idempotencyKey: Expected 1 to 255 visible ASCII characters"
      ])
    }).pipe(Effect.provide(shop))
  )

  it.effect(
    "name the actor of a change: by default the customer places an order, and the system does the rest",
    () =>
      Effect.gen(function* () {
        const [orders, payments] = [yield* Orders, yield* Payments]
        const { id: productId } = yield* newProduct(5)
        const actors = Effect.fnUntraced(function* (actor?: string) {
          const { id, customerId } = yield* orders.place(orderOf(productId), { actor })
          yield* payments.pay({ orderId: id, paymentMethod: "sim_approve" }, { actor })
          yield* orders.ship(id, { actor })
          yield* orders.complete(id, { actor })
          const history = yield* orders.history(id)
          return history.map(({ actor }) => (actor === customerId ? "the customer" : actor))
        })
        assert.deepStrictEqual(yield* actors(), ["the customer", "system", "system", "system"])
        assert.deepStrictEqual(yield* actors("Ada"), ["Ada", "Ada", "Ada", "Ada"])
      }).pipe(Effect.provide(shop))
  )

  it.effect("hold the key that makes a repeated call of every change safe", () =>
    Effect.gen(function* () {
      const [orders, catalog, payments] = [yield* Orders, yield* Catalog, yield* Payments]
      const { id: productId, categoryId, price } = yield* newProduct(5)
      const key = { idempotencyKey: "key" }
      const twice = <A, E, R>(call: Effect.Effect<A, E, R>) =>
        Effect.map(Effect.all([call, call]), ([first, second]) => {
          assert.deepStrictEqual(second, first)
          return first
        })
      yield* twice(catalog.adjustStock({ productId, delta: 2 }, key))
      yield* twice(catalog.createCategory({ name: "Cups" }, key))
      yield* twice(catalog.changeProduct({ productId, name: "Renamed" }, key))
      yield* twice(catalog.createProduct({ categoryId, name: "Cup", price, stock: 1 }, key))
      const order = orderOf(productId)
      const { id: orderId } = yield* twice(orders.place(order, key))
      const { id: paymentId } = yield* twice(payments.pay({ orderId, paymentMethod: "sim_approve" }, key))
      yield* twice(payments.recordOutcome({ paymentId, outcome: "APPROVED" }, key))
      yield* twice(orders.ship(orderId, key))
      yield* twice(orders.complete(orderId, key))
      const { id: expired } = yield* orders.place(order, { idempotencyKey: "to-expire" })
      yield* twice(orders.expire(expired, key))
      const { id: other } = yield* orders.place(order, { idempotencyKey: "other" })
      yield* twice(
        payments.record(
          { orderId: other, paymentMethod: "cash", outcome: "APPROVED" },
          { idempotencyKey: "record" }
        )
      )
      assert.strictEqual((yield* catalog.product(productId)).stock, 5)
    }).pipe(Effect.provide(shop))
  )

  it.effect("refuse a key that belongs to another request, unless it is of another actor", () =>
    Effect.gen(function* () {
      const [orders, catalog, payments] = [yield* Orders, yield* Catalog, yield* Payments]
      const { id: productId } = yield* newProduct(5)
      const place = Effect.suspend(() => orders.place(orderOf(productId)))
      const charge = (orderId: string) => payments.pay({ orderId, paymentMethod: "sim_approve" })
      const [one, two, three, four] = [yield* place, yield* place, yield* place, yield* place]
      const [first, second] = [yield* charge(one.id), yield* charge(two.id)]
      const settled = (paymentId: string) => ({ paymentId, outcome: "APPROVED" }) as const
      const pairs: ReadonlyArray<readonly [Change, Change]> = [
        [(options) => orders.ship(one.id, options), (options) => orders.ship(two.id, options)],
        [(options) => orders.complete(one.id, options), (options) => orders.complete(two.id, options)],
        [(options) => orders.expire(three.id, options), (options) => orders.expire(four.id, options)],
        [
          (options) => payments.recordOutcome(settled(first.id), options),
          (options) => payments.recordOutcome(settled(second.id), options)
        ],
        [
          (options) => catalog.createCategory({ name: "Tea" }, options),
          (options) => catalog.createCategory({ name: "Coffee" }, options)
        ],
        [
          (options) => catalog.changeProduct({ productId, name: "Mug" }, options),
          (options) => catalog.changeProduct({ productId, name: "Bowl" }, options)
        ]
      ]
      for (const [call, another] of pairs) {
        yield* call({ actor: "Ada", idempotencyKey: "key" })
        const refusal = yield* Effect.flip(another({ actor: "Ada", idempotencyKey: "key" }))
        assert.instanceOf(refusal, IdempotencyKeyReused)
        yield* another({ actor: "Bob", idempotencyKey: "key" })
      }
    }).pipe(Effect.provide(shop))
  )
})
