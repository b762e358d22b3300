import { Context, Effect, Layer, Option, Schema } from "effect"
import { OrderId } from "../domain/Id.ts"
import { type Answer, fingerprint, type IdempotencyKeyReused, valueOf } from "../domain/Idempotency.ts"
import type { InvalidInput } from "../domain/InvalidInput.ts"
import type { IllegalTransition } from "../domain/Lifecycle.ts"
import { OrderKey, OrderQuery } from "../domain/Listing.ts"
import { type Order, type OrderEvent, OrderNotFound } from "../domain/Order.ts"
import { defaultLimit, keyset, type Page } from "../domain/Page.ts"
import { Draft, type PlacingRefusal } from "../domain/Placing.ts"
import { OrderStore } from "../ports/OrderStore.ts"
import type { StoreUnavailable } from "../ports/Unavailable.ts"
import { actor, by, once, reader } from "./Input.ts"
import { newIds, now } from "./Stamp.ts"

const PlaceOrder = Schema.Struct({ ...Draft.fields, ...once })
const AdvanceOrder = Schema.Struct({ orderId: OrderId, ...by })

type Place<A> = (
  input: typeof PlaceOrder.Encoded
) => Effect.Effect<A, InvalidInput | PlacingRefusal | IdempotencyKeyReused | StoreUnavailable>

type Advance = (
  orderId: string,
  options?: { readonly by?: string | undefined }
) => Effect.Effect<Order, InvalidInput | OrderNotFound | IllegalTransition | StoreUnavailable>

export class Orders extends Context.Service<
  Orders,
  {
    /** Checks stock, copies prices, takes the units: all in one transaction, or nothing. */
    readonly place: Place<Order>
    /** The same, and says whether the answer was given before. */
    readonly placeOrReplay: Place<Answer<Order>>
    /** `PAID` to `SHIPPED`. */
    readonly ship: Advance
    /** `SHIPPED` to `COMPLETED`. */
    readonly complete: Advance
    readonly get: (orderId: string) => Effect.Effect<Order, InvalidInput | OrderNotFound | StoreUnavailable>
    /** The newest first. */
    readonly list: (
      query?: typeof OrderQuery.Encoded
    ) => Effect.Effect<Page<Order>, InvalidInput | StoreUnavailable>
    /** All that happened to an order, in sequence. */
    readonly history: (
      orderId: string
    ) => Effect.Effect<ReadonlyArray<OrderEvent>, InvalidInput | OrderNotFound | StoreUnavailable>
  }
>()("effect-commerce/services/Orders") {
  static readonly layer = Layer.effect(
    Orders,
    Effect.suspend(() => make)
  )
}

const readPlaceOrder = reader(PlaceOrder)
const readAdvance = reader(AdvanceOrder)
const readOrderId = reader(OrderId)
const readOrderQuery = reader(OrderQuery)

const make = Effect.gen(function* () {
  const store = yield* OrderStore
  const newId = yield* newIds

  const placeOrReplay: Place<Answer<Order>> = Effect.fnUntraced(function* (input) {
    const { by, idempotencyKey: key, ...draft } = yield* readPlaceOrder(input)
    return yield* store.place({
      draft,
      id: yield* newId(OrderId),
      at: yield* now,
      by: by ?? draft.customerId,
      once:
        key === undefined
          ? undefined
          : { scope: draft.customerId, operation: "place order", key, fingerprint: fingerprint(draft) }
    })
  })

  const advance = (step: "shipped" | "completed"): Advance =>
    Effect.fnUntraced(function* (orderId, options) {
      const input = yield* readAdvance({ orderId, ...options })
      return yield* store.advance(input.orderId, step, { at: yield* now, by: actor(input) })
    })

  const get = Effect.fnUntraced(function* (input: string) {
    const orderId = yield* readOrderId(input)
    const found = yield* store.get(orderId)
    return yield* Option.isSome(found) ? Effect.succeed(found.value) : new OrderNotFound({ orderId })
  })

  const list = Effect.fnUntraced(function* (input: typeof OrderQuery.Encoded = {}) {
    const { limit = defaultLimit, cursor, status, customerId } = yield* readOrderQuery(input)
    const pages = keyset(OrderKey, { status, customerId })
    const after = yield* Effect.fromResult(pages.after(cursor))
    const found = yield* store.list({ status, customerId, after: after?.[0], take: limit + 1 })
    return pages.page(found, limit, ({ id }) => [id] as const)
  })

  const history = Effect.fnUntraced(function* (input: string) {
    const orderId = yield* readOrderId(input)
    const events = yield* store.history(orderId)
    return events.length > 0 ? events : yield* new OrderNotFound({ orderId })
  })

  return Orders.of({
    place: (input) => Effect.map(placeOrReplay(input), valueOf),
    placeOrReplay,
    ship: advance("shipped"),
    complete: advance("completed"),
    get,
    list,
    history
  })
})
