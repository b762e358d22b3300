import { Result } from "effect"
import { type IllegalTransition, type Step, transition } from "./Lifecycle.ts"
import { type Order, type OrderEvent, type OrderItem, PaymentInProgress } from "./Order.ts"

/** An order one step further, the event that says so, and the units that go back into stock. */
export interface Advanced {
  readonly order: Order
  readonly event: OrderEvent
  readonly givenBack: ReadonlyArray<Pick<OrderItem, "productId" | "quantity">>
}

/** Takes an order one step along its lifecycle. Its version counts its events, so the next sequence follows from it. */
export const advance = (
  order: Order,
  step: Step,
  stamp: { readonly at: Date; readonly by: string }
): Result.Result<Advanced, IllegalTransition> =>
  Result.map(transition(order, step), ({ event, from, to, stock }) => {
    const version = order.version + 1
    return {
      order: { ...order, status: to, version, updatedAt: stamp.at },
      event: { sequence: version, event, from, to, at: stamp.at, by: stamp.by },
      givenBack: stock === "given back" ? order.items : []
    }
  })

/** Fails an unpaid order and gives its stock back, unless a payment of it waits for its outcome. */
export const expire = (
  order: Order,
  hasPending: boolean,
  stamp: { readonly at: Date; readonly by: string }
): Result.Result<Advanced, IllegalTransition | PaymentInProgress> =>
  order.status === "CREATED" && hasPending
    ? Result.fail(new PaymentInProgress({ orderId: order.id }))
    : advance(order, "expired", stamp)
