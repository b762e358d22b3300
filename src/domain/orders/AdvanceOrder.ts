import { Result } from "effect"
import { type IllegalTransition, type Step, transition } from "./Lifecycle.ts"
import { type Order, type OrderEvent, type OrderItem, PaymentInProgress } from "./Order.ts"

/** An order one step further, the event that says so, and the units that go back into stock. */
export interface Advanced {
  readonly order: Order
  readonly event: OrderEvent
  readonly restocked: ReadonlyArray<Pick<OrderItem, "productId" | "quantity">>
}

/** Takes an order one step along its lifecycle. Its version counts its events, so the next sequence follows from it. */
export const advance = (
  order: Order,
  step: Step,
  attribution: { readonly at: Date; readonly actor: string }
): Result.Result<Advanced, IllegalTransition> =>
  Result.map(transition(order, step), ({ event, from, to, stock }) => {
    const version = order.version + 1
    return {
      order: { ...order, status: to, version, updatedAt: attribution.at },
      event: { sequence: version, event, from, to, at: attribution.at, actor: attribution.actor },
      restocked: stock === "restocked" ? order.items : []
    }
  })

/** Fails an unpaid order and gives its stock back, unless a payment of it waits for its outcome. */
export const expire = (
  order: Order,
  hasPending: boolean,
  attribution: { readonly at: Date; readonly actor: string }
): Result.Result<Advanced, IllegalTransition | PaymentInProgress> =>
  order.status === "CREATED" && hasPending
    ? Result.fail(new PaymentInProgress({ orderId: order.id }))
    : advance(order, "expired", attribution)
