import { Result } from "effect"
import { type Advanced, stageBefore } from "../orders/AdvanceOrder.ts"
import { type IllegalTransition, type OrderStatus, transitionTo } from "../orders/Lifecycle.ts"
import { type Order, PaymentInProgress, vouchersOf, withoutStage } from "../orders/Order.ts"
import type { Attribution } from "../shared/Attribution.ts"
import { withCurrentTotal } from "./CurrentTotal.ts"
import { moveUnits } from "./MoveUnits.ts"
import {
  heldUnits,
  type InsufficientUnits,
  openOf,
  openUnits,
  type Selection,
  select,
  unitsOf
} from "./Units.ts"

/** Which items and fees to cancel, or `all` that are open. */
export type Cancellation = Selection | "all"

/** An order without counts that is cancelled as a whole needs none: its status says it all. */
const cancelUntouched = (
  order: Order,
  { at, actor }: Attribution
): Result.Result<Advanced, IllegalTransition> =>
  Result.map(transitionTo(order, "cancelled", "CANCELLED"), ({ event, from, to }) => {
    const version = order.version + 1
    return {
      ...stageBefore(order),
      order: withCurrentTotal({ ...withoutStage(order), status: to, version, updatedAt: at }),
      event: { sequence: version, event, from, to, at, actor },
      restocked: heldUnits(order),
      released: vouchersOf(order)
    }
  })

/**
 * Cancels open units of an order, and gives them back to the stock. If no item is open afterwards, the order is `CANCELLED` with all
 * its fees, or `SHIPPED` if anything was shipped. `hasPending` says whether a payment of the order is pending.
 *
 * Fails with `IllegalTransition` unless the order is `CREATED` or `PAID`, with `PaymentInProgress`, and with
 * `InsufficientUnits`: shipped units cannot be cancelled.
 */
export const cancelItems = (
  order: Order,
  cancellation: Cancellation,
  hasPending: boolean,
  attribution: Attribution
): Result.Result<Advanced, IllegalTransition | PaymentInProgress | InsufficientUnits> =>
  Result.gen(function* () {
    yield* transitionTo(order, "cancelled", "CANCELLED")
    if (hasPending) return yield* Result.fail(new PaymentInProgress({ orderId: order.id }))
    const wasShipped = unitsOf(order).some(({ shipped }) => shipped > 0)
    const open = openOf(order)
    const chosen =
      cancellation === "all"
        ? open.map((quantity, line) => (line < order.items.length ? quantity : 0))
        : yield* select(order, cancellation, openUnits)
    const isLast = order.items.every((_, line) => open[line] === chosen[line])
    const isWhole = isLast && !wasShipped
    if (isWhole && order.units === undefined) return yield* cancelUntouched(order, attribution)
    const to: OrderStatus = isWhole ? "CANCELLED" : isLast ? "SHIPPED" : order.status
    return yield* moveUnits(
      order,
      { kind: "cancelled", quantities: isWhole ? open : chosen },
      to,
      attribution
    )
  })
