import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import {
  buy,
  endingOf,
  endings,
  newCustomer,
  openShop,
  product,
  race,
  type Shop,
  times,
  unitsOf
} from "../race/support.ts"
import { type Fate, proxyTo } from "./Proxy.ts"
import { outageOf } from "./support.ts"

/** A shop beyond a network that loses things, and what to ask for there. */
const beyond = Effect.fnUntraced(function* (shop: Shop) {
  const proxy = yield* proxyTo(shop.url)
  const far = yield* openShop(proxy.url)
  const item = yield* product(shop, 100)
  const customerId = newCustomer()
  const items = [{ productId: item.id, quantity: 1 }]
  const orders = Effect.map(shop.orders.list({ customerId }), (page) => page.items)
  return { proxy, far, item, customerId, items, orders }
})

const lost: ReadonlyArray<{ readonly fate: Fate; readonly placed: number }> = [
  { fate: "answer is lost", placed: 1 },
  { fate: "is lost", placed: 0 }
]

describe("a commit whose answer does not come", () => {
  for (const { fate, placed } of lost) {
    race(`is not said to be undone, nor tried again: the COMMIT ${fate}`, (shop) =>
      Effect.gen(function* () {
        const { proxy, far, item, customerId, items, orders } = yield* beyond(shop)
        proxy.fates(fate)
        const { undone } = yield* outageOf(far.orders.place({ customerId, items }))
        assert.isFalse(undone)
        assert.strictEqual(proxy.commits(), 1)
        assert.lengthOf(yield* orders, placed)
        assert.strictEqual(yield* unitsOf(shop, item), 100 - placed)
        yield* far.orders.place({ customerId, items })
      })
    )

    race(`is settled by the key: the COMMIT ${fate}`, (shop) =>
      Effect.gen(function* () {
        const { proxy, far, item, customerId, items, orders } = yield* beyond(shop)
        proxy.fates(fate, fate, fate)
        const order = yield* far.orders.place({ customerId, items, idempotencyKey: "key" })
        const [only, ...others] = yield* orders
        assert.deepStrictEqual(only, order)
        assert.lengthOf(others, 0)
        assert.strictEqual(yield* unitsOf(shop, item), 99)
      })
    )

    race(`of all that many ask for at once is settled by their keys: the COMMIT ${fate}`, (shop) =>
      Effect.gen(function* () {
        const { proxy, far, item, customerId, items, orders } = yield* beyond(shop)
        proxy.fates(fate, "arrives", fate, fate)
        const works = times(60).map((n) =>
          far.orders.place({ customerId, items, idempotencyKey: n % 3 === 0 ? undefined : `key-${n % 45}` })
        )
        const said = yield* Effect.forEach(works, Effect.result, { concurrency: "unbounded" })
        const told = new Set(said.flatMap((one) => (one._tag === "Success" ? [one.success.id] : [])))
        const stored = (yield* shop.orders.list({ customerId, limit: 100 })).items.map(({ id }) => id)
        const withoutKey = said.filter((one, n) => {
          if (one._tag === "Success") return false
          assert.deepInclude(one.failure, { _tag: "StoreUnavailable", undone: false })
          assert.strictEqual(n % 3, 0, "only who has no key is not told")
          return true
        })
        for (const id of told) assert.include(stored, id)
        assert.isAtMost(stored.length, told.size + (placed === 1 ? withoutKey.length : 0))
        assert.strictEqual(yield* unitsOf(shop, item), 100 - stored.length)
        assert.isAtLeast((yield* orders).length, 1)
      })
    )
  }

  race(
    "again and again is an outage that is not said to be undone, and the key still gives the one order",
    (shop) =>
      Effect.gen(function* () {
        const { proxy, far, customerId, items, orders } = yield* beyond(shop)
        const place = far.orders.placeOrReplay({ customerId, items, idempotencyKey: "key" })
        proxy.always("answer is lost")
        assert.isFalse((yield* outageOf(place)).undone)
        assert.isFalse((yield* outageOf(place)).undone)
        proxy.always("arrives")
        const { value, replayed } = yield* place
        assert.isTrue(replayed)
        assert.deepStrictEqual(yield* orders, [value])
      })
  )

  race("of a step of an order is not said to be undone", (shop) =>
    Effect.gen(function* () {
      const { proxy, far, item } = yield* beyond(shop)
      const { id: orderId } = yield* buy(shop, item)
      yield* shop.payments.pay({ orderId, paymentMethod: "sim_approve" })
      yield* far.health.check
      proxy.fates("is lost")
      assert.isFalse((yield* outageOf(far.orders.ship(orderId))).undone)
      assert.strictEqual((yield* far.orders.ship(orderId)).status, "SHIPPED")
      proxy.fates("answer is lost")
      assert.isFalse((yield* outageOf(far.orders.complete(orderId))).undone)
      assert.strictEqual((yield* far.orders.get(orderId)).status, "COMPLETED")
    })
  )

  race("of an adjustment is settled by the key, and not said to be undone without one", (shop) =>
    Effect.gen(function* () {
      const { proxy, far, item } = yield* beyond(shop)
      const adjust = (idempotencyKey?: string) =>
        far.catalog.adjustStock({ productId: item.id, delta: 5, idempotencyKey })
      proxy.fates("answer is lost")
      assert.strictEqual((yield* adjust("key")).stock, 105)
      proxy.fates("answer is lost")
      assert.isFalse((yield* outageOf(adjust())).undone)
      assert.strictEqual(yield* unitsOf(shop, item), 110)
    })
  )

  for (const commit of [1, 2]) {
    race(`of a payment does not keep it from being settled: commit ${commit} of 2`, (shop) =>
      Effect.gen(function* () {
        const { proxy, far } = yield* beyond(shop)
        const item = yield* product(shop, 1)
        const { id: orderId } = yield* buy(shop, item)
        const pay = { orderId, paymentMethod: "sim_approve", idempotencyKey: "key" }
        proxy.fates(
          ...times(commit).map((n) => (n === commit - 1 ? ("answer is lost" as const) : ("arrives" as const)))
        )
        const payment = yield* far.payments.pay(pay)
        assert.deepInclude(payment, { status: "APPROVED", orderStatus: "PAID" })
        assert.deepStrictEqual(yield* endingOf(shop, orderId, item), endings.paid)
      })
    )
  }

  race("of a payment without a key leaves it pending, to be recovered", (shop) =>
    Effect.gen(function* () {
      const proxy = yield* proxyTo(shop.url)
      const far = yield* openShop(proxy.url, { gatewayTimeout: "10 millis" })
      const item = yield* product(shop, 1)
      const { id: orderId } = yield* buy(shop, item)
      proxy.fates("answer is lost")
      assert.isFalse((yield* outageOf(far.payments.pay({ orderId, paymentMethod: "sim_approve" }))).undone)
      assert.deepStrictEqual(yield* endingOf(shop, orderId, item), endings.pending)
      yield* Effect.sleep("20 millis")
      yield* far.payments.recover
      assert.deepStrictEqual(yield* endingOf(shop, orderId, item), endings.paid)
    })
  )
})
