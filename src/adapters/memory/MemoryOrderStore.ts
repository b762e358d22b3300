import { Array as Arr, Effect, Layer, Option, Result } from "effect"
import { type Advanced, advance, expire } from "../../domain/orders/AdvanceOrder.ts"
import { toPosition } from "../../domain/orders/Feed.ts"
import { asPlaced, type Order, type OrderEvent, OrderNotFound } from "../../domain/orders/Order.ts"
import { placeOrder } from "../../domain/orders/PlaceOrder.ts"
import type { OrderId, ProductId } from "../../domain/shared/Ids.ts"
import { OrderStore } from "../../ports/OrderStore.ts"
import { MemoryState, type MemoryTables, onceOnly, step } from "./MemoryState.ts"

export const MemoryOrderStore = Layer.effect(
  OrderStore,
  Effect.map(MemoryState, (state) =>
    OrderStore.of({
      place: ({ draft, id, at, actor, idempotency }) =>
        onceOnly(
          state,
          idempotency,
          at,
          () =>
            Result.map(placeOrder(draft, state.products, { id, at, actor }), ({ order, event }) => {
              state.orders.set(order.id, order)
              saveEvent(state, order.id, event)
              for (const { productId, quantity } of order.items) addStock(state, productId, -quantity)
              return order
            }),
          asPlaced
        ),

      advance: (orderId, to, attribution) =>
        step(() => take(state, orderId, (order) => advance(order, to, attribution))),

      expire: (orderId, attribution) =>
        step(() => take(state, orderId, (order) => expire(order, hasPending(state, orderId), attribution))),

      expireUnpaid: (before, most, attribution) =>
        Effect.sync(() =>
          Arr.getSuccesses(
            [...state.orders.values()]
              .filter(
                ({ id, status, createdAt }) =>
                  status === "CREATED" && createdAt < before && !hasPending(state, id)
              )
              .sort((a, b) => (a.id < b.id ? -1 : 1))
              .slice(0, most)
              .map(({ id }) => take(state, id, (order) => expire(order, false, attribution)))
          ).map(({ id }) => id)
        ),

      get: (id) => Effect.sync(() => Option.fromUndefinedOr(state.orders.get(id))),

      list: ({ status, customerId, after, take: most }) =>
        Effect.sync(() =>
          [...state.orders.values()]
            .filter(
              (order) =>
                (status === undefined || order.status === status) &&
                (customerId === undefined || order.customerId === customerId) &&
                (after === undefined || order.id < after)
            )
            .sort((a, b) => (a.id < b.id ? 1 : -1))
            .slice(0, most)
        ),

      history: (id) => Effect.sync(() => state.events.get(id) ?? []),

      feed: (after, most) =>
        Effect.sync(() => {
          const start =
            after === undefined ? 0 : state.feed.findIndex(({ position }) => position === after) + 1
          return state.feed.slice(start, start + most)
        })
    })
  )
)

const addStock = (state: MemoryTables, productId: ProductId, units: number) => {
  const product = state.products.get(productId)
  if (product !== undefined) state.products.set(productId, { ...product, stock: product.stock + units })
}

const saveEvent = (state: MemoryTables, orderId: OrderId, event: OrderEvent) => {
  const transaction = String(state.feed.length + 1)
  state.events.set(orderId, [...(state.events.get(orderId) ?? []), event])
  state.feed.push({
    ...event,
    orderId,
    position: toPosition({ transaction, orderId, sequence: event.sequence })
  })
}

/** Takes an order one step further, if it is there and the step is legal. */
const take = <E>(
  state: MemoryTables,
  orderId: OrderId,
  decide: (order: Order) => Result.Result<Advanced, E>
): Result.Result<Order, E | OrderNotFound> => {
  const order = state.orders.get(orderId)
  if (order === undefined) return Result.fail(new OrderNotFound({ orderId }))
  return Result.map(decide(order), (advanced) => {
    saveAdvanced(state, advanced)
    return advanced.order
  })
}

/** Saves a step of an order: its status, its event, and the units that it gives back. */
export const saveAdvanced = (state: MemoryTables, { order, event, restocked }: Advanced): void => {
  state.orders.set(order.id, order)
  saveEvent(state, order.id, event)
  for (const { productId, quantity } of restocked) addStock(state, productId, quantity)
}

/** Whether a payment of an order waits for its outcome. */
export const hasPending = (state: MemoryTables, orderId: OrderId): boolean =>
  state.payments.values().some(({ payment }) => payment.orderId === orderId && payment.status === "PENDING")
