import { assert, describe } from "@effect/vitest"
import { Array as Arr, Effect, Fiber } from "effect"
import { SqlClient } from "effect/sql"
import {
  buy,
  endingOf,
  endings,
  newCustomer,
  openShop,
  product,
  race,
  type TestShop,
  times,
  unitsOf
} from "../../race/support.ts"
import { holding, waitingSessions } from "../../support/locks.ts"
import { type Fate, proxyTo } from "../Proxy.ts"

/** A shop beyond a network that loses things, and what to ask for there. */
const beyond = Effect.fnUntraced(function* (shop: TestShop) {
  const proxy = yield* proxyTo(shop.url)
  // A busy machine may take a while to settle what a quick one retries at once.
  const far = yield* openShop(proxy.url, { limits: { retryWindow: 60_000 } })
  const item = yield* product(shop, 100)
  const customerId = newCustomer()
  const items = [{ productId: item.id, quantity: 1 }]
  const orders = Effect.map(shop.orders.list({ customerId }), (page) => page.items)
  return { proxy, far, item, customerId, items, orders }
})

const lost: ReadonlyArray<Fate> = ["answer is lost", "is lost"]

describe("a commit whose answer does not come", () => {
  for (const fate of lost) {
    race(`is settled by the order itself, which is placed once: the COMMIT ${fate}`, (shop) =>
      Effect.gen(function* () {
        const { proxy, far, item, customerId, items, orders } = yield* beyond(shop)
        proxy.fates(fate, fate)
        const order = yield* far.orders.place({ customerId, items })
        assert.deepStrictEqual(yield* orders, [order])
        assert.strictEqual(yield* unitsOf(shop, item), 99)
      })
    )

    race(`is settled by the key: the COMMIT ${fate}`, (shop) =>
      Effect.gen(function* () {
        const { proxy, far, item, customerId, items, orders } = yield* beyond(shop)
        proxy.fates(fate, fate, fate)
        const order = yield* far.orders.place({ customerId, items }, { idempotencyKey: "key" })
        const [only, ...others] = yield* orders
        assert.deepStrictEqual(only, order)
        assert.lengthOf(others, 0)
        assert.strictEqual(yield* unitsOf(shop, item), 99)
      })
    )

    race(
      `of all that many ask for at once is settled, with and without keys: the COMMIT ${fate} [F3]`,
      (shop) =>
        Effect.gen(function* () {
          const { proxy, far, item, customerId, items } = yield* beyond(shop)
          proxy.fates(fate, "arrives", fate, fate)
          const works = times(60).map((n) =>
            far.orders.place(
              { customerId, items },
              { idempotencyKey: n % 3 === 0 ? undefined : `key-${n % 45}` }
            )
          )
          const told = new Set(
            Arr.map(yield* Effect.all(works, { concurrency: "unbounded" }), ({ id }) => id)
          )
          const stored = (yield* shop.orders.list({ customerId, limit: 100 })).items.map(({ id }) => id)
          assert.deepStrictEqual(new Set(stored), told)
          assert.strictEqual(told.size, 20 + 30)
          assert.strictEqual(yield* unitsOf(shop, item), 100 - stored.length)
        })
    )
  }

  for (const attempt of times(3)) {
    race(`may still commit, and is found by the buyer of the only unit (try ${attempt + 1}) [F3]`, (shop) =>
      Effect.gen(function* () {
        const { proxy, far, customerId, orders } = yield* beyond(shop)
        const only = yield* product(shop, 1)
        yield* far.health.check
        const order = yield* Effect.scoped(
          Effect.gen(function* () {
            const { giveUp } = yield* holding(
              `SELECT FROM commerce.products WHERE id = '${only.id}' FOR UPDATE`
            )
            const items = [{ productId: only.id, quantity: 1 }]
            const placing = yield* Effect.forkIn(far.orders.place({ customerId, items }), yield* Effect.scope)
            yield* waitingSessions
            // The statement goes on without its client, and writes as soon as it can.
            proxy.cut()
            yield* Effect.sleep("100 millis")
            yield* giveUp
            return yield* Fiber.join(placing)
          })
        ).pipe(Effect.provideService(SqlClient.SqlClient, shop.sql))
        assert.deepStrictEqual(yield* orders, [order])
        assert.strictEqual(yield* unitsOf(shop, only), 0)
      })
    )
  }

  race("again and again is settled each time, and the key still gives the order", (shop) =>
    Effect.gen(function* () {
      const { proxy, far, customerId, items, orders } = yield* beyond(shop)
      const place = far.orders.placeOrReplay({ customerId, items }, { idempotencyKey: "key" })
      proxy.always("answer is lost")
      const first = yield* place
      assert.isFalse(first.replayed)
      assert.deepStrictEqual(yield* place, { value: first.value, replayed: true })
      proxy.always("arrives")
      assert.deepStrictEqual(yield* orders, [first.value])
    })
  )

  for (const commit of [1, 2]) {
    race(`of a payment does not keep it from being settled: commit ${commit} of 2`, (shop) =>
      Effect.gen(function* () {
        const { proxy, far } = yield* beyond(shop)
        const item = yield* product(shop, 1)
        const { id: orderId } = yield* buy(shop, item)
        const pay = far.payments.pay({ orderId, paymentMethod: "sim_approve" }, { idempotencyKey: "key" })
        proxy.fates(
          ...times(commit).map((n) => (n === commit - 1 ? ("answer is lost" as const) : ("arrives" as const)))
        )
        const payment = yield* pay
        assert.deepInclude(payment, { status: "APPROVED", orderStatus: "PAID" })
        assert.deepStrictEqual(yield* endingOf(shop, orderId, item), endings.paid)
      })
    )
  }
})
