import { assert, describe } from "@effect/vitest"
import { Context, Effect, Exit, Fiber, Layer, Result, Scope } from "effect"
import { SqlClient } from "effect/sql"
import * as Postgres from "../../../src/adapters/postgres/index.ts"
import { vouchersOnly } from "../../../src/domain/pricing/Pricing.ts"
import { CustomerId, OrderId, ProductId } from "../../../src/domain/shared/Ids.ts"
import type { StoreUnavailable } from "../../../src/ports/errors.ts"
import { OrderStore, type Placement } from "../../../src/ports/OrderStore.ts"
import { hold, newCustomer, patient, product, race, stock, type TestShop, untilWaiting } from "../support.ts"

const one = (productId: string) => ({ customerId: newCustomer(), items: [{ productId, quantity: 1 }] })

const all = <A, E>(work: ReadonlyArray<Effect.Effect<A, E>>) =>
  Effect.all(work, { concurrency: "unbounded", mode: "result" })

const transactions = ({ sql }: TestShop) =>
  Effect.map(
    sql<{ count: number }>`SELECT count(DISTINCT xid)::int4 AS count FROM commerce.order_events`,
    ([row]) => row?.count ?? 0
  )

describe("orders that are placed at once", () => {
  race("are committed together: many orders, few transactions", (shop) =>
    Effect.gen(function* () {
      const [product] = yield* stock(shop, 1000)
      const placed = yield* all(Array.from({ length: 500 }, () => shop.orders.place(one(product?.id ?? ""))))
      assert.strictEqual(placed.filter(Result.isSuccess).length, 500)
      assert.isBelow(yield* transactions(shop), 50)
    })
  )

  race("batch also when they come one by one", (shop) =>
    Effect.gen(function* () {
      const [product] = yield* stock(shop, 1000)
      const fibers = yield* Effect.forEach(Array.from({ length: 300 }), () =>
        Effect.andThen(
          Effect.promise(() => new Promise((resolve) => setImmediate(resolve))),
          Effect.forkChild(shop.orders.place(one(product?.id ?? "")))
        )
      )
      yield* Fiber.joinAll(fibers)
      assert.isBelow(yield* transactions(shop), 200)
    })
  )

  race("do not harm each other: each gets its own answer [S7]", (shop) =>
    Effect.gen(function* () {
      const [plenty, last] = yield* stock(shop, 1000, 3)
      const nothing = "00000000-0000-7000-8000-000000000000"
      const wanted = Array.from({ length: 90 }, (_, n) => [plenty?.id, last?.id, nothing][n % 3] ?? "")
      const answers = yield* all(wanted.map((productId) => shop.orders.place(one(productId))))
      const tags = answers.map((answer) => (Result.isSuccess(answer) ? "placed" : answer.failure._tag))
      assert.strictEqual(tags.filter((tag, n) => n % 3 === 0 && tag === "placed").length, 30)
      assert.strictEqual(tags.filter((tag, n) => n % 3 === 1 && tag === "placed").length, 3)
      assert.strictEqual(tags.filter((tag, n) => n % 3 === 1 && tag === "InsufficientStock").length, 27)
      assert.strictEqual(tags.filter((tag, n) => n % 3 === 2 && tag === "ProductNotFound").length, 30)
    })
  )

  race("are placed once per key, also within one batch; another request under the key is refused", (shop) =>
    Effect.gen(function* () {
      const [product] = yield* stock(shop, 100)
      const request = one(product?.id ?? "")
      const key = { idempotencyKey: "cart-1" }
      const other = { ...request, items: [{ productId: product?.id ?? "", quantity: 2 }] }
      const answers = yield* all([
        ...Array.from({ length: 20 }, () => shop.orders.placeOrReplay(request, key)),
        ...Array.from({ length: 20 }, () => shop.orders.placeOrReplay(other, key))
      ])
      const placed = answers.filter(Result.isSuccess).map(({ success }) => success)
      assert.strictEqual(placed.length, 20)
      assert.strictEqual(new Set(placed.map(({ value }) => value.id)).size, 1)
      assert.strictEqual(placed.filter(({ replayed }) => !replayed).length, 1)
      const refused = answers.filter(Result.isFailure).map(({ failure }) => failure._tag)
      assert.deepStrictEqual(new Set(refused), new Set(["IdempotencyKeyReused"]))
    })
  )

  race("lose none of their neighbours when a caller goes away", (shop) =>
    Effect.gen(function* () {
      const [product] = yield* stock(shop, 1000)
      const fibers = yield* Effect.forEach(Array.from({ length: 200 }), () =>
        Effect.forkChild(shop.orders.place(one(product?.id ?? "")))
      )
      yield* Effect.yieldNow
      const [leaving, staying] = [fibers.filter((_, n) => n % 2 === 0), fibers.filter((_, n) => n % 2 === 1)]
      yield* Fiber.interruptAll(leaving)
      const orders = yield* Fiber.joinAll(staying)
      assert.strictEqual(new Set(orders.map(({ id }) => id)).size, 100)
    })
  )

  race("outlive a bug that one of them meets [S7]", (shop) =>
    Effect.gen(function* () {
      const [product] = yield* stock(shop, 1000)
      const built = yield* Layer.build(
        Layer.provide(Postgres.layer(), Layer.succeed(SqlClient.SqlClient, shop.sql))
      )
      const store = Context.get(built, OrderStore)
      const taken = OrderId.make(crypto.randomUUID())
      const placement = (id: OrderId): Placement => ({
        draft: {
          customerId: CustomerId.make(newCustomer()),
          items: [{ productId: ProductId.make(product?.id ?? ""), quantity: 1 }]
        },
        price: vouchersOnly,
        id,
        at: new Date(),
        actor: "a test",
        idempotency: undefined
      })
      yield* store.place(placement(taken))
      const ids = Array.from({ length: 40 }, (_, n) => (n === 17 ? taken : OrderId.make(crypto.randomUUID())))
      const exits = yield* Effect.forEach(ids, (id) => Effect.exit(store.place(placement(id))), {
        concurrency: "unbounded"
      })
      assert.deepStrictEqual(
        exits.flatMap((exit, n) => (Exit.isFailure(exit) ? [n] : [])),
        [17]
      )
    })
  )

  race(
    "do not wait for a product that another transaction holds, unless they want it [S9]",
    (shop) =>
      Effect.gen(function* () {
        const [held, free] = yield* stock(shop, 1000, 1000)
        const release = yield* hold(shop, "products", { id: held?.id ?? "" })
        const waiting = yield* Effect.forEach(Array.from({ length: 30 }), () =>
          Effect.forkChild(shop.orders.place(one(held?.id ?? "")))
        )
        yield* untilWaiting(shop)
        for (let round = 0; round < 10; round++) {
          yield* Effect.all(
            Array.from({ length: 20 }, () => shop.orders.place(one(free?.id ?? ""))),
            { concurrency: "unbounded" }
          )
        }
        assert.isTrue(waiting.every((fiber) => fiber.pollUnsafe() === undefined))
        yield* release
        assert.strictEqual((yield* Fiber.joinAll(waiting)).length, 30)
      }),
    { limits: patient }
  )

  race(
    "are told so if they have to wait for a lock too long, and nothing has happened",
    (shop) =>
      Effect.gen(function* () {
        const [held] = yield* stock(shop, 10)
        const release = yield* hold(shop, "products", { id: held?.id ?? "" })
        const failure = yield* Effect.flip(shop.orders.place(one(held?.id ?? "")))
        assert.deepInclude(failure, { _tag: "StoreUnavailable", outcome: "notApplied" })
        yield* release
        assert.strictEqual((yield* shop.catalog.product(held?.id ?? "")).stock, 10)
      }),
    { limits: { lockTimeout: 500 } }
  )

  race("are answered when the shop closes, and every answer is true [S10]", (shop) =>
    Effect.gen(function* () {
      const [product] = yield* stock(shop, 1000)
      const scope = yield* Scope.make()
      const stores = Layer.provide(Postgres.layer(), Postgres.layerClient({ url: shop.url, pool: 2 }))
      const store = Context.get(yield* Layer.buildWithScope(stores, scope), OrderStore)
      const ids = Array.from({ length: 300 }, () => OrderId.make(crypto.randomUUID()))
      const fibers = yield* Effect.forEach(ids, (id) =>
        Effect.forkChild(
          store.place({
            draft: {
              customerId: CustomerId.make(newCustomer()),
              items: [{ productId: ProductId.make(product?.id ?? ""), quantity: 1 }]
            },
            price: vouchersOnly,
            id,
            at: new Date(),
            actor: "a test",
            idempotency: undefined
          })
        )
      )
      yield* Effect.sleep("5 millis")
      yield* Scope.close(scope, Exit.void)
      const results = yield* Effect.forEach(fibers, (fiber) => Effect.result(Fiber.join(fiber)))
      const rows = yield* shop.sql<{ id: string }>`SELECT id FROM commerce.orders`
      const stored = new Set(rows.map(({ id }) => id))
      for (const [index, result] of results.entries()) {
        const isStored = stored.has(ids[index] ?? "")
        if (Result.isSuccess(result)) assert.isTrue(isStored, "answered, so placed")
        else {
          assert.strictEqual(result.failure._tag, "StoreUnavailable")
          const { outcome } = result.failure as StoreUnavailable
          if (outcome === "notApplied") assert.isFalse(isStored, "not applied, so not placed")
        }
      }
    })
  )

  race(
    "are answered when the shop closes, also while another transaction holds their product; afterwards too [S10]",
    (shop) =>
      Effect.gen(function* () {
        const [held] = yield* stock(shop, 1000)
        const productId = ProductId.make(held?.id ?? "")
        const scope = yield* Scope.make()
        const stores = Layer.provide(Postgres.layer(), Postgres.layerClient({ url: shop.url, pool: 4 }))
        const store = Context.get(yield* Layer.buildWithScope(stores, scope), OrderStore)
        const place = Effect.suspend(() =>
          store.place({
            draft: { customerId: CustomerId.make(newCustomer()), items: [{ productId, quantity: 1 }] },
            price: vouchersOnly,
            id: OrderId.make(crypto.randomUUID()),
            at: new Date(),
            actor: "a test",
            idempotency: undefined
          })
        )
        const release = yield* hold(shop, "products", { id: productId })
        const first = yield* Effect.forkChild(place)
        yield* untilWaiting(shop)
        const later = yield* Effect.forEach(Array.from({ length: 50 }), () => Effect.forkChild(place))
        yield* Effect.sleep("20 millis")
        yield* Scope.close(scope, Exit.void)
        const afterwards = yield* Effect.forkChild(place)
        const exits = yield* Effect.forEach([first, ...later, afterwards], Fiber.await)
        assert.isTrue(exits.every(Exit.isFailure))
        yield* release
      }).pipe(Effect.scoped)
  )

  race(
    "of one product wait for its lock with one batch, and those that come meanwhile share the next",
    (shop) =>
      Effect.gen(function* () {
        const [first, second, hot] = yield* Effect.all([
          product(shop, 1),
          product(shop, 1),
          product(shop, 100)
        ])
        const [freeFirst, freeSecond, freeHot] = yield* Effect.all([
          hold(shop, "products", first),
          hold(shop, "products", second),
          hold(shop, "products", hot)
        ])
        const place = ({ id }: { readonly id: string }) =>
          Effect.forkChild(shop.orders.place(one(id)), { startImmediately: true })
        // Both batches in flight wait for other products, so the orders of the hot one are queued.
        const ofFirst = yield* place(first)
        yield* untilWaiting(shop, 1)
        const ofSecond = yield* place(second)
        yield* untilWaiting(shop, 2)
        const orders = yield* Effect.replicateEffect(place(hot), 20)
        yield* freeFirst
        yield* Fiber.join(ofFirst)
        yield* untilWaiting(shop, 2)
        const later = yield* Effect.replicateEffect(place(hot), 20)
        yield* freeSecond
        yield* Fiber.join(ofSecond)
        // Time for a second batch to wait for the same lock.
        yield* Effect.sleep("300 millis")
        assert.strictEqual((yield* untilWaiting(shop)).length, 1)
        yield* freeHot
        yield* Fiber.joinAll([...orders, ...later])
        assert.strictEqual(yield* transactions(shop), 4)
      }),
    { limits: { ...patient, shortLockTimeout: 600_000 } }
  )

  race(
    "of a product that nobody knows do not wait, nor do others, while another product is held",
    (shop) =>
      Effect.gen(function* () {
        const [held, free] = yield* stock(shop, 1000, 1000)
        const release = yield* hold(shop, "products", { id: held?.id ?? "" })
        const waiting = yield* Effect.forkChild(shop.orders.place(one(held?.id ?? "")))
        const unknown = Array.from({ length: 5 }, () => crypto.randomUUID())
        const answers = yield* all([...unknown, free?.id ?? ""].map((id) => shop.orders.place(one(id))))
        assert.deepStrictEqual(
          answers.map((answer) => (Result.isSuccess(answer) ? "placed" : answer.failure._tag)),
          [...unknown.map(() => "ProductNotFound"), "placed"]
        )
        assert.isUndefined(waiting.pollUnsafe())
        yield* release
        yield* Fiber.join(waiting)
      }),
    { limits: patient }
  )
})
