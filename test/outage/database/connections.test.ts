import { assert, describe } from "@effect/vitest"
import { Deferred, Effect, Fiber, Redacted } from "effect"
import {
  atOnce,
  buy,
  newCustomer,
  openShop,
  product,
  race,
  type TestShop,
  times,
  unitsOf
} from "../../race/support.ts"
import { outageOf, recovers } from "../support.ts"

/** Those who are connected to this database besides who asks. */
const others = "datname = current_database() AND pid <> pg_backend_pid()"
const whoWaits = `${others} AND wait_event_type = 'Lock'`

/** Ends connections of others to this database. */
const terminate = ({ sql }: TestShop, which = others) =>
  Effect.orDie(sql.unsafe(`SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE ${which}`))

const cancel = ({ sql }: TestShop, which = others) =>
  Effect.orDie(sql.unsafe(`SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE ${which}`))

/** Waits until so many wait for a lock, in transactions that have begun since; answers with the time. */
const whenWaiting = ({ sql }: TestShop, count: number, since = "-infinity") =>
  Effect.repeat(
    Effect.orDie(sql<{ n: number; now: string }>`
      SELECT count(*)::int AS n, clock_timestamp()::text AS now FROM pg_stat_activity
      WHERE ${sql.literal(whoWaits)} AND xact_start > ${since}::text::timestamptz`),
    { while: ([row]) => row?.n !== count }
  ).pipe(
    Effect.map(([row]) => row?.now),
    Effect.timeout("10 seconds"),
    Effect.orDie
  )

/** Holds a product locked while something is done. */
const whileLocked = Effect.fnUntraced(function* <A>(
  { url }: TestShop,
  { id }: { readonly id: string },
  work: Effect.Effect<A>
) {
  const { sql } = yield* openShop(url, { pool: 1 })
  const lock = sql`SELECT FROM commerce.products WHERE id = ${id} FOR UPDATE`
  return yield* sql.withTransaction(Effect.andThen(lock, work))
})

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

  race("in the middle of a transaction leaves nothing behind, and the work is done again [F1]", (shop) =>
    Effect.gen(function* () {
      const own = yield* openShop(shop.url)
      const item = yield* product(shop, 10)
      const { id: orderId } = yield* buy(shop, item)
      const waiting = yield* whileLocked(
        shop,
        item,
        Effect.gen(function* () {
          const adjusting = yield* Effect.forkDetach(
            own.catalog.adjustStock({ productId: item.id, delta: 7 })
          )
          const expiring = yield* Effect.forkDetach(own.orders.expire(orderId))
          const before = yield* whenWaiting(shop, 2)
          yield* terminate(shop, whoWaits)
          yield* whenWaiting(shop, 2, before)
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
      if (exit._tag === "Success") assert.strictEqual(exit.value.outcome, "notApplied")
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
        const killing = Effect.forever(
          Effect.andThen(terminate(shop, `${others} AND random() < 0.5`), Effect.sleep("40 millis"))
        )
        const shopper = (n: number) =>
          Effect.forEach(times(10), (round) =>
            Effect.gen(function* () {
              const idempotencyKey = `${n}-${round}`
              const items = [{ productId: item.id, quantity: 1 }]
              const { id: orderId } = yield* recovers(
                own.orders.place({ customerId, items }, { idempotencyKey })
              )
              const paymentMethod = n % 2 === 0 ? "sim_approve" : "sim_decline"
              yield* recovers(own.payments.pay({ orderId, paymentMethod }, { idempotencyKey }))
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
        item,
        Effect.gen(function* () {
          const fiber = yield* Effect.forkDetach(own.catalog.adjustStock({ productId: item.id, delta: 7 }))
          const before = yield* whenWaiting(shop, 1)
          yield* cancel(shop, whoWaits)
          yield* whenWaiting(shop, 1, before)
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
      const cancelling = Effect.forever(Effect.andThen(cancel(shop, whoWaits), Effect.sleep("5 millis")))
      const adjust = outageOf(own.catalog.adjustStock({ productId: item.id, delta: 7 }))
      const value = yield* whileLocked(shop, item, Effect.raceFirst(adjust, cancelling))
      assert.strictEqual(value.outcome, "notApplied")
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
          assert.strictEqual((yield* outageOf(buy(narrow, item))).outcome, "notApplied")
          assert.strictEqual((yield* outageOf(narrow.catalog.product(item.id))).outcome, "notApplied")
          assert.strictEqual(
            (yield* outageOf(narrow.catalog.adjustStock({ productId: item.id, delta: 1 }))).outcome,
            "notApplied"
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
