import { Effect, Result } from "effect"
import { statuses } from "../../../domain/orders/Lifecycle.ts"
import { OrderNotFound, PaymentInProgress } from "../../../domain/orders/Order.ts"
import { OrderNotPayable, Outcome, PaymentNotFound } from "../../../domain/payments/Payment.ts"
import { record } from "../../../domain/payments/SettlePayment.ts"
import { firstTime } from "../../../domain/shared/Idempotency.ts"
import { OrderId, PaymentId } from "../../../domain/shared/Ids.ts"
import { OrderStore } from "../../../ports/OrderStore.ts"
import { PaymentStore } from "../../../ports/PaymentStore.ts"
import { newAttempt, newAttribution, newId, order, orderIn, shop } from "../Given.ts"
import { concurrently, type Law, law, refused, same } from "../Law.ts"
import { changesNothing, checkIntegrity, readOrder } from "../operations/ShopSnapshot.ts"

export const recordingLaws: ReadonlyArray<Law> = [
  law(
    "a recorded charge is a payment that begins and settles in one step",
    Effect.gen(function* () {
      const [store, orders] = [yield* PaymentStore, yield* OrderStore]
      const own = yield* shop(20, 20)
      const cases = [
        ...Outcome.literals.map((outcome) => ({ outcome, isExpired: false })),
        { outcome: "APPROVED", isExpired: true }
      ] as const
      for (const { outcome, isExpired } of cases) {
        const { id } = yield* order(
          own,
          own.products.map((product) => [product, 3] as const)
        )
        if (isExpired) yield* orders.expire(id, yield* newAttribution, undefined)
        const placed = yield* readOrder(id)
        const before = yield* orders.history(id)
        const attempt = yield* newAttempt(placed)
        const { payment, advanced } = Result.getOrThrow(record(placed, false, attempt, outcome))
        yield* same(yield* store.record(attempt, outcome, undefined), firstTime(payment))
        yield* same(yield* store.list(placed.id), [payment])
        yield* same(yield* readOrder(placed.id), advanced?.order ?? placed)
        const events = (yield* orders.history(placed.id)).slice(before.length)
        yield* same(events, advanced === null ? [] : [advanced.event])
        yield* checkIntegrity(own)
      }
    })
  ),

  law(
    "a charge is refused for an order that is not payable, has a pending payment, or does not exist",
    Effect.gen(function* () {
      const store = yield* PaymentStore
      const own = yield* shop(100)
      const recorded = (id: OrderId) =>
        Effect.flatMap(newAttempt({ id }), (attempt) => store.record(attempt, "APPROVED", undefined))
      for (const orderStatus of statuses.filter((status) => status !== "CREATED")) {
        const { id: orderId } = yield* orderIn(orderStatus, own, [[own.products[0], 1]])
        // A charge of a failed order is due back, and recorded once.
        if (orderStatus === "FAILED") yield* recorded(orderId)
        yield* changesNothing(own, refused(recorded(orderId), new OrderNotPayable({ orderId, orderStatus })))
      }
      const { id: orderId } = yield* order(own, [[own.products[0], 1]])
      yield* store.begin(yield* newAttempt({ id: orderId }), undefined)
      yield* changesNothing(own, refused(recorded(orderId), new PaymentInProgress({ orderId })))
      const unknown = yield* newId(OrderId)
      yield* refused(recorded(unknown), new OrderNotFound({ orderId: unknown }))
    })
  ),

  law(
    "an unknown payment cannot be settled",
    Effect.gen(function* () {
      const store = yield* PaymentStore
      const paymentId = yield* newId(PaymentId)
      for (const outcome of Outcome.literals) {
        yield* refused(
          store.settle(paymentId, outcome, yield* newAttribution, undefined),
          new PaymentNotFound({ paymentId })
        )
      }
    })
  ),

  law(
    "ten concurrently recorded charges of one order: one succeeds",
    Effect.gen(function* () {
      const store = yield* PaymentStore
      const own = yield* shop(10)
      const { id: orderId } = yield* order(own, [[own.products[0], 1]])
      const attempts = yield* Effect.replicateEffect(newAttempt({ id: orderId }), 10)
      const [, refusals] = yield* concurrently(
        attempts.map((attempt) => store.record(attempt, "APPROVED", undefined))
      )
      const late = new OrderNotPayable({ orderId, orderStatus: "PAID" })
      yield* same(
        refusals,
        Array.from({ length: 9 }, () => late)
      )
      yield* checkIntegrity(own)
    })
  )
]
