import { assert, describe } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import type { WriteOutcome } from "../../../src/ports/errors.ts"
import {
  buy,
  hold,
  impatient,
  newCustomer,
  openShop,
  patient,
  product,
  race,
  times,
  unitsOf
} from "../../race/support.ts"
import { outageOf } from "../support.ts"

/** Work that gives up, and then says whether it is certain that nothing has happened. */
const givesUp = Effect.fnUntraced(function* <A, E>(
  what: string,
  work: Effect.Effect<A, E>,
  outcome: WriteOutcome = "notApplied"
) {
  assert.strictEqual((yield* outageOf(work)).outcome, outcome, what)
})

const allGiveUp = (works: Record<string, Effect.Effect<unknown, unknown>>) =>
  Effect.forEach(Object.entries(works), ([what, work]) => givesUp(what, work), { concurrency: "unbounded" })

describe("waiting", { concurrent: true }, () => {
  race("for a product that another transaction holds has an end, and blocks no other buyer [F5]", (shop) =>
    Effect.gen(function* () {
      const [held, free] = [yield* product(shop, 10), yield* product(shop, 100)]
      const { id: declined } = yield* buy(shop, held)
      const { id: expired } = yield* buy(shop, held)
      const customerId = newCustomer()
      const items = [{ productId: held.id, quantity: 1 }]
      yield* Effect.scoped(
        Effect.gen(function* () {
          yield* hold(shop, "products", held)
          const waiting = yield* Effect.forkScoped(
            allGiveUp({
              place: buy(shop, held),
              "place both": buy(shop, free, held),
              "place with a key": shop.orders.place({ customerId, items }, { idempotencyKey: "key" }),
              adjust: shop.catalog.adjustStock({ productId: held.id, delta: 1 }),
              change: shop.catalog.changeProduct({ productId: held.id, name: "changed" }),
              expire: shop.orders.expire(expired)
            })
          )
          const paying = shop.payments.pay({ orderId: declined, paymentMethod: "sim_decline" })
          const asked = yield* Effect.forkScoped(
            givesUp("decline, of which the gateway knows", paying, "unknown")
          )
          yield* Effect.forEach(times(40), () => buy(shop, free))
          yield* Fiber.joinAll([waiting, asked])
        })
      )
      assert.deepStrictEqual([yield* unitsOf(shop, held), yield* unitsOf(shop, free)], [8, 60])
      yield* shop.orders.place({ customerId, items }, { idempotencyKey: "key" })
      yield* shop.orders.expire(expired)
      assert.strictEqual(yield* unitsOf(shop, held), 8)
    })
  )

  race("for an order or a key that somebody holds has an end", (shop) =>
    Effect.gen(function* () {
      const host = yield* openShop(shop.url, { limits: patient })
      const item = yield* product(shop, 10)
      const { id: orderId } = yield* buy(shop, item)
      const order = { customerId: newCustomer(), items: [{ productId: item.id, quantity: 1 }] }
      const key = { idempotencyKey: "key" }
      const claimed = yield* Deferred.make<void>()
      const release = yield* Deferred.make<void>()
      const holder = yield* Effect.forkScoped(
        host.sql.withTransaction(
          Effect.gen(function* () {
            yield* host.orders.place(order, key)
            yield* Deferred.succeed(claimed, undefined)
            yield* Deferred.await(release)
          })
        )
      )
      yield* Deferred.await(claimed)
      yield* Effect.scoped(
        Effect.gen(function* () {
          yield* hold(shop, "orders", { id: orderId })
          yield* allGiveUp({
            "the same key": shop.orders.place(order, key),
            ship: shop.orders.ship(orderId),
            expire: shop.orders.expire(orderId),
            pay: shop.payments.pay({ orderId, paymentMethod: "sim_approve" })
          })
          assert.strictEqual(yield* shop.orders.expireUnpaid("0 millis"), 0, "a sweep passes by")
        })
      )
      yield* Deferred.succeed(release, undefined)
      yield* Fiber.join(holder)
      const { replayed } = yield* shop.orders.placeOrReplay(order, key)
      assert.isTrue(replayed)
      assert.strictEqual(yield* unitsOf(shop, item), 8)
    })
  )

  race("for a connection has an end, and all goes on when there is one [F5]", (shop) =>
    Effect.gen(function* () {
      const own = yield* openShop(shop.url, { pool: 2, limits: impatient })
      const item = yield* product(shop, 10)
      const { id: orderId } = yield* buy(shop, item)
      yield* Effect.scoped(
        Effect.gen(function* () {
          const held = yield* Effect.forEach(times(2), () => Deferred.make<void>())
          for (const started of held) {
            yield* Effect.forkScoped(
              own.sql.withTransaction(Effect.andThen(Deferred.succeed(started, undefined), Effect.never))
            )
          }
          for (const started of held) yield* Deferred.await(started)
          yield* own.health.check // It asks on a connection of its own.
          yield* allGiveUp({
            place: buy(own, item),
            pay: own.payments.pay({ orderId, paymentMethod: "sim_approve" }),
            adjust: own.catalog.adjustStock({ productId: item.id, delta: 1 }),
            expire: own.orders.expire(orderId)
          })
        })
      )
      yield* own.orders.expire(orderId)
      assert.strictEqual(yield* unitsOf(shop, item), 10)
    })
  )
})
