import { Effect, Layer, Result } from "effect"
import { type Order, OrderNotFound } from "../../domain/orders/Order.ts"
import { capture, endOf, isToVoid, voidAuthorization } from "../../domain/payments/Authorization.ts"
import { begin, mayHaveCharged, type Payment, PaymentNotFound } from "../../domain/payments/Payment.ts"
import {
  OperationNotFound,
  type PaymentOperation,
  type Reserved
} from "../../domain/payments/PaymentOperation.ts"
import { chargeback, refund, refundableOf } from "../../domain/payments/Refund.ts"
import { settleOperation } from "../../domain/payments/SettleOperation.ts"
import { record, settle } from "../../domain/payments/SettlePayment.ts"
import type { OrderId, PaymentId } from "../../domain/shared/Ids.ts"
import { type OperationRequest, PaymentStore } from "../../ports/PaymentStore.ts"
import {
  hasPending,
  operationsOf,
  paymentsOf,
  saveAdvanced,
  savePayment,
  saveReserved
} from "./MemoryOrderStore.ts"
import { MemoryState, type MemoryTables, step, withIdempotency } from "./MemoryState.ts"
import { MemoryTransactions } from "./MemoryTransactions.ts"

export const MemoryPaymentStore = Layer.effect(
  PaymentStore,
  Effect.map(Effect.all([MemoryState, MemoryTransactions]), ([state, transactions]) =>
    transactions.transactional<PaymentStore["Service"]>({
      begin: (attempt, idempotency) =>
        withIdempotency(
          state,
          idempotency,
          attempt.at,
          () =>
            Result.gen(function* () {
              const order = yield* findOrder(state, attempt.orderId)
              const payment = yield* begin(order, hasPending(state, order.id), attempt)
              savePayment(state, payment, attempt.actor)
              return payment
            }),
          (payment) => currentPayment(state, payment)
        ),

      record: (attempt, outcome, idempotency, afterDecline) =>
        withIdempotency(
          state,
          idempotency,
          attempt.at,
          () =>
            Result.gen(function* () {
              const order = yield* findOrder(state, attempt.orderId)
              const hasLive = paymentsOf(state, order.id).some(mayHaveCharged)
              const settled = yield* record(order, hasLive, attempt, outcome, { afterDecline })
              savePayment(state, settled.payment, attempt.actor)
              if (settled.advanced !== null) saveAdvanced(state, settled.advanced)
              return settled.payment
            }),
          (payment) => currentPayment(state, payment)
        ),

      settle: (paymentId, answer, attribution, idempotency, afterDecline) =>
        withIdempotency(
          state,
          idempotency,
          attribution.at,
          () =>
            Result.gen(function* () {
              const known = yield* findPayment(state, paymentId)
              const order = Result.getOrThrow(findOrder(state, known.orderId))
              const others = paymentsOf(state, order.id).filter(({ id }) => id !== paymentId)
              const settled = yield* settle(known, order, answer, attribution, {
                afterDecline,
                hasOther: others.some(mayHaveCharged),
                end: endOf(known, operationsOf(state, order.id))
              })
              const { payment, advanced, operation } = settled
              savePayment(state, payment, attribution.actor)
              if (operation !== undefined) saveReserved(state, { operation, payment }, attribution.actor)
              if (advanced !== null) saveAdvanced(state, advanced)
              return currentPayment(state, payment)
            }),
          (payment) => currentPayment(state, payment)
        ),

      lease: (before, { at, until }, take, { since, accepts = () => true } = {}) =>
        Effect.sync(() => {
          const due = [...state.payments.values()]
            .filter(({ payment }) => payment.status === "PENDING" && payment.createdAt < before)
            .filter(({ payment }) => since === undefined || payment.createdAt >= since)
            .filter(({ leasedUntil }) => leasedUntil === null || leasedUntil <= at)
            .filter(({ payment }) => accepts(payment.paymentMethod))
            .sort((a, b) => a.payment.createdAt.getTime() - b.payment.createdAt.getTime())
            .slice(0, take)
          for (const { payment, actor } of due) {
            state.payments.set(payment.id, { payment, actor, leasedUntil: until })
          }
          return due.map(({ payment, actor }) => ({ payment: currentPayment(state, payment), actor }))
        }),

      list: (orderId) => Effect.sync(() => paymentsOf(state, orderId)),

      reserve: (request, { id, at, actor }, leasedUntil, idempotency) =>
        withIdempotency(
          state,
          idempotency,
          at,
          () =>
            Result.gen(function* () {
              const order = yield* findOrder(state, request.orderId)
              const reserved = yield* decide(state, order, request, { id, at })
              saveReserved(state, reserved, actor, leasedUntil)
              return reserved
            }),
          (reserved) => currentReserved(state, reserved)
        ),

      settleOperation: (operationId, answer, attribution, idempotency) =>
        withIdempotency(
          state,
          idempotency,
          attribution.at,
          () =>
            Result.gen(function* () {
              const known = state.operations.get(operationId)
              if (known === undefined) return yield* Result.fail(new OperationNotFound({ operationId }))
              return settleNow(state, known.operation, answer, attribution)
            }),
          (operation) => currentOperation(state, operation)
        ),

      recordOperation: (request, { id, ...attribution }, idempotency) =>
        withIdempotency(
          state,
          idempotency,
          attribution.at,
          () =>
            Result.gen(function* () {
              const order = yield* findOrder(state, request.orderId)
              const attempt = { id, at: attribution.at }
              const reserved =
                request.kind === "chargeback"
                  ? yield* chargeback(
                      order,
                      paymentsOf(state, order.id),
                      operationsOf(state, order.id),
                      request,
                      attempt
                    )
                  : yield* decide(state, order, { ...request, kind: "refund" }, attempt)
              saveReserved(state, reserved, attribution.actor)
              return settleNow(state, reserved.operation, "APPROVED", attribution)
            }),
          (operation) => currentOperation(state, operation)
        ),

      leaseOperations: ({ at, until }, take, { since, accepts = () => true } = {}) =>
        Effect.sync(() => {
          const due = [...state.operations.values()]
            .filter(({ operation }) => operation.status === "PENDING")
            .filter(({ operation }) => since === undefined || operation.createdAt >= since)
            .filter(({ operation }) =>
              accepts(Result.getOrThrow(findPayment(state, operation.paymentId)).paymentMethod)
            )
            .filter(({ leasedUntil }) => leasedUntil === null || leasedUntil <= at)
            .sort((a, b) => a.operation.createdAt.getTime() - b.operation.createdAt.getTime())
            .slice(0, take)
          return due.map(({ operation, actor }) => {
            state.operations.set(operation.id, { operation, actor, leasedUntil: until })
            const payment = Result.getOrThrow(findPayment(state, operation.paymentId))
            return { operation, payment: currentPayment(state, payment), actor }
          })
        }),

      authorizationsToVoid: (filter, _, take) =>
        Effect.sync(() =>
          [...state.payments.values()]
            .filter(({ payment }) => {
              const order = Result.getOrThrow(findOrder(state, payment.orderId))
              return isToVoid(order, payment, operationsOf(state, order.id), filter)
            })
            .sort((a, b) => a.payment.createdAt.getTime() - b.payment.createdAt.getTime())
            .slice(0, take)
            .map(({ payment }) => payment.orderId)
        ),

      operations: (orderId) => Effect.sync(() => operationsOf(state, orderId)),

      refundable: (orderId) =>
        step(() =>
          Result.map(findOrder(state, orderId), (order) =>
            refundableOf(order, paymentsOf(state, orderId), operationsOf(state, orderId))
          )
        ),

      inTransaction: transactions.inTransaction
    })
  )
)

