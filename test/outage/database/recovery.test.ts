import { assert, describe } from "@effect/vitest"
import { Array as Arr, Deferred, Effect } from "effect"
import type { Outcome } from "../../../src/domain/payments/Payment.ts"
import { runFixture } from "../../race/Processes.ts"
import {
  buy,
  endingOf,
  endings,
  gatewayThat,
  openShop,
  product,
  race,
  type TestShop,
  times
} from "../../race/support.ts"
import { bank } from "../Bank.ts"
import { proxyTo } from "../Proxy.ts"
import { outageOf } from "../support.ts"

/**
 * Orders of a shop whose payments have begun a minute ago and were not answered, a bank that answers from now on, and two
 * shops that recover. They hold a payment for twice the timeout of their gateway.
 */
const unanswered = Effect.fnUntraced(function* (
  shop: TestShop,
  count: number,
  gatewayTimeout: "300 millis" | "2 seconds" | "30 seconds"
) {
  const own = bank()
  const gateway = { gateway: own.gateway, gatewayTimeout }
  const quick = yield* openShop(shop.url, { gateway: own.gateway, gatewayTimeout: "1 millis" })
  const item = yield* product(shop, count)
  const orders = yield* Effect.forEach(times(count), () => buy(shop, item), { concurrency: 10 })
  own.does(() => Effect.never)
  yield* Effect.forEach(orders, ({ id: orderId }) => quick.payments.pay({ orderId, paymentMethod: "card" }), {
    concurrency: 10
  })
  const payments = yield* Effect.forEach(orders, ({ id }) => shop.payments.list(id), { concurrency: 10 })
  assert.isTrue(payments.flat().every(({ status }) => status === "PENDING"))
  own.does((answer) => answer)
  yield* shop.sql`UPDATE commerce.payments SET created_at = created_at - interval '1 minute'`
  const asked = () => payments.flat().map(({ id }) => (own.asked.get(id) ?? 0) - 1)
  return {
    bank: own,
    asked,
    orders,
    shops: [yield* openShop(shop.url, gateway), yield* openShop(shop.url, gateway)] as const
  }
})

