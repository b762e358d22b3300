import { Effect, Layer, Result } from "effect"
import type { OrderId } from "../../domain/Id.ts"
import { OrderNotFound } from "../../domain/Order.ts"
import { begin, type Payment, settle } from "../../domain/Payment.ts"
import { PaymentStore } from "../../ports/PaymentStore.ts"
import { saveAdvanced } from "./MemoryOrderStore.ts"
import { onceOnly, Shop } from "./State.ts"

export const MemoryPaymentStore = Layer.effect(
  PaymentStore,
  Effect.map(Shop, (state) => {
    const asItIsNow = (payment: Payment): Payment => {
      const known = state.payments.get(payment.id) ?? payment
      return { ...known, orderStatus: state.orders.get(payment.orderId)?.status ?? known.orderStatus }
    }

    const of = (orderId: OrderId) =>
      [...state.payments.values()]
        .filter((payment) => payment.orderId === orderId)
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .map(asItIsNow)

    return PaymentStore.of({
      begin: (attempt, once) =>
        onceOnly(
          state,
          once,
          () =>
            Result.gen(function* () {
              const { orderId } = attempt
              const order = state.orders.get(orderId)
              if (order === undefined) return yield* Result.fail(new OrderNotFound({ orderId }))
              const hasPending = of(orderId).some(({ status }) => status === "PENDING")
              const payment = yield* begin(order, hasPending, attempt)
              state.payments.set(payment.id, payment)
              return payment
            }),
          asItIsNow
        ),

      settle: (id, outcome, stamp) =>
        Effect.sync(() => {
          const pending = state.payments.get(id)
          const order = pending && state.orders.get(pending.orderId)
          if (pending === undefined || order === undefined) throw new Error(`There is no payment ${id}`)
          const { payment, advanced } = settle(pending, order, outcome, stamp)
          state.payments.set(id, payment)
          if (advanced !== null) saveAdvanced(state, advanced)
          return asItIsNow(payment)
        }),

      list: (orderId) => Effect.sync(() => of(orderId)),

      inTransaction: Effect.succeed(false)
    })
  })
)
