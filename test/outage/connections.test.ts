import { assert, describe } from "@effect/vitest"
import { Deferred, Effect, Fiber, Redacted } from "effect"
import {
  atOnce,
  buy,
  newCustomer,
  openShop,
  product,
  race,
  type Shop,
  times,
  unitsOf
} from "../race/support.ts"
import { outageOf, recovers } from "./support.ts"

/** Those who are connected to this database besides who asks. */
const others = "datname = current_database() AND pid <> pg_backend_pid()"

/** Ends all connections of others to this database, or those that do something. */
const terminate = ({ sql }: Shop, which = "true") =>
  sql.unsafe(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${others} AND ${which}`)

const cancel = ({ sql }: Shop) =>
  sql.unsafe(
    `SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE ${others} AND wait_event_type = 'Lock'`
  )

/** Waits until somebody waits for a lock. */
const somebodyWaits = ({ sql }: Shop) =>
  Effect.repeat(
    sql.unsafe<{ n: number }>(
      `SELECT count(*)::int AS n FROM pg_stat_activity WHERE ${others} AND wait_event_type = 'Lock'`
    ),
    { while: (rows) => rows[0]?.n === 0 }
  )

/** Holds a row locked while something is done. */
const whileLocked = <A, E>({ sql }: Shop, rows: string, work: Effect.Effect<A, E>) =>
  sql.withTransaction(Effect.andThen(sql.unsafe(`SELECT FROM commerce.${rows} FOR UPDATE`), work))

describe("a connection that the server ends", () => {
  race("while it is idle is replaced before anybody notices", (shop) =>
    Effect.gen(function* () {
      const own = yield* openShop(shop.url)
      const item = yield* product(shop, 1000)
      for (const _ of times(5)) {
        yield* atOnce(times(10).map(() => own.catalog.adjustStock({ productId: item.id, delta: 1 })))
        yield* terminate(shop)
        yield* buy(own, item)
        yield* own.orders.list()
        yield* terminate(shop)
        yield* own.orders.list()
        yield* own.catalog.adjustStock({ productId: item.id, delta: 1 })
      }
      assert.strictEqual(yield* unitsOf(shop, item), 1050)
    })
  )

  race("in the middle of a transaction leaves nothing behind, and the work is done again", (shop) =>
    Effect.gen(function* () {
      const own = yield* openShop(shop.url)
      const item = yield* product(shop, 10)
      const { id: orderId } = yield* buy(shop, item)
      const waiting = yield* whileLocked(
        shop,
        `products WHERE id = '${item.id}'`,
        Effect.gen(function* () {
          const adjusting = yield* Effect.forkDetach(
            own.catalog.adjustStock({ productId: item.id, delta: 7 })
          )
          const expiring = yield* Effect.forkDetach(own.orders.expire(orderId))
          yield* somebodyWaits(shop)
          yield* terminate(shop)
          yield* somebodyWaits(shop)
          return [adjusting, expiring] as const
        })
      )
      for (const fiber of waiting) yield* Fiber.join<unknown, unknown>(fiber)
      assert.strictEqual(yield* unitsOf(shop, item), 17)
    })
  )

  race("in the middle of the host's transaction is an outage that has changed nothing", (shop) =>
    Effect.gen(function* () {
      const own = yield* openShop(shop.url)
      const item = yield* product(shop, 10)
      const work = Effect.gen(function* () {
        yield* buy(own, item)
        yield* terminate(shop)
        return yield* outageOf(buy(own, item))
      })
      const exit = yield* Effect.exit(own.sql.withTransaction(work))
      if (exit._tag === "Success") assert.isTrue(exit.value.undone)
      assert.strictEqual(yield* unitsOf(shop, item), 10)
      yield* buy(own, item)
    })
  )

  race(
    "again and again, at any moment, loses no order and repeats none that has a key",
    (shop) =>
      Effect.gen(function* () {
        const own = yield* openShop(shop.url)
        const item = yield* product(shop, 10_000)
        const customerId = newCustomer()
        const done = yield* Deferred.make<void>()
        const killing = Effect.forever(Effect.andThen(terminate(shop), Effect.sleep("15 millis")))
        const shopper = (n: number) =>
          Effect.forEach(times(10), (round) =>
            Effect.gen(function* () {
              const idempotencyKey = `${n}-${round}`
              const items = [{ productId: item.id, quantity: 1 }]
              const { id: orderId } = yield* recovers(own.orders.place({ customerId, items, idempotencyKey }))
              const paymentMethod = n % 2 === 0 ? "sim_approve" : "sim_decline"
              yield* recovers(own.payments.pay({ orderId, paymentMethod, idempotencyKey }))
              return orderId
            })
          )
        const killer = yield* Effect.forkChild(Effect.raceFirst(killing, Deferred.await(done)))
        const told = (yield* Effect.forEach(times(12), shopper, { concurrency: "unbounded" })).flat()
        yield* Deferred.succeed(done, undefined)
        yield* Fiber.join(killer)
        assert.lengthOf([...new Set(told)], 120)
        const [stored] = yield* shop.sql<{ orders: number; pending: number }>`
        SELECT count(*)::int AS orders, (SELECT count(*)::int FROM commerce.payments WHERE status = 'PENDING') AS pending
        FROM commerce.orders`
        assert.strictEqual(stored?.orders, 120)
      }),
    { timeout: 60_000 }
  )
})

describe("a statement that is cancelled", () => {
  race("leaves nothing behind, and the work is done again", (shop) =>
    Effect.gen(function* () {
      const own = yield* openShop(shop.url)
      const item = yield* product(shop, 10)
      const adjusting = yield* whileLocked(
        shop,
        `products WHERE id = '${item.id}'`,
        Effect.gen(function* () {
          const fiber = yield* Effect.forkDetach(own.catalog.adjustStock({ productId: item.id, delta: 7 }))
          yield* somebodyWaits(shop)
          yield* cancel(shop)
          yield* somebodyWaits(shop)
          return fiber
        })
      )
      yield* Fiber.join(adjusting)
      assert.strictEqual(yield* unitsOf(shop, item), 17)
    })
  )

  race("again and again is an outage that has changed nothing", (shop) =>
    Effect.gen(function* () {
      const own = yield* openShop(shop.url)
      const item = yield* product(shop, 10)
      const cancelling = Effect.forever(Effect.andThen(cancel(shop), Effect.sleep("5 millis")))
      const adjust = outageOf(own.catalog.adjustStock({ productId: item.id, delta: 7 }))
      const { undone } = yield* whileLocked(
        shop,
        `products WHERE id = '${item.id}'`,
        Effect.raceFirst(adjust, Effect.orDie(cancelling))
      )
      assert.isTrue(undone)
      assert.strictEqual(yield* unitsOf(shop, item), 10)
    })
  )
})

describe("a server that has no connection left", () => {
  race("is an outage that has changed nothing, and over when there is one", (shop) =>
    Effect.gen(function* () {
      const role = `narrow_${crypto.randomUUID().replaceAll("-", "")}`
      yield* shop.sql.unsafe(`CREATE ROLE ${role} LOGIN PASSWORD 'narrow' CONNECTION LIMIT 1`)
      yield* Effect.addFinalizer(() =>
        Effect.orDie(
          Effect.andThen(shop.sql.unsafe(`DROP OWNED BY ${role}`), shop.sql.unsafe(`DROP ROLE ${role}`))
        )
      )
      yield* shop.sql.unsafe(`GRANT ALL ON SCHEMA commerce TO ${role}`)
      yield* shop.sql.unsafe(`GRANT ALL ON ALL TABLES IN SCHEMA commerce TO ${role}`)
      const url = new URL(Redacted.value(shop.url))
      url.username = role
      url.password = "narrow"
      const item = yield* product(shop, 10)
      yield* Effect.scoped(
        Effect.gen(function* () {
          const holder = yield* openShop(Redacted.make(url.href), { pool: 1 })
          yield* holder.health.check
          const narrow = yield* openShop(Redacted.make(url.href))
          assert.isTrue((yield* outageOf(buy(narrow, item))).undone)
          assert.isTrue((yield* outageOf(narrow.catalog.product(item.id))).undone)
          assert.isTrue(
            (yield* outageOf(narrow.catalog.adjustStock({ productId: item.id, delta: 1 }))).undone
          )
          const { cause } = yield* outageOf(narrow.health.check)
          assert.include(JSON.stringify(cause), "53300")
        })
      )
      yield* Effect.scoped(
        Effect.gen(function* () {
          const narrow = yield* openShop(Redacted.make(url.href))
          yield* recovers(buy(narrow, item))
        })
      )
      assert.strictEqual(yield* unitsOf(shop, item), 9)
    })
  )
})
