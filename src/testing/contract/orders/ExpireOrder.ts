import { Effect, Result } from "effect"
import { expire } from "../../../domain/orders/AdvanceOrder.ts"
import { statuses } from "../../../domain/orders/Lifecycle.ts"
import { OrderNotFound, PaymentInProgress } from "../../../domain/orders/Order.ts"
import { firstTime } from "../../../domain/shared/Idempotency.ts"
import { OrderId } from "../../../domain/shared/Ids.ts"
import { OrderStore } from "../../../ports/OrderStore.ts"
import { PaymentStore } from "../../../ports/PaymentStore.ts"
import { type Fixture, newAttempt, newAttribution, newId, newNoon, order, orderIn, shop } from "../Given.ts"
import { concurrently, type Law, law, refused, same } from "../Law.ts"
import { changesNothing, checkIntegrity, readOrder, readProduct } from "../operations/ShopSnapshot.ts"

const begun = (order: { readonly id: OrderId }) =>
  Effect.flatMap(newAttempt(order), (attempt) => PaymentStore.use((store) => store.begin(attempt, undefined)))

const placedAt = (own: Fixture, time: number) => order(own, [[own.products[0], 1]], { at: new Date(time) })

export const expiringLaws: ReadonlyArray<Law> = [
  law(
    "an unpaid order expires and is restocked; in any other status expiry is refused and changes nothing",
    Effect.gen(function* () {
      const store = yield* OrderStore
      const own = yield* shop(100, 100)
      for (const status of statuses) {
        const lines = own.products.map((product) => [product, 2] as const)
        const found = yield* orderIn(status, own, lines)
        const history = yield* store.history(found.id)
        const attribution = yield* newAttribution
        const decision = expire(found, false, attribution)
        if (Result.isFailure(decision)) {
          yield* changesNothing(
            own,
            refused(store.expire(found.id, attribution, undefined), decision.failure)
          )
        } else {
          const { order, event } = decision.success
          yield* same(yield* store.expire(found.id, attribution, undefined), firstTime(order))
          yield* same(yield* readOrder(found.id), order)
          yield* same(yield* store.history(found.id), [...history, event])
        }
      }
      yield* checkIntegrity(own)
    })
  ),

  law(
    "an order with a pending payment and an unknown order cannot expire",
    Effect.gen(function* () {
      const store = yield* OrderStore
      const own = yield* shop(10)
      const { id: orderId } = yield* order(own, [[own.products[0], 1]])
      yield* begun({ id: orderId })
      const early = store.expire(orderId, yield* newAttribution, undefined)
      yield* changesNothing(own, refused(early, new PaymentInProgress({ orderId })))
      const unknown = yield* newId(OrderId)
      yield* refused(
        store.expire(unknown, yield* newAttribution, undefined),
        new OrderNotFound({ orderId: unknown })
      )
    })
  ),

  law(
    "a sweep expires unpaid orders from before a time, in batches, and no other orders",
    Effect.gen(function* () {
      const store = yield* OrderStore
      const own = yield* shop(100)
      const noon = yield* newNoon(1600, 1900)
      const before = new Date(noon + 10)
      const due = yield* Effect.forEach([0, 1, 2, 8, 9], (n) => placedAt(own, noon + n))
      const young = yield* placedAt(own, noon + 10)
      const pending = yield* placedAt(own, noon)
      yield* begun(pending)
      const paid = yield* orderIn("PAID", own, [[own.products[0], 1]], { at: new Date(noon) })
      const swept: Array<OrderId> = []
      for (const most of [2, 2, 1, 0]) {
        const { expired, kept } = yield* store.expireUnpaid(before, 2, yield* newAttribution)
        yield* same([expired.length, kept.length], [most, 0])
        swept.push(...expired)
      }
      yield* same(swept.sort(), due.map(({ id }) => id).sort())
      const after = yield* Effect.forEach([...due, young, pending, paid], ({ id }) => readOrder(id))
      const expected = [...due.map(() => "FAILED"), "CREATED", "CREATED", "PAID"]
      yield* same<ReadonlyArray<string>>(
        after.map(({ status }) => status),
        expected
      )
      yield* checkIntegrity(own)
      yield* store.expire(young.id, yield* newAttribution, undefined)
    })
  ),

  law(
    "concurrent sweeps, expiries and payments: each order has one outcome and is restocked at most once",
    Effect.gen(function* () {
      const [orders, payments] = [yield* OrderStore, yield* PaymentStore]
      const own = yield* shop(100)
      const noon = yield* newNoon(1600, 1900)
      const placed = yield* Effect.forEach(Array.from({ length: 8 }).keys(), (n) => placedAt(own, noon + n))
      const attempts = yield* Effect.forEach(placed, (order) => newAttempt(order))
      const attribution = yield* newAttribution
      yield* concurrently<unknown, unknown, never>([
        ...attempts.map((attempt) => payments.begin(attempt, undefined)),
        ...Array.from({ length: 3 }, () => orders.expireUnpaid(new Date(noon + 8), 4, attribution)),
        ...placed.map(({ id }) => orders.expire(id, attribution, undefined))
      ])
      yield* checkIntegrity(own)
      for (const { id } of placed) {
        const [payment] = yield* payments.list(id)
        yield* same((yield* readOrder(id)).status, payment === undefined ? "FAILED" : "CREATED")
        if (payment !== undefined) yield* payments.settle(payment.id, "DECLINED", attribution, undefined)
      }
      yield* same((yield* readProduct(own.products[0].id)).stock, 100)
      yield* checkIntegrity(own)
    })
  )
]
