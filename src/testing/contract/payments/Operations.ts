import { Effect, Result } from "effect"
import { statuses } from "../../../domain/orders/Lifecycle.ts"
import { type Order, OrderNotFound, PaymentInProgress } from "../../../domain/orders/Order.ts"
import { capture, voidAuthorization } from "../../../domain/payments/Authorization.ts"
import { fulfilWithMoney } from "../../../domain/payments/FulfilWithMoney.ts"
import { Outcome, type Payment } from "../../../domain/payments/Payment.ts"
import {
  NothingToRefund,
  OperationNotFound,
  PaymentNotAuthorized,
  type PaymentOperation,
  RefundTooLarge,
  type Reserved
} from "../../../domain/payments/PaymentOperation.ts"
import { refund, refundableOf } from "../../../domain/payments/Refund.ts"
import { settleOperation } from "../../../domain/payments/SettleOperation.ts"
import { firstTime } from "../../../domain/shared/Idempotency.ts"
import { OperationId, OrderId } from "../../../domain/shared/Ids.ts"
import { OrderStore } from "../../../ports/OrderStore.ts"
import { type OperationRefusal, type OperationRequest, PaymentStore } from "../../../ports/PaymentStore.ts"
import {
  type Fixture,
  newAttempt,
  newAttribution,
  newFulfilmentAttempt,
  newId,
  newNoon,
  newOperation,
  order,
  orderIn,
  shop
} from "../Given.ts"
import { concurrently, type Law, law, refused, same } from "../Law.ts"
import { changesNothing, checkIntegrity, readOrder } from "../operations/ShopSnapshot.ts"

/** Makes an order whose amount is authorized. */
const authorized = Effect.fnUntraced(function* (own: Fixture, quantity = 3) {
  const store = yield* PaymentStore
  const { id } = yield* order(own, [[own.products[0], quantity]])
  const { value } = yield* store.begin(yield* newAttempt({ id }), undefined)
  const answer = { outcome: "AUTHORIZED", reference: "a reference" } as const
  yield* store.settle(value.id, answer, yield* newAttribution, undefined)
  return id
})

/** Reads all that decides about the money of an order. */
const read = Effect.fnUntraced(function* (id: OrderId) {
  const store = yield* PaymentStore
  return {
    order: yield* readOrder(id),
    payments: yield* store.list(id),
    operations: yield* store.operations(id)
  }
})

type Money = Effect.Success<ReturnType<typeof read>>

const replace = <A extends { readonly id: string }>(all: ReadonlyArray<A>, one: A): ReadonlyArray<A> =>
  all.some(({ id }) => id === one.id)
    ? all.map((known) => (known.id === one.id ? one : known))
    : [...all, one]

const withStatusOf = ({ status: orderStatus }: Order, payments: ReadonlyArray<Payment>) =>
  payments.map((payment) => ({ ...payment, orderStatus }))

/** Checks that an order has this money, its invariants, and that nothing else of it has changed. */
const holds = Effect.fnUntraced(function* (
  own: Fixture,
  before: Money,
  after: {
    readonly order: Order
    readonly operation: PaymentOperation
    readonly payment: Payment
  }
) {
  const store = yield* PaymentStore
  const found = yield* read(after.order.id)
  yield* same(found.order, after.order)
  yield* same(found.payments, withStatusOf(after.order, replace(before.payments, after.payment)))
  yield* same(found.operations, replace(before.operations, after.operation))
  yield* same(
    yield* store.refundable(after.order.id),
    refundableOf(found.order, found.payments, found.operations)
  )
  yield* checkIntegrity(own)
})

const decide = (
  request: OperationRequest,
  { order, payments, operations }: Money,
  attempt: { readonly id: OperationId; readonly at: Date }
): Result.Result<Reserved, OperationRefusal> => {
  switch (request.kind) {
    case "capture":
      return capture(order, payments, operations, attempt)
    case "void":
      return voidAuthorization(order, payments, operations, attempt)
    case "refund":
      return refund(order, payments, operations, request, attempt)
  }
}

