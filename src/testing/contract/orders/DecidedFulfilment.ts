/** Changes of parts and stages in the laws: as a store makes them, and as the domain decides them. */
import { Effect, Result } from "effect"
import { type Fulfilment, fulfil } from "../../../domain/fulfilment/Fulfilment.ts"
import type { Order } from "../../../domain/orders/Order.ts"
import { firstTime, type IdempotencyClaim } from "../../../domain/shared/Idempotency.ts"
import type { OrderId } from "../../../domain/shared/Ids.ts"
import { OrderStore } from "../../../ports/OrderStore.ts"
import { type Fixture, newFulfilmentAttempt } from "../Given.ts"
import { refused, same } from "../Law.ts"
import { changesNothing, checkIntegrity, readOrder } from "../operations/ShopSnapshot.ts"

/** Applies a change to an order. */
export const apply = Effect.fnUntraced(function* (
  id: OrderId,
  fulfilment: Fulfilment,
  idempotency?: IdempotencyClaim
) {
  const store = yield* OrderStore
  return yield* store.fulfil(id, fulfilment, yield* newFulfilmentAttempt, idempotency)
})

/** Applies a change and compares its result, the stored order and the history with the decision. */
export const decides = Effect.fnUntraced(function* (own: Fixture, found: Order, fulfilment: Fulfilment) {
  const store = yield* OrderStore
  const history = yield* store.history(found.id)
  const attempt = yield* newFulfilmentAttempt
  const { operationId: _, ...attribution } = attempt
  const decision = fulfil(found, fulfilment, false, attribution)
  const work = store.fulfil(found.id, fulfilment, attempt, undefined)
  if (Result.isFailure(decision)) {
    yield* changesNothing(own, refused(work, decision.failure))
    return found
  }
  const { order, event } = decision.success
  yield* same(yield* work, firstTime(order))
  yield* same(yield* readOrder(found.id), order)
  yield* same(yield* store.history(found.id), [...history, event])
  yield* checkIntegrity(own)
  return order
})
