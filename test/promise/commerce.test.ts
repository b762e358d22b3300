import { Effect, Exit, Redacted, Scope } from "effect"
import { assert, describe, expect, expectTypeOf, it } from "vitest"
import { EmailTaken } from "../../src/domain/accounts/Account.ts"
import { InsufficientStock } from "../../src/domain/catalog/Product.ts"
import type { PositionUnknown } from "../../src/domain/orders/Feed.ts"
import type { Order } from "../../src/domain/orders/Order.ts"
import type { Payment } from "../../src/domain/payments/Payment.ts"
import { InvalidInput } from "../../src/domain/shared/InvalidInput.ts"
import type { StoreUnavailable } from "../../src/ports/errors.ts"
import { type CallOptions, type Commerce, createCommerce, type Rejection } from "../../src/promise/index.ts"
import type { TransactionOpen } from "../../src/services/CommerceError.ts"
import type { ChangeOptions } from "../../src/services/inputs/Options.ts"
import type { PlaceOrderInput } from "../../src/services/inputs/Orders.ts"
import { emptyDatabase } from "../support/postgres.ts"
import { engines, newProduct, orderOf, reasonOf, useEmbedded } from "./support.ts"

describe.each(engines)("a commerce on $name", ({ open }) => {
  const opened = open()

  it("does what the contract shows, line by line", async () => {
    const commerce = opened()
    const [email, password, name] = ["ada@example.com", "a long password", "Mugs"]
    const { id: customerId } = await commerce.accounts.register({ email, password })
    const tokens = await commerce.accounts.login({ email, password })
    assert.strictEqual((await commerce.accounts.authenticate(tokens.accessToken)).id, customerId)
    const { id: categoryId } = await commerce.catalog.createCategory({ name })
    const price = { amount: 1999, currency: "USD" }
    const product = await commerce.catalog.createProduct({ categoryId, name, price, stock: 5 })
    const draft = { customerId, items: [{ productId: product.id, quantity: 2 }] }
    const once = { idempotencyKey: "once" }
    const order = await commerce.orders.place(draft, once)
    assert.deepStrictEqual(await commerce.orders.place(draft, once), order)
    const payment = await commerce.payments.pay({ orderId: order.id, paymentMethod: "sim_approve" })
    assert.strictEqual(payment.orderStatus, "PAID")
    await commerce.orders.ship(order.id)
    const completed = await commerce.orders.complete(order.id, { actor: "warehouse 7" })
    assert.deepStrictEqual(await commerce.orders.get(order.id), completed)
    assert.deepStrictEqual((await commerce.orders.list({ customerId })).items, [completed])
    assert.deepStrictEqual(
      (await commerce.orders.history(order.id)).map(({ event, actor }) => [event, actor]),
      [
        ["placed", customerId],
        ["paid", "system"],
        ["shipped", "system"],
        ["completed", "warehouse 7"]
      ]
    )
    assert.deepStrictEqual((await commerce.analytics.summary({})).revenue, [order.total])
    assert.deepStrictEqual(await commerce.verify(), { ok: true, violations: [] })
    const response = await commerce.handler(new Request("http://shop.example/products"))
    assert.strictEqual((await response.json()).items[0].id, product.id)
  })

  it("rejects with the very error of the domain, and its data", async () => {
    const commerce = opened()
    const { id: productId } = await newProduct(commerce, 3)
    const refusal = await reasonOf(commerce.orders.place(orderOf(productId, 4)))
    assert.instanceOf(refusal, InsufficientStock)
    assert.instanceOf(refusal, Error)
    assert.strictEqual(refusal._tag, "InsufficientStock")
    assert.deepStrictEqual(refusal.shortages, [{ productId: productId, requested: 4, available: 3 }])
    assert.include(refusal.message, productId)
    const person = { email: "twice@example.com", password: "a long password" }
    await commerce.accounts.register(person)
    assert.instanceOf(await reasonOf(commerce.accounts.register(person)), EmailTaken)
  })

  it("tells all that is wrong with an input, with paths", async () => {
    const refusal = await reasonOf(opened().orders.place({ customerId: "", items: [] }))
    assert.deepNestedInclude(refusal, { _tag: "InvalidInput" })
    const { errors } = refusal as { errors: ReadonlyArray<{ path: string }> }
    assert.sameMembers(
      errors.map(({ path }) => path),
      ["/customerId", "/items"]
    )
  })

  it("places orders of many callers at once", async () => {
    const commerce = opened()
    const { id: productId } = await newProduct(commerce, 5)
    const answers = await Promise.allSettled(
      Array.from({ length: 8 }, () => commerce.orders.place(orderOf(productId)))
    )
    assert.lengthOf(
      answers.filter(({ status }) => status === "fulfilled"),
      5
    )
  })

  it("expires, recovers and reads the feed", async () => {
    const commerce = opened()
    const { id: productId } = await newProduct(commerce, 5)
    const { id } = await commerce.orders.place(orderOf(productId))
    const follow = commerce.orders.follow({ every: 10 })[Symbol.asyncIterator]()
    const seen: Array<string> = []
    while (!seen.includes(id)) seen.push((await follow.next()).value.orderId)
    await follow.return?.()
    assert.strictEqual((await commerce.orders.expire(id, { actor: "somebody" })).status, "FAILED")
    assert.deepStrictEqual(await commerce.payments.recover(), [])
    const events = await commerce.orders.feed({ limit: 100 })
    assert.include(
      events.map(({ orderId }) => orderId),
      id
    )
  })
})

