import { assert, describe } from "@effect/vitest"
import { Effect, Fiber, Schedule } from "effect"
import {
  buy,
  hold,
  patient,
  product,
  race,
  stock,
  type TestShop,
  times,
  unitsOf,
  untilWaiting
} from "../support.ts"

interface Item {
  readonly id: string
}

const forkAll = <A, E>(works: ReadonlyArray<Effect.Effect<A, E>>) =>
  Effect.forEach(works, (work) => Effect.forkScoped(work))

/** None of them has been answered. */
const stillWait = (waiting: ReadonlyArray<Fiber.Fiber<unknown, unknown>>) =>
  assert.isTrue(waiting.every((fiber) => fiber.pollUnsafe() === undefined))

const sessionsWaiting = ({ sql }: TestShop) =>
  Effect.map(
    sql<{ count: number }>`
      SELECT count(*)::int AS count FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    ([row]) => row?.count ?? 0
  )

/** Waits until the number of waiting sessions is right for a while, many times as long as any short wait for a lock. */
const settlesAt = Effect.fnUntraced(function* (shop: TestShop, isRight: (count: number) => boolean) {
  let rightInARow = 0
  yield* Effect.repeat(
    Effect.map(sessionsWaiting(shop), (count) => {
      rightInARow = isRight(count) ? rightInARow + 1 : 0
    }),
    { until: () => rightInARow === 40, schedule: Schedule.spaced("25 millis") }
  )
})

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
  race(
    "however many want to restock units of one product [S9]",
    (shop) =>
      Effect.gen(function* () {
        const [held, free] = [yield* product(shop, 100), yield* product(shop, 100)]
        const orders = yield* Effect.forEach(times(40), () => buy(shop, held), { concurrency: "unbounded" })
        const release = yield* hold(shop, "products", held)
        const declining = yield* forkAll(orders.map((order) => decline(shop, order)))
        yield* untilWaiting(shop)
        yield* useAll(shop, free)
        // One session waits for all of them.
        yield* settlesAt(shop, (count) => count === 1)
        stillWait(declining)
        yield* release
        const payments = yield* Fiber.joinAll(declining)
        assert.isTrue(payments.every(({ status }) => status === "DECLINED"))
        assert.strictEqual(yield* unitsOf(shop, held), 100)
      }),
    { limits: patient }
  )

  race(
    "however many rows they hold, and whatever is wanted of them [S9]",
    (shop) =>
      Effect.gen(function* () {
        const products = yield* stock(shop, ...times(6).map(() => 100))
        const free = yield* product(shop, 100)
        const unpaid = yield* Effect.forEach(times(6), () => buy(shop, free))
        const paid = yield* Effect.forEach(times(6), () => buy(shop, free))
        for (const { id } of paid) yield* shop.payments.pay({ orderId: id, paymentMethod: "sim_approve" })
        const releaseProducts = yield* hold(shop, "products", ...products)
        const releaseOrders = yield* hold(shop, "orders", ...unpaid, ...paid)
        const waiting = yield* forkAll<unknown, unknown>([
          ...products.map((item) => buy(shop, item)),
          ...unpaid.map(({ id }) => shop.payments.pay({ orderId: id, paymentMethod: "sim_approve" })),
          ...paid.map(({ id }) => shop.orders.ship(id)),
          ...products.map(({ id }) => shop.catalog.changeProduct({ productId: id, name: "changed" }))
        ])
        yield* untilWaiting(shop)
        yield* useAll(shop, free)
        // Half of the pool at most.
        yield* settlesAt(shop, (count) => count > 0 && count <= 5)
        stillWait(waiting)
        yield* releaseProducts
        yield* releaseOrders
        yield* Fiber.joinAll(waiting)
      }),
    { limits: patient }
  )

  for (const what of ["place", "decline", "expire", "sweep"] as const) {
    race(
      `also if those want another product besides: ${what} [S9]`,
      (shop) =>
        Effect.gen(function* () {
          const products = yield* stock(shop, 100, 100)
          const [first, held] = products.toSorted((a, b) => (a.id < b.id ? -1 : 1))
          if (first === undefined || held === undefined) return assert.fail("no products")
          const order = yield* buy(shop, first, held)
          const release = yield* hold(shop, "products", held)
          const works = {
            place: buy(shop, first, held),
            decline: decline(shop, order),
            expire: shop.orders.expire(order.id),
            sweep: shop.orders.expireUnpaid("0 millis")
          } satisfies Record<string, Effect.Effect<unknown, unknown>>
          const waiting = yield* forkAll<unknown, unknown>([works[what]])
          yield* untilWaiting(shop)
          yield* useAll(shop, first)
          stillWait(waiting)
          yield* release
          yield* Fiber.joinAll(waiting)
        }),
      { limits: patient }
    )
  }
})

describe("who goes away while they wait for a row", () => {
  race(
    "has nothing done for them later",
    (shop) =>
      Effect.gen(function* () {
        const item = yield* product(shop, 10)
        const release = yield* hold(shop, "products", item)
        const waiting = yield* forkAll(times(3).map(() => buy(shop, item)))
        yield* untilWaiting(shop)
        yield* settlesAt(shop, (count) => count === 1)
        yield* Fiber.interruptAll(waiting)
        yield* release
        yield* buy(shop, item)
        assert.strictEqual(yield* unitsOf(shop, item), 9)
      }),
    { limits: patient }
  )
})

describe("who wants a row that is held again after they have waited for it", () => {
  race(
    "does not wait for a row that only others want",
    (shop) =>
      Effect.gen(function* () {
        const [mine, theirs] = [yield* product(shop, 100), yield* product(shop, 100)]
        const release = yield* hold(shop, "products", mine, theirs)
        const wanted = times(12).map((n) => buy(shop, n < 4 ? mine : theirs))
        const waiting = yield* forkAll(wanted)
        // One session waits for each of the two rows.
        yield* settlesAt(shop, (count) => count === 2)
        const holdingMine = yield* Effect.forkScoped(hold(shop, "products", mine))
        const holdingTheirs = yield* Effect.forkScoped(hold(shop, "products", theirs))
        yield* untilWaiting(shop, 4)
        yield* release
        const [releaseMine, releaseTheirs] = [
          yield* Fiber.join(holdingMine),
          yield* Fiber.join(holdingTheirs)
        ]
        // Most are blocked again, and wait for both rows in as many sessions as there were batches.
        yield* settlesAt(shop, (count) => count > 0)
        yield* releaseMine
        yield* Fiber.joinAll(waiting.slice(0, 4))
        yield* buy(shop, mine)
        yield* releaseTheirs
        yield* Fiber.joinAll(waiting.slice(4))
      }),
    { limits: patient }
  )
})
