import { Result } from "effect"
import type { IllegalTransition, OrderStatus } from "../orders/Lifecycle.ts"
import { transitionTo } from "../orders/Lifecycle.ts"
import { type Order, PaymentInProgress, vouchersOf } from "../orders/Order.ts"
import type { Attribution } from "../shared/Attribution.ts"
import { withCurrentTotal } from "./CurrentTotal.ts"
import { applyMovements, type Moved } from "./MoveUnits.ts"
import {
  heldUnits,
  type InsufficientUnits,
  linesOf,
  type Movement,
  openUnits,
  type Selection,
  select,
  unitsOf
} from "./Units.ts"

/** Which items and fees to cancel, or `all` that are open. */
export type Cancellation = Selection | "all"

/** An order without counters that is cancelled as a whole needs none: its status says it all. */
const cancelUntouched = (order: Order, { at, actor }: Attribution): Result.Result<Moved, IllegalTransition> =>
  Result.map(transitionTo(order, "cancelled", "CANCELLED"), ({ event, from, to }) => {
    const version = order.version + 1
    const cancelled: Order = { ...order, status: to, version, updatedAt: at }
    return {
      order: withCurrentTotal(cancelled),
      event: { sequence: version, event, from, to, at, actor },
      restocked: heldUnits(order),
      released: vouchersOf(order),
      movements: []
    }
  })

/**
 * Cancels open units of an order, and gives them back to the stock. If nothing is open afterwards, the order is `CANCELLED` with all
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
): Result.Result<Moved, IllegalTransition | PaymentInProgress | InsufficientUnits> =>
  Result.gen(function* () {
    yield* transitionTo(order, "cancelled", "CANCELLED")
    if (hasPending) return yield* Result.fail(new PaymentInProgress({ orderId: order.id }))
    const units = unitsOf(order)
    const open = linesOf(order).map((line, index) => {
      const counts = units[index]
      return counts === undefined ? 0 : openUnits(line, counts)
    })
    const isItem = (index: number) => index < order.items.length
    const wasShipped = units.some(({ shipped }) => shipped > 0)
    const chosen =
      cancellation === "all"
        ? open.map((quantity, index) => (isItem(index) ? quantity : 0))
        : yield* select(order, cancellation, openUnits)
    const isLast = open.every((left, index) => !isItem(index) || left === (chosen[index] ?? 0))
    const isWhole = isLast && !wasShipped
    if (isWhole && order.units === undefined) return yield* cancelUntouched(order, attribution)
    const movements = open.flatMap((left, line): ReadonlyArray<Movement> => {
      const cancelled = isWhole ? left : (chosen[line] ?? 0)
      // The fees that are left count as shipped with the last item.
      const shipped = isLast && !isWhole && !isItem(line) ? left - cancelled : 0
      return [
        ...(cancelled > 0 ? [{ line, kind: "cancelled" as const, quantity: cancelled, restocked: 0 }] : []),
        ...(shipped > 0 ? [{ line, kind: "shipped" as const, quantity: shipped, restocked: 0 }] : [])
      ]
    })
    const to: OrderStatus = isWhole ? "CANCELLED" : isLast ? "SHIPPED" : order.status
    return yield* applyMovements(order, "cancelled", to, movements, attribution)
  })