describe("the methods of a commerce", () => {
  const opened = useEmbedded()

  it("have the types of the services", () => {
    const commerce = opened()
    expectTypeOf(commerce.orders.get).toEqualTypeOf<
      (orderId: string, options?: CallOptions) => Promise<Order>
    >()
    expectTypeOf(commerce.payments.recover).toEqualTypeOf<
      (options?: CallOptions) => Promise<ReadonlyArray<Payment>>
    >()
    expectTypeOf<Commerce["orders"]["complete"]>()
      .parameter(1)
      .toEqualTypeOf<(ChangeOptions & CallOptions) | undefined>()
    expectTypeOf(commerce.orders.place).toEqualTypeOf<
      (input: PlaceOrderInput, options?: ChangeOptions & CallOptions) => Promise<Order>
    >()
    expectTypeOf<Rejection<"payments", "recover">>().toEqualTypeOf<TransactionOpen | StoreUnavailable>()
    expectTypeOf<Rejection<"orders", "follow">>().toEqualTypeOf<
      InvalidInput | PositionUnknown | StoreUnavailable
    >()
    expectTypeOf<
      Extract<Rejection<"orders", "place">, { _tag: "InsufficientStock" }>
    >().toEqualTypeOf<InsufficientStock>()
    // @ts-expect-error: a number is no id
    commerce.orders.get(7).catch(() => {})
  })

  it("can be taken apart", async () => {
    const { orders, handler } = opened()
    const { list } = orders
    assert.deepStrictEqual((await list()).items, [])
    assert.strictEqual((await handler(new Request("http://shop.example/health/ready"))).status, 200)
  })
})

