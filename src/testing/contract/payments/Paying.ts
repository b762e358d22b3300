import { Effect } from "effect"
import { statuses } from "../../../domain/orders/Lifecycle.ts"
import { OrderNotFound, PaymentInProgress } from "../../../domain/orders/Order.ts"
import { OrderNotPayable, type Outcome, PaymentSettled } from "../../../domain/payments/Payment.ts"
import { firstTime } from "../../../domain/shared/Idempotency.ts"
import { OrderId, PaymentId } from "../../../domain/shared/Ids.ts"
import { PaymentStore } from "../../../ports/PaymentStore.ts"
import { type Fixture, newAttempt, newAttribution, newId, order, orderIn, shop } from "../Given.ts"
import { type Law, law, refused, same } from "../Law.ts"
import {
  changesNothing,
  checkIntegrity,
  readOrder,
  readProduct,
  snapshot
} from "../operations/ShopSnapshot.ts"

/** Makes an order of every product of a shop, and a pending payment. */
const pending = Effect.fnUntraced(function* (own: Fixture) {
  const store = yield* PaymentStore
  const placed = yield* order(
    own,
    own.products.map((product) => [product, 2] as const)
  )
  const attempt = yield* newAttempt(placed)
  const { value: payment } = yield* store.begin(attempt, undefined)
  return { placed, attempt, payment }
})

const stocks = (own: Fixture) =>
  Effect.forEach(own.products, ({ id }) => Effect.map(readProduct(id), ({ stock }) => stock))

export const payingLaws: ReadonlyArray<Law> = [
  law(
    "a payment begins as pending with the total of the order, and the order stays unchanged",
    Effect.gen(function* () {
      const store = yield* PaymentStore
      const own = yield* shop(10, 10)
      const placed = yield* order(own, [[own.products[0], 3]])
      const { at: createdAt, actor: _, ...attempt } = yield* newAttempt(placed)
      const payment = {
        ...attempt,
        status: "PENDING" as const,
        amount: placed.total,
        createdAt,
        orderStatus: "CREATED" as const
      }
      yield* same(
        yield* store.begin({ ...attempt, at: createdAt, actor: "clerk" }, undefined),
        firstTime(payment)
      )
      yield* same(yield* store.list(placed.id), [payment])
      yield* same(yield* readOrder(placed.id), placed)
      yield* checkIntegrity(own)
    })
  ),

  law(
    "an order has at most one pending payment [P1]",
    Effect.gen(function* () {
      const store = yield* PaymentStore
      const own = yield* shop(10)
      const { placed } = yield* pending(own)
      const second = store.begin(yield* newAttempt(placed), undefined)
      yield* changesNothing(own, refused(second, new PaymentInProgress({ orderId: placed.id })))
    })
  ),

  law(
    "only an existing order with status CREATED can be paid",
    Effect.gen(function* () {
      const store = yield* PaymentStore
      const own = yield* shop(1000)
      for (const orderStatus of statuses.filter((status) => status !== "CREATED")) {
        const { id: orderId } = yield* orderIn(orderStatus, own, [[own.products[0], 1]])
        const late = store.begin(yield* newAttempt({ id: orderId }), undefined)
        yield* changesNothing(own, refused(late, new OrderNotPayable({ orderId, orderStatus })))
      }
      const orderId = yield* newId(OrderId)
      const nowhere = store.begin(yield* newAttempt({ id: orderId }), undefined)
      yield* refused(nowhere, new OrderNotFound({ orderId }))
      yield* same(yield* store.list(orderId), [])
    })
  ),

  law(
    "an approval makes the order PAID, a decline makes it FAILED and restocks it, a cancellation does neither",
    Effect.gen(function* () {
      const store = yield* PaymentStore
      const consequences = [
        { outcome: "APPROVED", status: "PAID", event: "paid", stock: 8 },
        { outcome: "DECLINED", status: "FAILED", event: "declined", stock: 10 },
        { outcome: "CANCELLED", status: "CREATED", event: "placed", stock: 8 }
      ] as const
      for (const { outcome, status, event, stock } of consequences) {
        const own = yield* shop(10, 10)
        const { placed, payment } = yield* pending(own)
        const attribution = yield* newAttribution
        const settled = { ...payment, status: outcome, orderStatus: status }
        yield* same(yield* store.settle(payment.id, outcome, attribution, undefined), firstTime(settled))
        const { orders } = yield* snapshot(own)
        const moved =
          status === "CREATED" ? placed : { ...placed, status, version: 2, updatedAt: attribution.at }
        const step = { sequence: 2, event, from: "CREATED" as const, to: status, ...attribution }
        yield* same(
          orders.map(({ order, history, payments }) => ({ order, events: history.slice(1), payments })),
          [{ order: moved, events: status === "CREATED" ? [] : [step], payments: [settled] }]
        )
        yield* same(yield* stocks(own), [stock, stock])
        yield* checkIntegrity(own)
      }
    })
  ),

  law(
    "a settled payment keeps its outcome, and its order is restocked once [O2]",
    Effect.gen(function* () {
      const store = yield* PaymentStore
      const outcomes: ReadonlyArray<Outcome> = ["APPROVED", "DECLINED", "CANCELLED"]
      for (const first of outcomes) {
        const own = yield* shop(10)
        const { payment } = yield* pending(own)
        const { value: settled } = yield* store.settle(payment.id, first, yield* newAttribution, undefined)
        for (const later of outcomes) {
          const again = store.settle(payment.id, later, yield* newAttribution, undefined)
          // An approval that comes late is money that was charged.
          if (first !== "APPROVED" && later === "APPROVED") continue
          yield* changesNothing(
            own,
            later === first
              ? Effect.flatMap(again, (answer) => same(answer, firstTime(settled)))
              : refused(again, new PaymentSettled({ paymentId: payment.id, status: first }))
          )
        }
        yield* checkIntegrity(own)
      }
    })
  ),

  law(
    "an order with a cancelled payment can be paid, and its payments are listed oldest first",
    Effect.gen(function* () {
      const store = yield* PaymentStore
      const own = yield* shop(10)
      const placed = yield* order(own, [[own.products[0], 1]])
      const ids = (yield* Effect.replicateEffect(newId(PaymentId), 4)).sort()
      for (const [i, id] of ids.entries()) {
        const at = new Date(placed.createdAt.getTime() + i)
        yield* store.begin({ ...(yield* newAttempt(placed)), id, at }, undefined)
        yield* store.settle(
          id,
          id === ids.at(-1) ? "APPROVED" : "CANCELLED",
          yield* newAttribution,
          undefined
        )
      }
      const statuses = ["CANCELLED", "CANCELLED", "CANCELLED", "APPROVED"]
      yield* same(
        (yield* store.list(placed.id)).map(({ id, status, orderStatus }) => ({ id, status, orderStatus })),
        ids.map((id, i) => ({ id, status: statuses[i], orderStatus: "PAID" }))
      )
      yield* checkIntegrity(own)
    })
  )
]