/** Reserves an operation and compares it with the decision. Returns it if it was decided. */
const reserves = Effect.fnUntraced(function* (own: Fixture, request: OperationRequest) {
  const store = yield* PaymentStore
  const before = yield* read(request.orderId)
  const { actor, ...attempt } = yield* newOperation
  const decision = decide(request, before, attempt)
  const work = store.reserve(request, { ...attempt, actor }, undefined, undefined)
  if (Result.isFailure(decision)) {
    yield* changesNothing(own, refused(work, decision.failure))
    return
  }
  yield* same(yield* work, firstTime(decision.success))
  yield* holds(own, before, { order: before.order, ...decision.success })
  return decision.success.operation
})

/** Settles an operation and compares it with the decision. */
const settles = Effect.fnUntraced(function* (own: Fixture, operation: PaymentOperation, outcome: Outcome) {
  const [store, orders] = [yield* PaymentStore, yield* OrderStore]
  const before = yield* read(operation.orderId)
  const history = yield* orders.history(operation.orderId)
  const known = before.operations.find(({ id }) => id === operation.id) ?? operation
  const payment = before.payments.find(({ id }) => id === operation.paymentId)
  if (payment === undefined) return yield* Effect.die(new Error("The operation has a payment"))
  const attribution = yield* newAttribution
  const answer = { outcome, reference: "an operation" }
  const settled = settleOperation(known, payment, before.order, answer, attribution)
  const work = yield* store.settleOperation(operation.id, answer, attribution, undefined)
  yield* same(work, firstTime(settled.operation))
  const { advanced } = settled
  yield* holds(own, before, { ...settled, order: advanced?.order ?? before.order })
  const events = advanced === null ? history : [...history, advanced.event]
  yield* same(yield* orders.history(operation.orderId), events)
})

const euros = (amount: number) => ({ amount, currency: "EUR" })

/** Makes a paid order of at least 100 minor units, and returns its id and what was charged. */
const charged = Effect.fnUntraced(function* (own: Fixture) {
  const { id, total } = yield* orderIn("PAID", own, [[own.products[0], 2]])
  return { id, total: total.amount }
})

/** A shop whose product has a price, so that there is something to refund. */
const pricedShop = Effect.fnUntraced(function* () {
  for (;;) {
    const own = yield* shop(1000)
    if (own.products[0].price.amount >= 100) return own
  }
})