const findOrder = (state: MemoryTables, orderId: OrderId): Result.Result<Order, OrderNotFound> => {
  const order = state.orders.get(orderId)
  return order === undefined ? Result.fail(new OrderNotFound({ orderId })) : Result.succeed(order)
}

const findPayment = (state: MemoryTables, paymentId: PaymentId): Result.Result<Payment, PaymentNotFound> => {
  const known = state.payments.get(paymentId)
  return known === undefined ? Result.fail(new PaymentNotFound({ paymentId })) : Result.succeed(known.payment)
}

const decide = (
  state: MemoryTables,
  order: Order,
  request: OperationRequest,
  attempt: Parameters<typeof capture>[3]
) => {
  const [payments, operations] = [paymentsOf(state, order.id), operationsOf(state, order.id)]
  switch (request.kind) {
    case "capture":
      return capture(order, payments, operations, attempt)
    case "void":
      return voidAuthorization(order, payments, operations, attempt)
    case "refund":
      return refund(order, payments, operations, request, attempt)
  }
}

/** Settles an operation of an order that exists. */
const settleNow = (
  state: MemoryTables,
  known: PaymentOperation,
  answer: Parameters<typeof settleOperation>[3],
  attribution: Parameters<typeof settleOperation>[4]
): PaymentOperation => {
  const payment = Result.getOrThrow(findPayment(state, known.paymentId))
  const order = Result.getOrThrow(findOrder(state, known.orderId))
  const settled = settleOperation(known, payment, order, answer, attribution)
  saveReserved(state, settled, attribution.actor)
  if (settled.advanced !== null) saveAdvanced(state, settled.advanced)
  return settled.operation
}

/** Returns a payment with its current status and the current status of its order. */
const currentPayment = (state: MemoryTables, payment: Payment): Payment => {
  const known = state.payments.get(payment.id)?.payment ?? payment
  return { ...known, orderStatus: state.orders.get(payment.orderId)?.status ?? known.orderStatus }
}

const currentOperation = (state: MemoryTables, operation: PaymentOperation): PaymentOperation =>
  state.operations.get(operation.id)?.operation ?? operation

const currentReserved = (state: MemoryTables, { operation, payment }: Reserved): Reserved => ({
  operation: currentOperation(state, operation),
  payment: currentPayment(state, payment)
})