describe("recovering payments", () => {
  race("leaves those alone that the gateway may still answer", (shop) =>
    Effect.gen(function* () {
      const own = bank()
      const slow = yield* openShop(shop.url, { gateway: own.gateway, gatewayTimeout: "30 seconds" })
      const item = yield* product(shop, 1)
      const { id: orderId } = yield* buy(shop, item)
      const answer = yield* Deferred.make<"APPROVED">()
      const asked = yield* Deferred.make<void>()
      own.does(() => Effect.andThen(Deferred.succeed(asked, undefined), Deferred.await(answer)))
      yield* Effect.forkScoped(slow.payments.pay({ orderId, paymentMethod: "card" }))
      yield* Deferred.await(asked)
      assert.lengthOf(yield* slow.payments.recover, 0)
      assert.deepStrictEqual([...own.asked.values()], [1])
      yield* Deferred.succeed(answer, "APPROVED")
    })
  )

  race("by many at once asks the gateway once for each of them [P4]", (shop) =>
    Effect.gen(function* () {
      const { asked, orders, shops } = yield* unanswered(shop, 60, "30 seconds")
      const recovered = yield* Effect.forEach(
        times(6),
        (n) => (n % 2 === 0 ? shops[0] : shops[1]).payments.recover,
        { concurrency: "unbounded" }
      )
      assert.lengthOf([...new Set(recovered.flat().map(({ id }) => id))], 60)
      assert.deepStrictEqual([...new Set(asked())], [1])
      assert.lengthOf(recovered.flat(), 60)
      for (const { id } of orders) assert.strictEqual((yield* shop.orders.get(id)).status, "PAID")
    })
  )

  race("holds each of many as long as the gateway takes, so that nobody else asks for it meanwhile", (shop) =>
    Effect.gen(function* () {
      const { bank, asked, shops } = yield* unanswered(shop, 70, "2 seconds")
      bank.does((answer) => Effect.delay(answer, "1500 millis"))
      const later = Effect.forEach(times(5), () => Effect.delay(shops[1].payments.recover, "1 second"))
      const [first, others] = yield* Effect.all([shops[0].payments.recover, later], {
        concurrency: "unbounded"
      })
      assert.lengthOf([...first, ...others.flat()], 70)
      assert.deepStrictEqual([...new Set(asked())], [1])
    })
  )

  race("goes on with those behind some that are never answered", (shop) =>
    Effect.gen(function* () {
      const { bank, orders, shops } = yield* unanswered(shop, 70, "300 millis")
      const stuck = new Set(orders.slice(0, 60).map(({ id }) => id))
      bank.does((answer, { orderId }) => (stuck.has(orderId) ? Effect.never : answer))
      assert.lengthOf(yield* shops[0].payments.recover, 10)
    })
  )

  race(
    "settles what was charged when the store could not write it down; no caller hears that nothing happened [P3]",
    (shop) =>
      Effect.gen(function* () {
        const proxy = yield* proxyTo(shop.url)
        const own = bank()
        const far = yield* openShop(proxy.url, { gateway: own.gateway, gatewayTimeout: "50 millis" })
        const item = yield* product(shop, 1)
        const { id: orderId } = yield* buy(shop, item)
        own.does((answer) =>
          Effect.tap(answer, () =>
            Effect.sync(() => {
              proxy.always("is lost")
              proxy.cut()
            })
          )
        )
        const { outcome } = yield* outageOf(far.payments.pay({ orderId, paymentMethod: "card" }))
        assert.strictEqual(outcome, "unknown", "it has been charged")
        assert.deepStrictEqual(yield* endingOf(shop, orderId, item), endings.pending)
        proxy.always("arrives")
        own.does((answer) => answer)
        yield* Effect.sleep("60 millis")
        assert.lengthOf(yield* far.payments.recover, 1)
        assert.deepStrictEqual(yield* endingOf(shop, orderId, item), endings.paid)
        assert.strictEqual(own.charged(), 1)
      })
  )

  const bugs: Record<string, () => Effect.Effect<Outcome>> = {
    "throws at once": () => {
      throw new Error("a bug")
    },
    dies: () => Effect.die(new Error("a bug")),
    "is interrupted": () => Effect.interrupt,
    "says something else": () => Effect.succeed("PERHAPS" as Outcome),
    "says that an order of no payable status is paid": () => Effect.succeed("APPROVED")
  }
  for (const [does, charge] of Object.entries(bugs)) {
    race(`settles all others if the gateway of one of them ${does} [P6]`, (shop) =>
      Effect.gen(function* () {
        const item = yield* product(shop, 3)
        const [one, other] = [yield* buy(shop, item), yield* buy(shop, item)]
        const settings = { gatewayTimeout: "50 millis" } as const
        const silent = yield* openShop(shop.url, { ...settings, gateway: gatewayThat(() => Effect.never) })
        for (const { id: orderId } of [one, other]) {
          yield* silent.payments.pay({ orderId, paymentMethod: "card" })
        }
        yield* shop.sql`UPDATE commerce.orders SET status = 'SHIPPED' WHERE id = ${one.id}`
        const gateway = gatewayThat(({ orderId }) =>
          orderId === one.id ? charge() : Effect.delay(Effect.succeed("APPROVED"), "10 millis")
        )
        const { payments } = yield* openShop(shop.url, { ...settings, gatewayTimeout: "1 second", gateway })
        yield* Effect.sleep("1100 millis")
        assert.deepStrictEqual(
          Arr.map(yield* payments.recover, ({ orderId }) => orderId),
          [other.id]
        )
        yield* shop.sql`UPDATE commerce.orders SET status = 'CREATED' WHERE id = ${one.id}`
        const [pending] = yield* payments.list(one.id)
        assert.strictEqual(pending?.status, "PENDING")
      })
    )
  }

  for (const outcome of ["APPROVED", "DECLINED"] as const) {
    race(`settles once what a killed process had begun: ${outcome}`, (shop) =>
      Effect.gen(function* () {
        const item = yield* product(shop, 1)
        const { id: orderId } = yield* buy(shop, item)
        const dying = yield* runFixture("race-pay.ts", shop.url, orderId)
        const paymentId = yield* dying.nextLine
        yield* dying.signal("SIGKILL")
        assert.strictEqual(yield* dying.end, "SIGKILL")
        assert.deepStrictEqual(yield* endingOf(shop, orderId, item), endings.pending)

        const own = bank(outcome)
        const settings = { gateway: own.gateway, gatewayTimeout: "1 second" } as const
        const shops = [yield* openShop(shop.url, settings), yield* openShop(shop.url, settings)]
        // A lease lasts for two timeouts: both recover within it, also on a busy machine.
        yield* Effect.sleep("1100 millis")
        const recovered = yield* Effect.forEach(shops, ({ payments }) => payments.recover, {
          concurrency: "unbounded"
        })
        assert.lengthOf(recovered.flat(), 1)
        assert.deepStrictEqual([...own.asked], [[paymentId, 1]])
        assert.deepStrictEqual(
          yield* endingOf(shop, orderId, item),
          outcome === "APPROVED" ? endings.paid : endings.declined
        )
      })
    )
  }
})
