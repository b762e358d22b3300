import { Result } from "effect"
import type { Advanced } from "../orders/AdvanceOrder.ts"
import {
  type IllegalTransition,
  type OrderEventName,
  type OrderStatus,
  transitionTo
} from "../orders/Lifecycle.ts"
import { type Order, vouchersOf } from "../orders/Order.ts"
import type { Attribution } from "../shared/Attribution.ts"
import { withCurrentTotal } from "./CurrentTotal.ts"
import { heldUnits, type Movement, moveUnits, unitsOf } from "./Units.ts"

/** Result of a step that moves some units: what `advance` returns, and the movements of its event. */
export interface Moved extends Advanced {
  readonly movements: ReadonlyArray<Movement>
}

/**
 * Applies a step with its movements. The version counts the events, so the new event's sequence is the new version. Fails
 * with `IllegalTransition` if the lifecycle has no such step.
 */
export const applyMovements = (
  order: Order,
  event: Exclude<OrderEventName, "placed">,
  to: OrderStatus,
  movements: ReadonlyArray<Movement>,
  { at, actor }: Attribution
): Result.Result<Moved, IllegalTransition> =>
  Result.map(transitionTo(order, event, to), ({ from }) => {
    const version = order.version + 1
    const units = moveUnits(unitsOf(order), movements)
    const moved: Order = { ...order, status: to, version, updatedAt: at, units }
    const kept = new Map(heldUnits(moved).map(({ productId, quantity }) => [productId, quantity]))
    return {
      order: withCurrentTotal(moved),
      event: { sequence: version, event, from, to, at, actor },
      restocked: heldUnits(order).flatMap(({ productId, quantity }) => {
        const given = quantity - (kept.get(productId) ?? 0)
        return given > 0 ? [{ productId, quantity: given }] : []
      }),
      released: to === "CANCELLED" ? vouchersOf(order) : [],
      movements
    }
  })
