import { Effect, Layer, Option, Result } from "effect"
import { type Advanced, advance } from "../../domain/Advancing.ts"
import type { ProductId } from "../../domain/Id.ts"
import { asPlaced, OrderNotFound } from "../../domain/Order.ts"
import { place } from "../../domain/Placing.ts"
import { OrderStore } from "../../ports/OrderStore.ts"
import { onceOnly, Shop, type State, step } from "./State.ts"

export const MemoryOrderStore = Layer.effect(
  OrderStore,
  Effect.map(Shop, (state) =>
    OrderStore.of({
      place: ({ draft, id, at, by, once }) =>
        onceOnly(
          state,
          once,
          () =>
            Result.map(place(draft, state.products, { id, at, by }), ({ order, event }) => {
              state.orders.set(order.id, order)
              state.events.set(order.id, [event])
              for (const { productId, quantity } of order.items) addStock(state, productId, -quantity)
              return order
            }),
          asPlaced
        ),

      advance: (orderId, to, stamp) =>
        step(() =>
          Result.gen(function* () {
            const order = state.orders.get(orderId)
            if (order === undefined) return yield* Result.fail(new OrderNotFound({ orderId }))
            const advanced = yield* advance(order, to, stamp)
            saveAdvanced(state, advanced)
            return advanced.order
          })
        ),

      get: (id) => Effect.sync(() => Option.fromUndefinedOr(state.orders.get(id))),

      list: ({ status, customerId, after, take }) =>
        Effect.sync(() =>
          [...state.orders.values()]
            .filter(
              (order) =>
                (status === undefined || order.status === status) &&
                (customerId === undefined || order.customerId === customerId) &&
                (after === undefined || order.id < after)
            )
            .sort((a, b) => (a.id < b.id ? 1 : -1))
            .slice(0, take)
        ),

      history: (id) => Effect.sync(() => state.events.get(id) ?? [])
    })
  )
)

const addStock = (state: State, productId: ProductId, units: number) => {
  const product = state.products.get(productId)
  if (product !== undefined) state.products.set(productId, { ...product, stock: product.stock + units })
}

/** Saves a step of an order: its status, its event, and the units that it gives back. */
export const saveAdvanced = (state: State, { order, event, givenBack }: Advanced): void => {
  state.orders.set(order.id, order)
  state.events.set(order.id, [...(state.events.get(order.id) ?? []), event])
  for (const { productId, quantity } of givenBack) addStock(state, productId, quantity)
}
