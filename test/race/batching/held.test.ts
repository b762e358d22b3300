import { assert, describe } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { buy, openShop, product, race, stock, type TestShop, times, unitsOf } from "../support.ts"

interface Item {
  readonly id: string
}

/** Somebody outside who holds rows locked until they are told to let go. */
const hold = Effect.fnUntraced(function* (
  { url }: TestShop,
  rows: { readonly [table: string]: ReadonlyArray<Item> }
) {
  const { sql } = yield* openShop(url, { pool: 1 })
  const [held, closeIdleConnections] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
  const lock = Effect.forEach(Object.entries(rows), ([table, items]) => {
    const ids = items.map(({ id }) => id)
    return sql`SELECT FROM ${sql(`commerce.${table}`)} WHERE id = ANY(${ids}::uuid[]) FOR UPDATE`
  })
  const holder = yield* Effect.forkScoped(
    sql.withTransaction(
      Effect.andThen(
        lock,
        Effect.andThen(Deferred.succeed(held, undefined), Deferred.await(closeIdleConnections))
      )
    )
  )
  yield* Deferred.await(held)
  return Effect.andThen(Deferred.succeed(closeIdleConnections, undefined), Fiber.join(holder))
})

/** Begins work that waits for what is held; it has been tried after a second. */
const beginAll = Effect.fnUntraced(function* <A, E>(works: ReadonlyArray<Effect.Effect<A, E>>) {
  const waiting = yield* Effect.forEach(works, (work) => Effect.forkScoped(work))
  yield* Effect.sleep("1200 millis")
  return waiting
})

/** They have waited for all of that, and it was not they who were waited for. */
const stillWait = (waiting: ReadonlyArray<Fiber.Fiber<unknown, unknown>>) =>
  assert.isTrue(waiting.every((fiber) => fiber.pollUnsafe() === undefined))

