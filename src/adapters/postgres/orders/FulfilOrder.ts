import { Effect } from "effect"
import type { Fulfilment } from "../../../domain/fulfilment/Fulfilment.ts"
import { OrderNotFound } from "../../../domain/orders/Order.ts"
import { type FulfilmentAttempt, fulfilWithMoney } from "../../../domain/payments/FulfilWithMoney.ts"
import type { Payment } from "../../../domain/payments/Payment.ts"
import type { IdempotencyClaim } from "../../../domain/shared/Idempotency.ts"
import type { OrderId } from "../../../domain/shared/Ids.ts"
import type { OrderStore } from "../../../ports/OrderStore.ts"
import { batcher } from "../execution/Batcher.ts"
import { unbatched } from "../execution/BatchOperation.ts"
import { changeHook } from "../execution/ChangeHook.ts"
import { Database } from "../execution/Database.ts"
import { idempotencyKeys } from "../idempotency/IdempotencyKeys.ts"
import { saveOperation, selectOperations } from "../payments/PaymentOperationRecords.ts"
import { selectPayments, updatePayments } from "../payments/PaymentRecords.ts"
import { lockOrders, lockTargetsOfFailing, saveAdvanced, storedOrders } from "./OrderRecords.ts"

interface Fulfil {
  readonly orderId: OrderId
  readonly fulfilment: Fulfilment
  readonly attempt: FulfilmentAttempt
  readonly idempotency: IdempotencyClaim | undefined
}

/** Ships, cancels and takes back units, and moves orders to stages: one order at a time, since people do it, and rarely. */
export const fulfilOrder = Effect.gen(function* () {
  const { sql } = yield* Database
  const keys = yield* idempotencyKeys
  const toLock = yield* lockTargetsOfFailing
  const lock = yield* lockOrders
  const payments = yield* selectPayments
  const operations = yield* selectOperations
  const save = yield* saveAdvanced
  const update = yield* updatePayments
  const write = yield* saveOperation
  const hook = yield* changeHook

  const apply = Effect.fnUntraced(function* (
    orderId: OrderId,
    fulfilment: Fulfilment,
    attempt: FulfilmentAttempt
  ) {
    const order = (yield* lock([orderId])).get(orderId)
    if (order === undefined) return yield* new OrderNotFound({ orderId })
    // Only a cancellation asks for money that is moving, or moves it.
    const isCancelled = fulfilment.kind === "cancel"
    const ofOrder = isCancelled ? yield* payments(sql`p.order_id = ${orderId}`) : []
    // Only what ends an authorization, and what is due of a charge, depends on the operations.
    const asksRefund = isCancelled && fulfilment.request.refund === true
    const dependsOn = ({ status }: Payment) =>
      status === "AUTHORIZED" || (asksRefund && status === "APPROVED")
    const known = ofOrder.some(dependsOn) ? yield* operations(sql`m.order_id = ${orderId}`) : []
    const fulfilled = yield* Effect.fromResult(fulfilWithMoney(order, fulfilment, ofOrder, known, attempt))
    yield* save([fulfilled])
    if (fulfilled.reserved !== null) {
      const { operation, payment } = fulfilled.reserved
      if (operation.kind === "refund") yield* update([{ payment, at: attempt.at }])
      yield* write(operation, attempt)
    }
    yield* hook.one(fulfilled)
    return fulfilled.order
  })

  const submit = yield* batcher(
    unbatched({
      name: "fulfil order",
      execute: ({ orderId, fulfilment, attempt, idempotency }: Fulfil) =>
        keys.guard(idempotency, attempt.at, apply(orderId, fulfilment, attempt), storedOrders),
      lockTargets: ({ orderId }) => toLock(sql`${orderId}`)
    })
  )
  const step: OrderStore["Service"]["fulfil"] = (orderId, fulfilment, attempt, idempotency) =>
    submit({ orderId, fulfilment, attempt, idempotency })
  return step
})