export const operationLaws: ReadonlyArray<Law> = [
  law(
    "captures, voids and refunds are reserved as decided, in every status",
    Effect.gen(function* () {
      const own = yield* pricedShop()
      const requests = (orderId: OrderId): ReadonlyArray<OperationRequest> => [
        { kind: "capture", orderId },
        { kind: "void", orderId },
        { kind: "refund", orderId },
        { kind: "refund", orderId, amount: euros(60), reason: "goodwill" },
        { kind: "refund", orderId, amount: { amount: 1, currency: "USD" } }
      ]
      for (const status of statuses) {
        for (const request of requests((yield* orderIn(status, own, [[own.products[0], 2]])).id))
          yield* reserves(own, request)
      }
      for (const request of requests(yield* authorized(own))) yield* reserves(own, request)
    })
  ),

  law(
    "an operation is settled as decided, once; an approved refund may fail later, once [P11]",
    Effect.gen(function* () {
      const own = yield* pricedShop()
      for (const kind of ["capture", "void", "refund"] as const) {
        for (const first of Outcome.literals) {
          const orderId = kind === "refund" ? (yield* charged(own)).id : yield* authorized(own)
          const request = kind === "refund" ? { kind, orderId, amount: euros(40) } : { kind, orderId }
          const operation = yield* reserves(own, request)
          if (operation === undefined) return yield* Effect.die(new Error("The operation is decided"))
          yield* settles(own, operation, first)
          for (const later of Outcome.literals) yield* settles(own, operation, later)
        }
      }
    })
  ),

  law(
    "an order with an authorization can neither be paid again nor expire; a cancellation of it is a void",
    Effect.gen(function* () {
      const [store, orders] = [yield* PaymentStore, yield* OrderStore]
      const own = yield* shop(100)
      const id = yield* authorized(own)
      const inProgress = new PaymentInProgress({ orderId: id })
      yield* changesNothing(own, refused(store.begin(yield* newAttempt({ id }), undefined), inProgress))
      yield* changesNothing(own, refused(orders.expire(id, yield* newAttribution, undefined), inProgress))
      const before = yield* read(id)
      const attempt = yield* newFulfilmentAttempt
      const whole = { kind: "cancel", request: {} } as const
      const decision = fulfilWithMoney(before.order, whole, before.payments, before.operations, attempt)
      const { order: cancelled, reserved } = Result.getOrThrow(decision)
      yield* same(yield* orders.fulfil(id, whole, attempt, undefined), firstTime(cancelled))
      if (reserved === null) return yield* Effect.die(new Error("The authorization is voided"))
      yield* same(reserved.operation.kind, "void")
      yield* holds(own, before, { order: cancelled, ...reserved })
      yield* settles(own, reserved.operation, "APPROVED")
    })
  ),

  law(
    "a cancellation with a refund reserves what is due in the same step",
    Effect.gen(function* () {
      const orders = yield* OrderStore
      const own = yield* pricedShop()
      const { id, total } = yield* charged(own)
      const before = yield* read(id)
      const attempt = yield* newFulfilmentAttempt
      const whole = { kind: "cancel", request: { refund: true } } as const
      const decision = fulfilWithMoney(before.order, whole, before.payments, before.operations, attempt)
      const { order: cancelled, reserved } = Result.getOrThrow(decision)
      yield* same(yield* orders.fulfil(id, whole, attempt, undefined), firstTime(cancelled))
      if (reserved === null) return yield* Effect.die(new Error("The order is refunded"))
      yield* same([reserved.operation.kind, reserved.operation.amount.amount], ["refund", total])
      yield* holds(own, before, { order: cancelled, ...reserved })
    })
  ),

  law(
    "an approval that comes late is due back if the order has ended, and pays an order that can still be paid [P15]",
    Effect.gen(function* () {
      const [store, orders] = [yield* PaymentStore, yield* OrderStore]
      const own = yield* pricedShop()
      const cases = [
        { first: "CANCELLED", isExpired: true, afterDecline: undefined },
        { first: "CANCELLED", isExpired: false, afterDecline: undefined },
        { first: "DECLINED", isExpired: false, afterDecline: undefined },
        { first: "DECLINED", isExpired: false, afterDecline: "payable" },
        { first: "DECLINED", isExpired: true, afterDecline: "payable" }
      ] as const
      for (const { first, isExpired, afterDecline } of cases) {
        const { id } = yield* order(own, [[own.products[0], 1]])
        const { value } = yield* store.begin(yield* newAttempt({ id }), undefined)
        yield* store.settle(value.id, first, yield* newAttribution, undefined, afterDecline)
        if (isExpired) yield* orders.expire(id, yield* newAttribution, undefined)
        const isOpen = (yield* readOrder(id)).status === "CREATED"
        yield* store.settle(value.id, "APPROVED", yield* newAttribution, undefined)
        const { status, total } = yield* readOrder(id)
        yield* same(status, isOpen ? "PAID" : "FAILED")
        yield* same((yield* store.refundable(id)).due, isOpen ? euros(0) : total)
        const event = (yield* orders.history(id)).at(-1)?.event
        yield* same(event, isOpen ? "paid" : "charged-late")
        yield* checkIntegrity(own)
      }
    })
  ),

  law(
    "a refund or a chargeback that the host records is an operation that begins and settles in one step",
    Effect.gen(function* () {
      const [store, orders] = [yield* PaymentStore, yield* OrderStore]
      const own = yield* pricedShop()
      const { id, total } = yield* charged(own)
      for (const kind of ["refund", "chargeback"] as const) {
        const attempt = yield* newOperation
        const request = { kind, orderId: id, amount: euros(10), reason: "a reason" }
        const { value } = yield* store.recordOperation(request, attempt, undefined)
        yield* same([value.id, value.status, value.amount.amount], [attempt.id, "APPROVED", 10])
        const event = (yield* orders.history(id)).at(-1)
        yield* same(
          [event?.event, event?.amount, event?.reason],
          [kind === "refund" ? "refunded" : "charged-back", euros(10), "a reason"]
        )
        yield* checkIntegrity(own)
      }
      yield* same((yield* store.refundable(id)).refundable, euros(total - 20))
      const late = store.recordOperation(
        { kind: "refund", orderId: id, amount: euros(total) },
        yield* newOperation,
        undefined
      )
      yield* changesNothing(
        own,
        refused(late, new RefundTooLarge({ orderId: id, refundable: euros(total - 20) }))
      )
      const { id: unpaid } = yield* order(own, [[own.products[0], 1]])
      const early = store.recordOperation(
        { kind: "chargeback", orderId: unpaid, amount: euros(1) },
        yield* newOperation,
        undefined
      )
      yield* changesNothing(own, refused(early, new NothingToRefund({ orderId: unpaid })))
    })
  ),

  law(
    "an unknown order has no operations, and an unknown operation cannot be settled",
    Effect.gen(function* () {
      const store = yield* PaymentStore
      const orderId = yield* newId(OrderId)
      const operationId = yield* newId(OperationId)
      const unknown = new OrderNotFound({ orderId })
      for (const kind of ["capture", "void", "refund"] as const)
        yield* refused(store.reserve({ kind, orderId }, yield* newOperation, undefined, undefined), unknown)
      yield* refused(store.refundable(orderId), unknown)
      yield* same(yield* store.operations(orderId), [])
      yield* refused(
        store.settleOperation(operationId, "APPROVED", yield* newAttribution, undefined),
        new OperationNotFound({ operationId })
      )
    })
  ),

  law(
    "concurrent refunds never exceed what was charged [P9]",
    Effect.gen(function* () {
      const store = yield* PaymentStore
      const own = yield* pricedShop()
      const { id, total } = yield* charged(own)
      const amount = euros(Math.floor((total * 3) / 10))
      const requests = yield* Effect.replicateEffect(newOperation, 10)
      const [made, late] = yield* concurrently(
        requests.map((attempt) =>
          store.reserve({ kind: "refund", orderId: id, amount }, attempt, undefined, undefined)
        )
      )
      yield* same([made.length, late.length], [3, 7])
      const [payment] = yield* store.list(id)
      yield* same(payment?.refunded, euros(3 * amount.amount))
      yield* checkIntegrity(own)
    })
  ),

  law(
    "of concurrent captures and voids of an authorization one counts [P10]",
    Effect.gen(function* () {
      const store = yield* PaymentStore
      const own = yield* shop(100)
      const id = yield* authorized(own)
      const requests = yield* Effect.replicateEffect(newOperation, 10)
      const [made, late] = yield* concurrently(
        requests.map((attempt, n) =>
          store.reserve(
            { kind: n % 2 === 0 ? "capture" : "void", orderId: id },
            attempt,
            undefined,
            undefined
          )
        )
      )
      yield* same(made.length, 1)
      yield* same(
        late,
        Array.from({ length: 9 }, () => new PaymentNotAuthorized({ orderId: id }))
      )
      yield* checkIntegrity(own)
    })
  ),

  law(
    "ten concurrent outcomes of one operation are one event [P11]",
    Effect.gen(function* () {
      const [store, orders] = [yield* PaymentStore, yield* OrderStore]
      const own = yield* pricedShop()
      const { id } = yield* charged(own)
      const { value } = yield* store.reserve(
        { kind: "refund", orderId: id, amount: euros(5) },
        yield* newOperation,
        undefined,
        undefined
      )
      const before = yield* orders.history(id)
      const attributions = yield* Effect.replicateEffect(newAttribution, 10)
      const [, failed] = yield* concurrently(
        attributions.map((attribution) =>
          store.settleOperation(value.operation.id, "APPROVED", attribution, undefined)
        )
      )
      yield* same(failed, [])
      yield* same((yield* orders.history(id)).length, before.length + 1)
      yield* checkIntegrity(own)
    })
  ),

  law(
    "pending operations since a time and of accepted payment methods are leased, oldest first, each to one caller until the lease ends [P12]",
    Effect.gen(function* () {
      const store = yield* PaymentStore
      const own = yield* pricedShop()
      const noon = yield* newNoon(2200, 2290)
      const { id } = yield* charged(own)
      const ids = (yield* Effect.replicateEffect(newId(OperationId), 4)).sort()
      const made = yield* Effect.forEach(ids, (operationId, n) =>
        Effect.gen(function* () {
          const attempt = { ...(yield* newOperation), id: operationId, at: new Date(noon + n) }
          const leased = n === 3 ? new Date(noon + 25) : undefined
          const { value } = yield* store.reserve(
            { kind: "refund", orderId: id, amount: euros(1) },
            attempt,
            leased,
            undefined
          )
          return { operation: value.operation, actor: attempt.actor }
        })
      )
      const lease = (since: number, from: number, to: number, take: number, accepts?: () => boolean) =>
        Effect.map(
          store.leaseOperations({ at: new Date(noon + from), until: new Date(noon + to) }, take, {
            since: new Date(noon + since),
            ...(accepts && { accepts })
          }),
          (leased) => leased.map(({ operation, actor }) => ({ operation, actor }))
        )
      yield* same(yield* lease(0, 10, 20, 10, () => false), [])
      yield* same(yield* lease(1, 10, 20, 1, () => true), made.slice(1, 2))
      yield* same(yield* lease(0, 11, 21, 10), [made[0], made[2]])
      yield* same(yield* lease(0, 19, 29, 10), [])
      yield* same(yield* lease(0, 20, 30, 10), made.slice(1, 2))
      yield* same(yield* lease(0, 25, 35, 10), [made[0], ...made.slice(2)])
      for (const { operation } of made)
        yield* store.settleOperation(operation.id, "CANCELLED", yield* newAttribution, undefined)
      yield* same(yield* lease(0, 50, 60, 10), [])
    })
  ),

  law(
    "authorizations to void are those of cancelled orders and old ones, longest held first, unless something has ended them or a void was tried lately",
    Effect.gen(function* () {
      const [store, orders] = [yield* PaymentStore, yield* OrderStore]
      const own = yield* shop(1000)
      const noon = yield* newNoon(2300, 2390)
      const at = (time: number) => new Date(noon + time)
      const heldAt = Effect.fnUntraced(function* (time: number) {
        const { id } = yield* order(own, [[own.products[0], 1]])
        const { value } = yield* store.begin(yield* newAttempt({ id }, { at: at(time) }), undefined)
        yield* store.settle(value.id, { outcome: "AUTHORIZED" }, { at: at(time), actor: "a law" }, undefined)
        return id
      })
      const operated = Effect.fnUntraced(function* (
        kind: "capture" | "void",
        orderId: OrderId,
        time: number,
        outcome?: Outcome
      ) {
        const attempt = { ...(yield* newOperation), at: at(time) }
        yield* store.reserve({ kind, orderId }, attempt, undefined, undefined)
        if (outcome !== undefined)
          yield* store.settleOperation(attempt.id, outcome, yield* newAttribution, undefined)
      })
      const cancelled = Effect.fnUntraced(function* (time: number, outcome: Outcome) {
        const id = yield* heldAt(time)
        const attempt = { ...(yield* newFulfilmentAttempt), at: at(time) }
        yield* orders.fulfil(id, { kind: "cancel", request: {} }, attempt, undefined)
        yield* store.settleOperation(attempt.operationId, outcome, yield* newAttribution, undefined)
        return id
      })
      const old = yield* heldAt(1)
      const older = yield* heldAt(0)
      const failed = yield* cancelled(2, "CANCELLED")
      const declined = yield* cancelled(3, "DECLINED")
      yield* cancelled(4, "APPROVED")
      yield* operated("capture", yield* heldAt(5), 5)
      yield* operated("capture", yield* heldAt(6), 6, "APPROVED")
      const retried = yield* heldAt(7)
      yield* operated("void", retried, 15, "CANCELLED")
      const young = yield* heldAt(20)
      const find = (triedBefore: number, heldBefore?: number, take = 10) =>
        Effect.map(
          store.authorizationsToVoid(
            {
              triedBefore: at(triedBefore),
              heldBefore: heldBefore === undefined ? undefined : at(heldBefore)
            },
            at(100),
            1000
          ),
          // Other laws have authorizations too.
          (found) => found.filter((id) => [old, older, failed, retried, young].includes(id)).slice(0, take)
        )
      yield* same(yield* find(2), [])
      yield* same(yield* find(3), [failed])
      yield* same(yield* find(15, 20), [older, old, failed])
      yield* same(yield* find(16, 20), [older, old, failed, retried])
      yield* same(yield* find(16, 21), [older, old, failed, retried, young])
      // The gateway has its say, so that no cancelled order keeps an authorization.
      for (const id of [failed, declined]) {
        for (const { id: paymentId } of yield* store.list(id))
          yield* store.settle(paymentId, "CANCELLED", yield* newAttribution, undefined)
      }
      yield* checkIntegrity(own)
    })
  )
]
