import { assert, describe } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Result, Scope } from "effect"
import {
  atOnce,
  buy,
  gatewayThat,
  hold,
  newCustomer,
  openShop,
  product,
  race,
  type TestShop,
  times,
  unitsOf,
  untilWaiting
} from "../../race/support.ts"
import { proxyTo } from "../Proxy.ts"
import { outageOf } from "../support.ts"

/** A shop beyond a network that is lost, with connections that are open already. */
const beyond = Effect.fnUntraced(function* (shop: TestShop) {
  const proxy = yield* proxyTo(shop.url)
  const far = yield* openShop(proxy.url)
  yield* atOnce(times(10).map(() => far.health.check))
  return { proxy, far }
})

const oneOf = ({ id }: { readonly id: string }, customerId: string) => ({
  customerId,
  items: [{ productId: id, quantity: 1 }]
})

describe("what nobody knows whether it was done", () => {
  const change = {
    "an adjustment": Effect.fnUntraced(function* (shop: TestShop, far: TestShop) {
      const item = yield* product(shop, 100)
      return far.catalog.adjustStock({ productId: item.id, delta: 5 }, { idempotencyKey: "key" })
    }),
    "an outcome": Effect.fnUntraced(function* (shop: TestShop, far: TestShop) {
      const slow = yield* openShop(shop.url, {
        gateway: gatewayThat(() => Effect.never),
        gatewayTimeout: "10 millis"
      })
      const { id: orderId } = yield* buy(shop, yield* product(shop, 1))
      const { id: paymentId } = yield* slow.payments.pay({ orderId, paymentMethod: "card" })
      return far.payments.recordOutcome({ paymentId, outcome: "DECLINED" })
    })
  }
  for (const [what, asked] of Object.entries(change)) {
    race(`is not said to be undone because it cannot be asked again: ${what} [F4]`, (shop) =>
      Effect.gen(function* () {
        const { proxy, far } = yield* beyond(shop)
        const work: Effect.Effect<unknown, unknown> = yield* asked(shop, far)
        proxy.fates("answer is lost")
        const told = yield* Effect.forkScoped(outageOf(work))
        yield* Effect.repeat(Effect.sleep("1 millis"), { until: () => proxy.commits() > 0 })
        yield* Effect.sleep("3 millis")
        proxy.close()
        assert.strictEqual((yield* Fiber.join(told)).outcome, "unknown")
      })
    )
  }

  race("is not refused while it may still come [F4]", (shop) =>
    Effect.gen(function* () {
      const { proxy, far } = yield* beyond(shop)
      // Locked in the order of their ids, which is that in which they were made.
      const [first, second] = [yield* product(shop, 1), yield* product(shop, 1)]
      assert.isTrue(first.id < second.id)
      yield* shop.catalog.adjustStock({ productId: first.id, delta: 9 })
      const release = yield* hold(shop, "products", first)
      const customerId = newCustomer()
      const wanted = [first, second, first, first].map((item) => far.orders.place(oneOf(item, customerId)))
      const placing = yield* Effect.forEach(wanted, (work) => Effect.forkScoped(Effect.result(work)))
      yield* untilWaiting(shop)
      const { id: orderId } = yield* buy(shop, second)
      proxy.cut()
      const told = yield* Fiber.join(placing[1] ?? assert.fail("no second order"))
      yield* shop.payments.pay({ orderId, paymentMethod: "sim_decline" })
      yield* release
      yield* Effect.forEach(placing, Fiber.join)
      yield* Effect.sleep("500 millis")
      const orders = (yield* shop.orders.list({ customerId })).items
      const placed = orders.some(({ items: [item] }) => item.productId === second.id)
      if (told._tag === "Success") assert.isTrue(placed)
      else if (placed) assert.deepInclude(told.failure, { _tag: "StoreUnavailable", outcome: "unknown" })
    })
  )

  race(
    "keeps no request waiting while the database is gone, however many there are [F4]",
    (shop) =>
      Effect.gen(function* () {
        const { proxy, far } = yield* beyond(shop)
        const item = yield* product(shop, 1000)
        const release = yield* hold(shop, "products", item)
        const works = yield* Effect.forEach(times(120), () =>
          Effect.forkScoped(Effect.result(buy(far, item)))
        )
        yield* untilWaiting(shop)
        proxy.close()
        yield* release
        // One after the other would take minutes.
        yield* outageOf(buy(far, item))
        const all = yield* Fiber.joinAll(works)
        assert.isTrue(all.every(Result.isFailure))
      }),
    { timeout: 60_000 }
  )

  race("is no replay when it is found by whoever asked first", (shop) =>
    Effect.gen(function* () {
      const { proxy, far } = yield* beyond(shop)
      const item = yield* product(shop, 2)
      const place = far.orders.placeOrReplay(oneOf(item, newCustomer()), { idempotencyKey: "key" })
      proxy.fates("answer is lost")
      assert.isFalse((yield* place).replayed)
      assert.isTrue((yield* place).replayed)
      assert.strictEqual(yield* unitsOf(shop, item), 1)
    })
  )

  race("is an outage for whoever pays while the shop closes", (shop) =>
    Effect.gen(function* () {
      const scope = yield* Scope.fork(yield* Effect.scope)
      const asked = yield* Deferred.make<void>()
      const gateway = gatewayThat(() => Effect.andThen(Deferred.succeed(asked, undefined), Effect.never))
      const closing = yield* Scope.provide(openShop(shop.url, { gateway }), scope)
      const { id: orderId } = yield* buy(shop, yield* product(shop, 1))
      const paying = yield* Effect.forkDetach(
        outageOf(closing.payments.pay({ orderId, paymentMethod: "card" }))
      )
      yield* Deferred.await(asked)
      yield* Scope.close(scope, Exit.void)
      assert.strictEqual((yield* Fiber.join(paying)).outcome, "unknown")
    })
  )
})
