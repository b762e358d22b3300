import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Option } from "effect"
import { TestClock } from "effect/testing"
import { layer } from "../../../src/adapters/memory/index.ts"
import { OrderRefused } from "../../../src/domain/orders/OrderChange.ts"
import { resultOf } from "../../../src/domain/shared/Idempotency.ts"
import type { OrderId } from "../../../src/domain/shared/Ids.ts"
import { BeforeCommit, type BeforeCommitHook } from "../../../src/ports/BeforeCommit.ts"
import { OrderStore } from "../../../src/ports/OrderStore.ts"
import { PaymentStore } from "../../../src/ports/PaymentStore.ts"
import { newAttribution, newNoon, newPlacement, order, shop } from "../../../src/testing/contract/Given.ts"

const hooked = (hook: BeforeCommitHook) =>
  Effect.provide(Layer.provide(layer, Layer.succeed(BeforeCommit, hook)))

/** A shop with unpaid orders that are due. Returns their ids in the order of a sweep, and the sweep. */
const dueOrders = Effect.fnUntraced(function* (count: number) {
  const store = yield* OrderStore
  const own = yield* shop(count)
  const noon = yield* newNoon(1200, 1500)
  const line = [own.products[0], 1] as const
  const orders = yield* Effect.all(
    Array.from({ length: count }, () => order(own, [line], { at: new Date(noon) }))
  )
  const sweep = store.expireUnpaid(new Date(noon + 1), count, yield* newAttribution)
  return { ids: orders.map(({ id }) => id).sort(), sweep }
})

const statusOf = (id: OrderId) =>
  OrderStore.use((store) => Effect.map(store.get(id), (found) => Option.getOrUndefined(found)?.status))

describe("a hook on stores in memory", () => {
  it.effect("gets each order of a sweep once, and keeps only the one that it refuses [H6]", () => {
    const asked: Array<OrderId> = []
    let kept: OrderId | undefined
    const hook: BeforeCommitHook = (changes) =>
      Effect.sync(() => {
        const expired = changes.filter(({ event }) => event.event !== "placed").map(({ order }) => order.id)
        asked.push(...expired)
        // It would refuse whatever it is asked about twice.
        return expired
          .filter((id) => id === kept || asked.indexOf(id) < asked.lastIndexOf(id))
          .map((orderId) => new OrderRefused({ orderId, reason: "Not yet" }))
      })
    return Effect.gen(function* () {
      const { ids, sweep } = yield* dueOrders(3)
      kept = ids[1]
      const [first, refused, last] = ids
      const outcome: unknown = yield* sweep
      assert.deepStrictEqual(outcome, { expired: [first, last], kept: [refused] })
      assert.deepStrictEqual(asked, ids)
      assert.deepStrictEqual(yield* Effect.forEach(ids, statusOf), ["FAILED", "CREATED", "FAILED"])
    }).pipe(hooked(hook))
  })

  it.effect("that awaits a call of the shop is ended after 10 seconds, and nothing is stored [H7]", () => {
    let inside = Effect.void
    return Effect.gen(function* () {
      const store = yield* OrderStore
      const own = yield* shop(1)
      const placement = yield* newPlacement(own, [[own.products[0], 1]])
      // Outside of its transaction, as a function of the host without Effect.
      inside = Effect.promise(() => Effect.runPromise(Effect.orDie(Effect.asVoid(store.get(placement.id)))))
      const placing = yield* Effect.forkChild(Effect.flip(Effect.uninterruptible(store.place(placement))), {
        startImmediately: true
      })
      yield* TestClock.adjust("9999 millis")
      assert.isUndefined(placing.pollUnsafe())
      yield* TestClock.adjust("1 milli")
      assert.deepInclude(yield* Fiber.join(placing), { _tag: "StoreUnavailable", outcome: "notApplied" })
      inside = Effect.void
      assert.isTrue(Option.isNone(yield* store.get(placement.id)))
      assert.strictEqual(resultOf(yield* store.place(placement)).id, placement.id)
    }).pipe(hooked(() => inside))
  })

  it.effect("that hangs in a sweep fails it, and no order expires [H7]", () => {
    let hanging = ""
    return Effect.gen(function* () {
      const { ids, sweep } = yield* dueOrders(2)
      hanging = ids[1] ?? ""
      const sweeping = yield* Effect.forkChild(Effect.flip(sweep), { startImmediately: true })
      yield* TestClock.adjust("10 seconds")
      assert.deepInclude(yield* Fiber.join(sweeping), { _tag: "StoreUnavailable", outcome: "notApplied" })
      assert.deepStrictEqual(yield* Effect.forEach(ids, statusOf), ["CREATED", "CREATED"])
    }).pipe(
      hooked((changes) => (changes.some(({ order }) => order.id === hanging) ? Effect.never : Effect.void))
    )
  })

  it.effect("knows that it runs in a transaction", () => {
    const inside: Array<boolean> = []
    let payments: PaymentStore["Service"] | undefined
    const hook: BeforeCommitHook = () =>
      Effect.map(payments?.inTransaction ?? Effect.die("no store"), (joined) => {
        inside.push(joined)
      })
    return Effect.gen(function* () {
      payments = yield* PaymentStore
      const own = yield* shop(1)
      yield* order(own, [[own.products[0], 1]])
      assert.deepStrictEqual([...inside, yield* payments.inTransaction], [true, false])
    }).pipe(hooked(hook))
  })
})
