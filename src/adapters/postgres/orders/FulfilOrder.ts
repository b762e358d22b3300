import { Effect } from "effect"
import { type Fulfilment, fulfil } from "../../../domain/fulfilment/Fulfilment.ts"
import { OrderNotFound } from "../../../domain/orders/Order.ts"
import type { Attribution } from "../../../domain/shared/Attribution.ts"
import type { IdempotencyClaim } from "../../../domain/shared/Idempotency.ts"
import type { OrderId } from "../../../domain/shared/Ids.ts"
import type { OrderStore } from "../../../ports/OrderStore.ts"
import { batcher } from "../execution/Batcher.ts"
import { unbatched } from "../execution/BatchOperation.ts"
import { Database } from "../execution/Database.ts"
import { idempotencyKeys } from "../idempotency/IdempotencyKeys.ts"
import {
  lockOrders,
  lockTargetsOfFailing,
  ordersWithPendingPayment,
  saveAdvanced,
  storedOrders
} from "./OrderRecords.ts"

interface Fulfil {
  readonly orderId: OrderId
  readonly fulfilment: Fulfilment
  readonly attribution: Attribution
  readonly idempotency: IdempotencyClaim | undefined
}

/** Ships, cancels and takes back units, and moves orders to stages: one order at a time, since people do it, and rarely. */
export const fulfilOrder = Effect.gen(function* () {
  const { sql } = yield* Database
  const keys = yield* idempotencyKeys
  const toLock = yield* lockTargetsOfFailing
  const lock = yield* lockOrders
  const pending = yield* ordersWithPendingPayment
  const save = yield* saveAdvanced

  const apply = Effect.fnUntraced(function* (
    orderId: OrderId,
    fulfilment: Fulfilment,
    attribution: Attribution
  ) {
    const order = (yield* lock([orderId])).get(orderId)
    if (order === undefined) return yield* new OrderNotFound({ orderId })
    const hasPending = fulfilment.kind === "cancel" && (yield* pending([orderId])).has(orderId)
    const advanced = yield* Effect.fromResult(fulfil(order, fulfilment, hasPending, attribution))
    yield* save([advanced])
    return advanced.order
  })

  const submit = yield* batcher(
    unbatched({
      name: "fulfil order",
      execute: ({ orderId, fulfilment, attribution, idempotency }: Fulfil) =>
        keys.guard(idempotency, attribution.at, apply(orderId, fulfilment, attribution), storedOrders),
      lockTargets: ({ orderId }) => toLock(sql`${orderId}`)
    })
  )
  const step: OrderStore["Service"]["fulfil"] = (orderId, fulfilment, attribution, idempotency) =>
    submit({ orderId, fulfilment, attribution, idempotency })
  return step
})