const sessionsThatWait = ({ sql }: TestShop) =>
  Effect.map(
    sql<{ count: number }>`
      SELECT count(*)::int AS count FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    ([row]) => row?.count ?? 0
  )

/** All that can be done with a product, a few times. */
const useAll = (shop: TestShop, item: Item) =>
  Effect.repeat(
    Effect.gen(function* () {
      yield* shop.catalog.product(item.id)
      yield* shop.catalog.adjustStock({ productId: item.id, delta: 1 })
      const { id: orderId } = yield* buy(shop, item)
      yield* shop.payments.pay({ orderId, paymentMethod: "sim_decline" })
      yield* shop.orders.expire((yield* buy(shop, item)).id)
    }),
    { times: 4 }
  )

const decline = ({ payments }: TestShop, { id: orderId }: Item) =>
  payments.pay({ orderId, paymentMethod: "sim_decline" })

describe("who holds a row holds up only those who want it", { concurrent: true }, () => {
  race("however many want to give back units of one product [S9]", (shop) =>
    Effect.gen(function* () {
      const [held, free] = [yield* product(shop, 100), yield* product(shop, 100)]
      const orders = yield* Effect.forEach(times(40), () => buy(shop, held), { concurrency: "unbounded" })
      const closeIdleConnections = yield* hold(shop, { products: [held] })
      const declining = yield* beginAll(orders.map((order) => decline(shop, order)))
      yield* useAll(shop, free)
      assert.strictEqual(yield* sessionsThatWait(shop), 1, "one waits for all")
      stillWait(declining)
      yield* closeIdleConnections
      const payments = yield* Fiber.joinAll(declining)
      assert.isTrue(payments.every(({ status }) => status === "DECLINED"))
      assert.strictEqual(yield* unitsOf(shop, held), 100)
    })
  )

  race("however many rows they hold, and whatever is wanted of them [S9]", (shop) =>
    Effect.gen(function* () {
      const products = yield* stock(shop, ...times(6).map(() => 100))
      const free = yield* product(shop, 100)
      const unpaid = yield* Effect.forEach(times(6), () => buy(shop, free))
      const paid = yield* Effect.forEach(times(6), () => buy(shop, free))
      for (const { id } of paid) yield* shop.payments.pay({ orderId: id, paymentMethod: "sim_approve" })
      const closeIdleConnections = yield* hold(shop, { products, orders: [...unpaid, ...paid] })
      const waiting = yield* beginAll<unknown, unknown>([
        ...products.map((item) => buy(shop, item)),
        ...unpaid.map(({ id }) => shop.payments.pay({ orderId: id, paymentMethod: "sim_approve" })),
        ...paid.map(({ id }) => shop.orders.ship(id)),
        ...products.map(({ id }) => shop.catalog.changeProduct({ productId: id, name: "changed" }))
      ])
      yield* useAll(shop, free)
      assert.isAtMost(yield* sessionsThatWait(shop), 5, "half of the pool at most")
      stillWait(waiting)
      yield* closeIdleConnections
      yield* Fiber.joinAll(waiting)
    })
  )

  for (const what of ["place", "decline", "expire", "sweep"] as const) {
    race(`also if those want another product besides: ${what} [S9]`, (shop) =>
      Effect.gen(function* () {
        const products = yield* stock(shop, 100, 100)
        const [first, held] = products.toSorted((a, b) => (a.id < b.id ? -1 : 1))
        if (first === undefined || held === undefined) return assert.fail("no products")
        const order = yield* buy(shop, first, held)
        const closeIdleConnections = yield* hold(shop, { products: [held] })
        const works = {
          place: buy(shop, first, held),
          decline: decline(shop, order),
          expire: shop.orders.expire(order.id),
          sweep: shop.orders.expireUnpaid("0 millis")
        } satisfies Record<string, Effect.Effect<unknown, unknown>>
        const waiting = yield* beginAll<unknown, unknown>([works[what]])
        yield* useAll(shop, first)
        stillWait(waiting)
        yield* closeIdleConnections
        yield* Fiber.joinAll(waiting)
      })
    )
  }
})

describe("who goes away while they wait for a row", () => {
  race("has nothing done for them later", (shop) =>
    Effect.gen(function* () {
      const item = yield* product(shop, 10)
      const closeIdleConnections = yield* hold(shop, { products: [item] })
      const waiting = yield* beginAll(times(3).map(() => buy(shop, item)))
      yield* Fiber.interruptAll(waiting)
      yield* closeIdleConnections
      yield* buy(shop, item)
      assert.strictEqual(yield* unitsOf(shop, item), 9)
    })
  )
})

describe("who wants a row that is held anew", () => {
  race(
    "does not wait for a row that only others want",
    (shop) =>
      Effect.gen(function* () {
        const [mine, theirs, busy] = [
          yield* product(shop, 100),
          yield* product(shop, 100),
          yield* product(shop, 100)
        ]
        const closeIdleConnections = yield* hold(shop, { products: [mine, theirs] })
        const waiting = yield* beginAll(times(14).map((n) => buy(shop, n < 4 ? mine : theirs)))
        const [holdingMine, holdingTheirs] = [
          yield* Effect.forkScoped(hold(shop, { products: [mine] })),
          yield* Effect.forkScoped(hold(shop, { products: [theirs] }))
        ]
        yield* Effect.sleep("400 millis")
        const letGoBusy = yield* hold(shop, { products: [busy] })
        yield* Effect.forEach(times(2), () => Effect.forkScoped(Effect.result(buy(shop, busy))))
        yield* Effect.sleep("100 millis")
        yield* closeIdleConnections
        const [letGoMine, letGoTheirs] = [yield* Fiber.join(holdingMine), yield* Fiber.join(holdingTheirs)]
        yield* Effect.sleep("1500 millis")
        yield* letGoMine
        yield* letGoBusy
        yield* Fiber.joinAll(waiting.slice(0, 4))
        yield* buy(shop, mine)
        yield* letGoTheirs
        yield* Effect.forEach(waiting.slice(4), Fiber.await)
      }),
    { timeout: 60_000 }
  )
})
