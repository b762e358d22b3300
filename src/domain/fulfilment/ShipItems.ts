import { Result } from "effect"
import { type Advanced, advance } from "../orders/AdvanceOrder.ts"
import { type IllegalTransition, transition } from "../orders/Lifecycle.ts"
import type { Order } from "../orders/Order.ts"
import type { Attribution } from "../shared/Attribution.ts"
import { moveUnits } from "./MoveUnits.ts"
import { type InsufficientUnits, openOf, openUnits, type Selection, select } from "./Units.ts"

/**
 * Ships some items of an order. The order becomes `SHIPPED` with its last item, and its fees with it. All items of an untouched order
 * are shipped as by `advance`. Fails with `IllegalTransition` if the order is not `PAID`, and with `InsufficientUnits`.
 */
export const shipItems = (
  order: Order,
  items: NonNullable<Selection["items"]>,
  attribution: Attribution
): Result.Result<Advanced, IllegalTransition | InsufficientUnits> =>
  Result.gen(function* () {
    yield* transition(order, "shipped")
    const quantities = yield* select(order, { items }, openUnits)
    const open = openOf(order)
    const isLast = order.items.every((_, line) => open[line] === quantities[line])
    if (isLast && order.units === undefined) return yield* advance(order, "shipped", attribution)
    return yield* moveUnits(order, { kind: "shipped", quantities }, isLast ? "SHIPPED" : "PAID", attribution)
  })
