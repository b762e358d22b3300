import { Result } from "effect"
import { advance } from "../orders/AdvanceOrder.ts"
import { type IllegalTransition, transition } from "../orders/Lifecycle.ts"
import type { Order } from "../orders/Order.ts"
import type { Attribution } from "../shared/Attribution.ts"
import { applyMovements, type Moved } from "./MoveUnits.ts"
import {
  type InsufficientUnits,
  linesOf,
  type Movement,
  openUnits,
  type Selection,
  select,
  unitsOf
} from "./Units.ts"

/** Which items to ship, or `all` that are open. */
export type Shipment = Required<Pick<Selection, "items">> | "all"

/**
 * Ships some items of an order, or all that are open. The order becomes `SHIPPED` with its last item; its fees count as shipped
 * then. Fails with `IllegalTransition` if the order is not `PAID`, and with `InsufficientUnits`.
 */
export const shipItems = (
  order: Order,
  shipment: Shipment,
  attribution: Attribution
): Result.Result<Moved, IllegalTransition | InsufficientUnits> =>
  Result.gen(function* () {
    yield* transition(order, "shipped")
    const lines = linesOf(order)
    const units = unitsOf(order)
    const open = lines.map((line, index) => openUnits(line, units[index] ?? noUnits))
    const isItem = (index: number) => index < order.items.length
    const chosen = shipment === "all" ? open : yield* select(order, shipment, openUnits)
    const isLast = open.every((left, index) => !isItem(index) || left === (chosen[index] ?? 0))
    if (isLast && order.units === undefined) {
      return { ...(yield* advance(order, "shipped", attribution)), movements: [] }
    }
    const shipped = isLast ? open : chosen.map((quantity, index) => (isItem(index) ? quantity : 0))
    const movements = shipped.flatMap(
      (quantity, line): ReadonlyArray<Movement> =>
        quantity > 0 ? [{ line, kind: "shipped", quantity, restocked: 0 }] : []
    )
    return yield* applyMovements(order, "shipped", isLast ? "SHIPPED" : "PAID", movements, attribution)
  })

const noUnits = { shipped: 0, cancelled: 0, returned: 0, restocked: 0 }