describe("settings that are wrong", () => {
  const jwtSecret = "a secret of thirty-two bytes or more"
  const url = "postgres://nobody@127.0.0.1:1/nowhere"

  it.each([
    ["/auth/jwtSecret", { database: { url } }],
    ["/auth/jwtSecret", { database: { embedded: "memory" }, auth: { jwtSecret: "short" } }],
    ["/auth/previousSecrets/0", { database: { url }, auth: { jwtSecret, previousSecrets: ["short"] } }],
    ["/database/schema", { database: { url, schema: "Shop" }, auth: { jwtSecret } }],
    ["/database/url", { database: { url: "mysql://localhost" }, auth: { jwtSecret } }],
    ["/auth/bcryptCost", { database: { embedded: "memory" }, auth: { bcryptCost: 3 } }],
    [
      "/maintenance/unpaidOrderTtl",
      { database: { embedded: "memory" }, maintenance: { unpaidOrderTtl: "soon" as never } }
    ],
    ["/http/basePath", { database: { embedded: "memory" }, http: { basePath: "shop" } }],
    ["/http/corsOrigins/0", { database: { embedded: "memory" }, http: { corsOrigins: ["shop.example"] } }],
    ["/http/trustedProxies/0", { database: { embedded: "memory" }, http: { trustedProxies: ["0.0.0.0/0"] } }]
  ])("are told by their path: %s", async (path, settings) => {
    const refusal = await reasonOf(createCommerce(settings))
    assert.deepNestedPropertyVal(refusal, "errors[0].path", path)
    assert.notInclude(String(refusal), "short")
  })

  it.each([
    [undefined, [["", "Expected an object"]]],
    [{}, [["/database", "Missing key"]]],
    [{ database: {} }, [["/database/embedded", "Missing key: this, url or memory is needed"]]],
    [{ database: { memory: false } }, [["/database/memory", "Expected true"]]],
    [{ database: { memory: true, schema: "shop" } }, [["/database/schema", "Unknown key"]]],
    [{ database: { memory: true, embedded: "memory" } }, [["/database/memory", "Unknown key"]]],
    [{ database: { memory: true, url }, auth: { jwtSecret } }, [["/database/memory", "Unknown key"]]],
    [{ database: { url } }, [["/auth/jwtSecret", "Expected at least 32 bytes, the same in all processes"]]],
    [{ database: { url, embedded: "x" }, auth: { jwtSecret } }, [["/database/embedded", "Unknown key"]]],
    [
      { database: { url: "mysql://localhost" }, auth: { jwtSecret } },
      [["/database/url", "Expected postgres://…"]]
    ],
    [
      { database: { embedded: "memory", schema: "Shop" } },
      [["/database/schema", expect.stringMatching(/a-z/)]]
    ],
    [
      { database: { url, schema: "pg_shop" }, auth: { jwtSecret } },
      [["/database/schema", expect.stringMatching(/pg_/)]]
    ],
    [
      { database: { embedded: "memory", schema: "pg_shop" } },
      [["/database/schema", expect.stringMatching(/pg_/)]]
    ],
    [{ database: { embedded: "memory" }, jwtSecret }, [["/jwtSecret", "Unknown key"]]],
    [{ database: { embedded: "memory" }, auth: { jwtSecert: "x" } }, [["/auth/jwtSecert", "Unknown key"]]],
    [
      { database: { url, pool: 0 }, auth: { bcryptCost: 3 } },
      [
        ["/database/pool", "Expected an integer from 1 to 1000"],
        ["/auth/bcryptCost", "Expected an integer from 4 to 15"],
        ["/auth/jwtSecret", "Expected at least 32 bytes, the same in all processes"]
      ]
    ],
    [{ database: { embedded: "memory", pool: 3 } }, [["/database/pool", "Unknown key"]]],
    [{ database: { memory: true, pool: 3 } }, [["/database/pool", "Unknown key"]]],
    [
      { database: { embedded: "" } },
      [["/database/embedded", "Expected a directory, memory, or one of these as memory:// or file://path"]]
    ],
    [
      {
        database: { embedded: "memory", migrate: 1 },
        http: { rateLimit: "on", trustedProxies: 1 },
        payments: { gateway: {} },
        clock: 5
      },
      [
        ["/database/migrate", "Expected true or false"],
        ["/http/rateLimit", 'Expected a rate such as "30 per minute", or off'],
        ["/http/trustedProxies", "Expected an array"],
        ["/payments/gateway", "Expected simulated, or an object with the functions accepts and charge"],
        ["/clock", "Expected a function"]
      ]
    ]
  ])("are told once, and nothing else: %j", async (settings, faults) => {
    const refusal = await reasonOf(createCommerce(settings as never))
    assert.instanceOf(refusal, InvalidInput)
    expect(refusal.errors.map(({ path, message }) => [path, message])).toEqual(faults)
  })

  it("of a database without tables are told, unless they are to be made", async () => {
    const scope = Scope.makeUnsafe()
    const empty = Redacted.value(await Effect.runPromise(Scope.provide(emptyDatabase, scope)))
    const auth = { jwtSecret, bcryptCost: 4 }
    const open = (migrate?: boolean) =>
      createCommerce({ database: { url: empty, schema: "shop", pool: 1, migrate }, auth })
    assert.propertyVal(await reasonOf(open(false)), "_tag", "SchemaOutdated")
    for (const commerce of [await open(), await open(false)]) {
      assert.deepStrictEqual((await commerce.orders.list()).items, [])
      await commerce.close()
    }
    await Effect.runPromise(Scope.close(scope, Exit.void))
  })

  it("of a database that does not answer are an outage", async () => {
    const refusal = await reasonOf(createCommerce({ database: { url }, auth: { jwtSecret } }))
    assert.propertyVal(refusal, "_tag", "StoreUnavailable")
    assert.match(Object(refusal).message, /^The store is unavailable: .*ECONNREFUSED/)
  })
})
