import { assert, describe } from "@effect/vitest"
import { Deferred, Effect, Fiber, Stream } from "effect"
import type { FeedEvent } from "../../../src/domain/orders/Feed.ts"
import { atOnce, buy, openShop, product, race, type TestShop, times } from "../support.ts"

/** A reader that asks all the time, a few events at once, and keeps what it got and where it is. */
const reader = ({ orders }: TestShop, limit: number) => {
  const read: Array<FeedEvent> = []
  const step = Effect.gen(function* () {
    const after = read.at(-1)?.position
    read.push(...(yield* orders.feed({ after, limit })))
    yield* Effect.yieldNow
  })
  return { read, step }
}

const named = (events: ReadonlyArray<FeedEvent>) =>
  events.map(({ orderId, sequence, event }) => `${orderId} ${sequence} ${event}`)

/** Reads on until nothing is missing, or until it has taken too long. */
const catchUp = ({ read, step }: ReturnType<typeof reader>, count: number) =>
  step.pipe(
    Effect.andThen(Effect.sleep("5 millis")),
    Effect.repeat({ while: () => read.length < count }),
    Effect.timeoutOrElse({ duration: "15 seconds", orElse: () => Effect.void })
  )

describe("the feed", () => {
  race("never skips an order of a transaction that commits later than those after it [O5]", (shop) =>
    Effect.gen(function* () {
      const host = yield* openShop(shop.url)
      const [item, other] = [yield* product(shop, 10), yield* product(shop, 100)]
      const reading = reader(shop, 7)
      const polling = yield* Effect.forkChild(Effect.forever(reading.step))

      const placed = yield* Deferred.make<string>()
      const release = yield* Deferred.make<void>()
      const held = yield* Effect.forkChild(
        host.sql.withTransaction(
          Effect.gen(function* () {
            const { id } = yield* buy(host, item)
            yield* Deferred.succeed(placed, id)
            yield* Deferred.await(release)
          })
        )
      )
      const late = yield* Deferred.await(placed)
      const later = yield* Effect.forEach(times(20), () => buy(shop, other))
      yield* Effect.sleep("50 millis")
      const seen = new Set(reading.read.map(({ orderId }) => orderId))
      assert.isFalse(
        later.some(({ id }) => seen.has(id)),
        "what commits first waits for the transaction that began before it"
      )
      yield* Deferred.succeed(release, undefined)
      yield* Fiber.join(held)
      yield* Fiber.interrupt(polling)
      yield* catchUp(reading, 21)
      assert.deepStrictEqual(
        named(reading.read).toSorted(),
        [late, ...later.map(({ id }) => id)].map((id) => `${id} 1 placed`).toSorted()
      )
      assert.strictEqual(reading.read[0]?.orderId, late)
    })
  )

  race(
    "has the events of an order in sequence, also if the later transaction has the lower id [O5]",
    (shop) =>
      Effect.gen(function* () {
        const host = yield* openShop(shop.url)
        const { id } = yield* buy(shop, yield* product(shop, 10))
        yield* shop.payments.pay({ orderId: id, paymentMethod: "sim_approve" })
        const begun = yield* Deferred.make<void>()
        const release = yield* Deferred.make<void>()
        const completing = yield* Effect.forkChild(
          host.sql.withTransaction(
            Effect.gen(function* () {
              yield* host.sql`SELECT pg_current_xact_id()::text AS xid`
              yield* Deferred.succeed(begun, undefined)
              yield* Deferred.await(release)
              yield* host.orders.complete(id)
            })
          )
        )
        yield* Effect.raceFirst(Deferred.await(begun), Fiber.join(completing))
        yield* shop.orders.ship(id)
        yield* Deferred.succeed(release, undefined)
        yield* Fiber.join(completing)
        const reading = reader(shop, 1)
        yield* catchUp(reading, 4)
        assert.deepStrictEqual(
          reading.read.map(({ sequence }) => sequence),
          [1, 2, 3, 4]
        )
      })
  )

  race(
    "gives every event of many transactions that begin and end in any order, and none of those rolled back [O5]",
    (shop) =>
      Effect.gen(function* () {
        const host = yield* openShop(shop.url, { pool: 20 })
        const item = yield* Effect.all(times(60).map(() => product(shop, 10)))
        const reading = reader(shop, 3)
        const polling = yield* Effect.forkChild(Effect.forever(reading.step))
        const expected: Array<string> = []
        const transaction = Effect.fnUntraced(function* (n: number) {
          const only = item[n] ?? assert.fail()
          const work = Effect.gen(function* () {
            const { id } = yield* buy(host, only)
            yield* Effect.sleep((n * 37) % 60)
            return n % 5 === 0 ? yield* Effect.fail("roll back") : id
          })
          const id = yield* host.sql.withTransaction(work)
          expected.push(`${id} 1 placed`)
          yield* Effect.sleep((n * 13) % 20)
          yield* host.payments.pay({
            orderId: id,
            paymentMethod: n % 2 === 0 ? "sim_approve" : "sim_decline"
          })
          expected.push(`${id} 2 ${n % 2 === 0 ? "paid" : "declined"}`)
        })
        yield* atOnce(times(60).map(transaction))
        assert.lengthOf(expected, 96)
        yield* Fiber.interrupt(polling)
        yield* catchUp(reading, expected.length)
        assert.deepStrictEqual(named(reading.read).toSorted(), expected.toSorted())
        for (const id of new Set(reading.read.map(({ orderId }) => orderId))) {
          const sequence = reading.read.filter(({ orderId }) => orderId === id).map((event) => event.sequence)
          assert.deepStrictEqual(sequence, [1, 2])
        }
      })
  )

  race(
    "can be followed over its pages, from the start, and from a kept position after a restart [O5]",
    (shop) =>
      Effect.gen(function* () {
        const item = yield* product(shop, 1000)
        const placed = yield* atOnce(times(230).map(() => buy(shop, item)))
        const follow = (where: TestShop, count: number, after?: string) =>
          where.orders
            .follow({ after, every: "10 millis" })
            .pipe(Stream.take(count), Stream.runCollect, Effect.timeout("15 seconds"))
        const all = yield* follow(shop, placed.length)
        assert.lengthOf([...new Set(all.map(({ position }) => position))], 230)
        const restarted = yield* openShop(shop.url)
        for (const n of [0, 98, 99, 100, 150, 228]) {
          const rest = yield* follow(restarted, 229 - n, all[n]?.position)
          assert.deepStrictEqual(rest, all.slice(n + 1))
        }
        assert.deepStrictEqual(yield* restarted.orders.feed({ after: all.at(-1)?.position }), [])
      })
  )

  race("is followed without end: what happens next comes by itself", (shop) =>
    Effect.gen(function* () {
      const item = yield* product(shop, 1000)
      const { id } = yield* buy(shop, item)
      const read: Array<string> = []
      const following = yield* shop.orders.follow({ every: "5 millis" }).pipe(
        Stream.runForEach(({ event }) => Effect.sync(() => read.push(event))),
        Effect.forkChild
      )
      const until = (count: number) =>
        Effect.repeat(Effect.sleep("5 millis"), { while: () => read.length < count }).pipe(
          Effect.timeout("10 seconds")
        )
      yield* until(1)
      yield* shop.payments.pay({ orderId: id, paymentMethod: "sim_approve" })
      yield* until(2)
      yield* shop.orders.ship(id)
      yield* until(3)
      yield* shop.orders.complete(id)
      yield* until(4)
      yield* Fiber.interrupt(following)
      assert.deepStrictEqual(read, ["placed", "paid", "shipped", "completed"])
    })
  )
})
