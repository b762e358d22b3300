import { assert, describe } from "@effect/vitest"
import { Effect, Fiber, Result } from "effect"
import {
  atOnce,
  buy,
  hold,
  patient,
  product,
  race,
  type TestShop,
  tally,
  times,
  untilWaiting
} from "../support.ts"

const ordersOf = Effect.fnUntraced(function* (shop: TestShop, count: number) {
  const item = yield* product(shop, count)
  return yield* Effect.forEach(times(count), () => buy(shop, item), { concurrency: "unbounded" })
})

const pay = ({ payments }: TestShop, orderId: string, idempotencyKey?: string) =>
  payments.payOrReplay({ orderId, paymentMethod: "sim_approve" }, { idempotencyKey })

/** How many transactions have written an event of this name. */
const transactions = ({ sql }: TestShop, event: string) =>
  Effect.map(
    sql<{ count: number }>`
      SELECT count(DISTINCT xid)::int4 AS count FROM commerce.order_events WHERE event = ${event}`,
    ([row]) => row?.count ?? 0
  )

describe("concurrent steps", () => {
  race("are committed together: many orders, few transactions", (shop) =>
    Effect.gen(function* () {
      const orders = yield* ordersOf(shop, 300)
      const paid = yield* atOnce(orders.map(({ id }) => pay(shop, id)))
      const shipped = yield* atOnce(orders.map(({ id }) => shop.orders.ship(id)))
      const completed = yield* atOnce(orders.map(({ id }) => shop.orders.complete(id)))
      for (const steps of [paid, shipped, completed])
        assert.deepStrictEqual(tally<unknown, { readonly _tag: string }>(steps), { done: 300 })
      for (const event of ["paid", "shipped", "completed"]) {
        assert.isBelow(yield* transactions(shop, event), 100, event)
      }
    })
  )

  race("of one order are applied in sequence, also within one batch [S8]", (shop) =>
    Effect.gen(function* () {
      const orders = yield* ordersOf(shop, 20)
      yield* atOnce(orders.map(({ id }) => pay(shop, id)))
      for (const { id } of orders) {
        const [shipped, completed, again] = yield* atOnce([
          shop.orders.ship(id),
          shop.orders.complete(id),
          shop.orders.ship(id)
        ])
        assert.strictEqual(tally([shipped, again].flatMap((step) => (step ? [step] : []))).done, 1)
        const { version, status } = yield* shop.orders.get(id)
        const taken = completed && Result.isSuccess(completed) ? 4 : 3
        assert.deepStrictEqual([version, status], [taken, taken === 4 ? "COMPLETED" : "SHIPPED"])
        assert.strictEqual((yield* shop.orders.history(id)).length, taken)
      }
    })
  )

  race("are independent: each gets its own result [S8]", (shop) =>
    Effect.gen(function* () {
      const orders = yield* ordersOf(shop, 60)
      const nothing = "00000000-0000-7000-8000-000000000000"
      const ready = orders.filter((_, n) => n % 2 === 0)
      yield* atOnce(ready.map(({ id }) => pay(shop, id)))
      const wanted = orders.flatMap(({ id }) => [id, nothing])
      const shipped = yield* atOnce(wanted.map((id) => shop.orders.ship(id)))
      assert.deepStrictEqual(tally(shipped), { done: 30, IllegalTransition: 30, OrderNotFound: 60 })
      const paid = yield* atOnce(wanted.map((id) => pay(shop, id)))
      assert.deepStrictEqual(tally(paid), { done: 30, OrderNotPayable: 30, OrderNotFound: 60 })
    })
  )

  race("begin one payment per order and per key, also within one batch [S8]", (shop) =>
    Effect.gen(function* () {
      const orders = yield* ordersOf(shop, 30)
      const answers = yield* Effect.forEach(
        orders,
        ({ id }) => atOnce(times(6).map((n) => pay(shop, id, n < 3 ? `key of ${id}` : undefined))),
        { concurrency: "unbounded" }
      )
      for (const [n, { id }] of orders.entries()) {
        const payments = yield* shop.payments.list(id)
        assert.strictEqual(payments.length, 1)
        const answered = (answers[n] ?? []).filter(Result.isSuccess).map(({ success }) => success)
        assert.deepStrictEqual(new Set(answered.map(({ value }) => value.id)), new Set([payments[0]?.id]))
        assert.strictEqual(answered.filter(({ replayed }) => !replayed).length, 1)
      }
    })
  )

  race("take effect once per key, and are committed together with keys too [I1]", (shop) =>
    Effect.gen(function* () {
      const orders = yield* ordersOf(shop, 200)
      yield* atOnce(orders.map(({ id }) => pay(shop, id)))
      for (const step of ["ship", "complete"] as const) {
        const taken = yield* Effect.forEach(
          orders,
          ({ id }) => atOnce(times(3).map(() => shop.orders[step](id, { idempotencyKey: id }))),
          { concurrency: "unbounded" }
        )
        for (const answers of taken) {
          assert.deepStrictEqual(tally(answers), { done: 3 })
          const [first, ...others] = answers
          for (const other of others) assert.deepStrictEqual(other, first)
        }
      }
      for (const event of ["shipped", "completed"]) {
        assert.isBelow(yield* transactions(shop, event), 100, event)
      }
      for (const { id } of orders) assert.strictEqual((yield* shop.orders.get(id)).version, 4)
    })
  )

  race(
    "do not wait for an order that another transaction holds [S9]",
    (shop) =>
      Effect.gen(function* () {
        const orders = yield* ordersOf(shop, 101)
        yield* atOnce(orders.map(({ id }) => pay(shop, id)))
        const [held, ...free] = orders
        const release = yield* hold(shop, "orders", { id: held?.id ?? "" })
        const waiting = yield* Effect.forkScoped(shop.orders.ship(held?.id ?? ""))
        yield* untilWaiting(shop)
        const shipped = yield* atOnce(free.map(({ id }) => shop.orders.ship(id)))
        assert.isTrue(shipped.every(Result.isSuccess))
        assert.isUndefined(waiting.pollUnsafe())
        yield* release
        yield* Fiber.join(waiting)
      }),
    { limits: patient }
  )
})
