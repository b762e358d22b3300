import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import * as SimulatedPayments from "../../../src/adapters/simulated-payments.ts"
import {
  atOnce,
  newCustomer,
  openShop,
  product,
  race,
  stock,
  type TestShop,
  tally,
  times,
  unitsOf
} from "../support.ts"

type Refusable = Effect.Effect<unknown, { readonly _tag: string }>

/** Places and pays an order of some units of a product. */
const paidOrder = Effect.fnUntraced(function* (
  { orders, payments }: TestShop,
  { id: productId }: { readonly id: string },
  quantity: number
) {
  const { id } = yield* orders.place({ customerId: newCustomer(), items: [{ productId, quantity }] })
  yield* payments.pay({ orderId: id, paymentMethod: "sim_approve" })
  return id
})

const one = ({ id: productId }: { readonly id: string }) => [{ productId, quantity: 1 }]

describe("parts of orders at once", () => {
  const slowly = SimulatedPayments.layer({ delay: "3 millis" })

  race(
    "an order that is paid and cancelled at the same instant is paid or cancelled, and never both: 200 tries [O6]",
    (shop) =>
      Effect.gen(function* () {
        const other = yield* openShop(shop.url, { gateway: slowly })
        const products = yield* stock(shop, ...times(200).map(() => 1))
        const seen: Record<string, number> = {}
        const attempt = Effect.fnUntraced(function* (item: { readonly id: string }, n: number) {
          const { id } = yield* shop.orders.place({ customerId: newCustomer(), items: one(item) })
          const pay: Refusable = other.payments.pay({ orderId: id, paymentMethod: "sim_approve" })
          const cancel: Refusable = Effect.delay(
            shop.orders.cancel(id, { onlyUnpaid: true }),
            `${n % 20} millis`
          )
          const said = tally(yield* atOnce(n % 2 === 0 ? [pay, cancel] : [cancel, pay]))
          const { status } = yield* shop.orders.get(id)
          const { done, ...refused } = said
          assert.strictEqual(done, 1)
          const [reason = ""] = Object.keys(refused)
          assert.include(
            status === "PAID" ? ["PaymentInProgress", "IllegalTransition"] : ["OrderNotPayable"],
            reason
          )
          assert.strictEqual(yield* unitsOf(shop, item), status === "PAID" ? 0 : 1)
          seen[`${status} ${reason}`] = (seen[`${status} ${reason}`] ?? 0) + 1
        })
        yield* Effect.forEach(products, attempt, { concurrency: 4 })
        const cancelled = Object.entries(seen).filter(([how]) => how.startsWith("CANCELLED"))
        assert.isNotEmpty(cancelled, JSON.stringify(seen))
        assert.isAbove(Object.keys(seen).length, 1, JSON.stringify(seen))
      }),
    { gateway: slowly }
  )

  race("a cancellation is refused while a payment is pending, and possible once it did not charge", (shop) =>
    Effect.gen(function* () {
      const item = yield* product(shop, 1)
      const { id } = yield* shop.orders.place({ customerId: newCustomer(), items: one(item) })
      const payment = yield* shop.payments.pay({ orderId: id, paymentMethod: "sim_timeout" })
      assert.strictEqual(payment.status, "PENDING")
      const { _tag } = yield* Effect.flip(shop.orders.cancel(id))
      assert.strictEqual(_tag, "PaymentInProgress")
      yield* shop.payments.recordOutcome({ paymentId: payment.id, outcome: "CANCELLED" })
      assert.strictEqual((yield* shop.orders.cancel(id)).status, "CANCELLED")
      const late = yield* Effect.flip(shop.payments.pay({ orderId: id, paymentMethod: "sim_approve" }))
      assert.strictEqual(late._tag, "OrderNotPayable")
      assert.strictEqual(yield* unitsOf(shop, item), 1)
    })
  )

  race("of a shipment and a cancellation of the same unit in two pools, one wins: 100 tries [O6]", (shop) =>
    Effect.gen(function* () {
      const other = yield* openShop(shop.url)
      const products = yield* stock(shop, ...times(100).map(() => 2))
      const seen = { shipped: 0, cancelled: 0 }
      const attempt = Effect.fnUntraced(function* (item: { readonly id: string }, n: number) {
        const id = yield* paidOrder(shop, item, 2)
        yield* shop.orders.ship(id, { items: one(item) })
        const ship: Refusable = shop.orders.ship(id, { items: one(item) })
        const cancel: Refusable = other.orders.cancel(id, { items: one(item) })
        const said = tally(yield* atOnce(n % 2 === 0 ? [ship, cancel] : [cancel, ship]))
        assert.deepStrictEqual(said, { done: 1, IllegalTransition: 1 })
        const { status, units } = yield* shop.orders.get(id)
        assert.strictEqual(status, "SHIPPED")
        const won = units?.[0]?.cancelled === 1 ? "cancelled" : "shipped"
        seen[won] += 1
        assert.strictEqual(yield* unitsOf(shop, item), won === "cancelled" ? 1 : 0)
      })
      yield* Effect.forEach(products, attempt, { concurrency: 4 })
      assert.isAbove(Math.min(seen.shipped, seen.cancelled), 0, JSON.stringify(seen))
    })
  )

  race("a unit is taken back once, and never more than were shipped, however many ask [O6]", (shop) =>
    Effect.gen(function* () {
      const other = yield* openShop(shop.url)
      const item = yield* product(shop, 10)
      const id = yield* paidOrder(shop, item, 10)
      yield* shop.orders.ship(id, { items: [{ productId: item.id, quantity: 6 }] })
      const back = yield* atOnce(
        times(40).map((n) => (n % 2 === 0 ? shop : other).orders.returnItems(id, { items: one(item) }))
      )
      assert.deepStrictEqual(tally(back), { done: 6, InsufficientUnits: 34 })
      assert.strictEqual(yield* unitsOf(shop, item), 6)
      const { units } = yield* shop.orders.get(id)
      assert.deepStrictEqual(units, [{ shipped: 6, cancelled: 0, returned: 6, restocked: 6 }])
    })
  )

  race("shipping as a whole and in parts at once ships each unit once [O6]", (shop) =>
    Effect.gen(function* () {
      const other = yield* openShop(shop.url)
      const item = yield* product(shop, 100)
      const attempt = Effect.fnUntraced(function* () {
        const id = yield* paidOrder(shop, item, 4)
        const said = yield* atOnce<unknown, { readonly _tag: string }, never>([
          shop.orders.ship(id, { items: one(item) }),
          other.orders.ship(id),
          other.orders.ship(id, { items: one(item) }),
          shop.orders.ship(id)
        ])
        const { done = 0, ...refused } = tally(said)
        assert.isAtLeast(done, 1)
        for (const reason of Object.keys(refused)) assert.strictEqual(reason, "IllegalTransition")
        const { status, units } = yield* shop.orders.get(id)
        assert.strictEqual(status, "SHIPPED")
        if (units !== undefined) assert.strictEqual(units[0]?.shipped, 4)
      })
      yield* Effect.forEach(times(20), attempt, { concurrency: 4 })
    })
  )
})
