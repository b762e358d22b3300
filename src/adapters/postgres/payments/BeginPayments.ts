import { Effect, Result } from "effect"
import { OrderNotFound, type PaymentInProgress } from "../../../domain/orders/Order.ts"
import { begin, type OrderNotPayable, type Payment } from "../../../domain/payments/Payment.ts"
import type {
  IdempotencyClaim,
  IdempotencyKeyReused,
  IdempotentResult
} from "../../../domain/shared/Idempotency.ts"
import type { Attempt, PaymentStore } from "../../../ports/PaymentStore.ts"
import { batcher } from "../execution/Batcher.ts"
import { decideWithKeys } from "../idempotency/DecideWithKeys.ts"
import { idempotencyKeys } from "../idempotency/IdempotencyKeys.ts"
import { lockOrders, ordersWithPendingPayment } from "../orders/OrderRecords.ts"
import { currentPayments, insertPayments, type NewPayment } from "./PaymentRecords.ts"

interface Begin extends Attempt {
  readonly idempotency: IdempotencyClaim | undefined
}

type Refusal = OrderNotFound | OrderNotPayable | PaymentInProgress

/**
 * Begins a batch of payments, at most one pending payment per order. A replay returns the payment in its current
 * state.
 */
export const beginPayments = Effect.gen(function* () {
  const keys = yield* idempotencyKeys
  const lock = yield* lockOrders
  const pendingOf = yield* ordersWithPendingPayment
  const current = yield* currentPayments
  const insert = yield* insertPayments

  const submit = yield* batcher<Begin, IdempotentResult<Payment>, Refusal | IdempotencyKeyReused>({
    name: "begin payments",
    execute: (attempts) =>
      Effect.gen(function* () {
        const replays = yield* keys.claimEach(attempts, current)
        const orders = yield* lock(attempts.map(({ orderId }) => orderId))
        const pending = new Set(yield* pendingOf([...orders.keys()]))
        const begun: Array<NewPayment> = []
        const decide = (attempt: Begin): Result.Result<Payment, Refusal> => {
          const { orderId, actor } = attempt
          const order = orders.get(orderId)
          if (order === undefined) return Result.fail(new OrderNotFound({ orderId }))
          return Result.map(begin(order, pending.has(orderId), attempt), (payment) => {
            begun.push({ payment, actor })
            pending.add(orderId)
            return payment
          })
        }
        const batch = decideWithKeys(attempts, replays, decide)
        if (begun.length > 0) yield* insert(begun)
        yield* keys.fulfilAndRelease(batch)
        return batch.decided
      }),
    lockTargets: ({ orderId }) => [{ table: "orders", id: orderId }]
  })
  const beginOne: PaymentStore["Service"]["begin"] = (attempt, idempotency) =>
    submit({ ...attempt, idempotency })
  return beginOne
})
