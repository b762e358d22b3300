import { Effect, Layer, Result } from "effect"
import { type Order, OrderNotFound } from "../../domain/orders/Order.ts"
import { begin, type Payment, PaymentNotFound } from "../../domain/payments/Payment.ts"
import { record, settle } from "../../domain/payments/SettlePayment.ts"
import type { OrderId, PaymentId } from "../../domain/shared/Ids.ts"
import { PaymentStore } from "../../ports/PaymentStore.ts"
import { hasPending, saveAdvanced } from "./MemoryOrderStore.ts"
import { MemoryState, type MemoryTables, withIdempotency } from "./MemoryState.ts"

export const MemoryPaymentStore = Layer.effect(
  PaymentStore,
  Effect.map(MemoryState, (state) =>
    PaymentStore.of({
      begin: (attempt, idempotency) =>
        withIdempotency(
          state,
          idempotency,
          attempt.at,
          () =>
            Result.gen(function* () {
              const order = yield* findOrder(state, attempt.orderId)
              const payment = yield* begin(order, hasPending(state, order.id), attempt)
              save(state, payment, attempt.actor)
              return payment
            }),
          (payment) => currentPayment(state, payment)
        ),

      record: (attempt, outcome, idempotency) =>
        withIdempotency(
          state,
          idempotency,
          attempt.at,
          () =>
            Result.gen(function* () {
              const order = yield* findOrder(state, attempt.orderId)
              const settled = yield* record(order, hasPending(state, order.id), attempt, outcome)
              save(state, settled.payment, attempt.actor)
              if (settled.advanced !== null) saveAdvanced(state, settled.advanced)
              return settled.payment
            }),
          (payment) => currentPayment(state, payment)
        ),

      settle: (paymentId, outcome, attribution, idempotency) =>
        withIdempotency(
          state,
          idempotency,
          attribution.at,
          () =>
            Result.gen(function* () {
              const pending = yield* findPayment(state, paymentId)
              const order = Result.getOrThrow(findOrder(state, pending.orderId))
              const { payment, advanced } = yield* settle(pending, order, outcome, attribution)
              save(state, payment, attribution.actor)
              if (advanced !== null) saveAdvanced(state, advanced)
              return currentPayment(state, payment)
            }),
          (payment) => currentPayment(state, payment)
        ),

      lease: (before, { at, until }, take) =>
        Effect.sync(() => {
          const due = [...state.payments.values()]
            .filter(({ payment }) => payment.status === "PENDING" && payment.createdAt < before)
            .filter(({ leasedUntil }) => leasedUntil === null || leasedUntil <= at)
            .sort((a, b) => a.payment.createdAt.getTime() - b.payment.createdAt.getTime())
            .slice(0, take)
          for (const { payment, actor } of due) {
            state.payments.set(payment.id, { payment, actor, leasedUntil: until })
          }
          return due.map(({ payment, actor }) => ({ payment: currentPayment(state, payment), actor }))
        }),

      list: (orderId) =>
        Effect.sync(() =>
          [...state.payments.values()]
            .map(({ payment }) => payment)
            .filter((payment) => payment.orderId === orderId)
            .sort((a, b) => (a.id < b.id ? -1 : 1))
            .map((payment) => currentPayment(state, payment))
        ),

      inTransaction: Effect.succeed(false)
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

const save = (state: MemoryTables, payment: Payment, actor: string) => {
  const known = state.payments.get(payment.id)
  state.payments.set(payment.id, {
    payment,
    actor: known?.actor ?? actor,
    leasedUntil: known?.leasedUntil ?? null
  })
}

/** Returns a payment with its current status and the current status of its order. */
const currentPayment = (state: MemoryTables, payment: Payment): Payment => {
  const known = state.payments.get(payment.id)?.payment ?? payment
  return { ...known, orderStatus: state.orders.get(payment.orderId)?.status ?? known.orderStatus }
}
