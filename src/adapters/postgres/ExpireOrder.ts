import { Effect } from "effect"
import { expire } from "../../domain/Expiring.ts"
import { OrderNotFound } from "../../domain/Order.ts"
import type { OrderStore } from "../../ports/OrderStore.ts"
import { Database } from "./Database.ts"
import { loneWork } from "./LoneWork.ts"
import { lockOrders, pendingAmong, rowsToFail, saveAdvanced } from "./OrderRecords.ts"

export const expireOrder = Effect.gen(function* () {
  const { sql } = yield* Database
  const lone = yield* loneWork
  const toLock = yield* rowsToFail
  const lock = yield* lockOrders
  const pending = yield* pendingAmong
  const save = yield* saveAdvanced

  const step: OrderStore["Service"]["expire"] = (orderId, stamp) =>
    lone(
      Effect.gen(function* () {
        const order = (yield* lock([orderId])).get(orderId)
        if (order === undefined) return yield* new OrderNotFound({ orderId })
        const hasPending = (yield* pending([orderId])).has(orderId)
        const advanced = yield* Effect.fromResult(expire(order, hasPending, stamp))
        yield* save([advanced])
        return advanced.order
      }),
      toLock(sql`${orderId}`)
    )
  return step
})
