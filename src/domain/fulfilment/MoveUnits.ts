import { Result } from "effect"
import { type Advanced, stageBefore } from "../orders/AdvanceOrder.ts"
import { type IllegalTransition, type OrderStatus, transitionTo } from "../orders/Lifecycle.ts"
import { type Order, vouchersOf, withoutStage } from "../orders/Order.ts"
import type { Attribution } from "../shared/Attribution.ts"
import { withCurrentTotal } from "./CurrentTotal.ts"
import type { UnitCounts } from "./UnitCounts.ts"
import { heldUnits, linesOf, type MovementKind, unitsOf, withoutOpen } from "./Units.ts"

/** Units that an event moves, by line. `restocked` of the returned ones go back into the stock. */
export interface Movement {
  readonly kind: MovementKind
  readonly quantities: ReadonlyArray<number>
  readonly restocked?: ReadonlyArray<number>
}

const add = (units: ReadonlyArray<UnitCounts>, { kind, quantities, restocked = [] }: Movement) =>
  units.map((counts, line) => ({
    ...counts,
    [kind]: counts[kind] + (quantities[line] ?? 0),
    restocked: counts.restocked + (restocked[line] ?? 0)
  }))

/** What an event says of its units: items by product, fees by code. */
const detailsOf = (order: Order, { quantities, restocked }: Movement) => {
  const lines = linesOf(order)
  const items = lines.flatMap(({ productId }, line) => {
    const quantity = quantities[line] ?? 0
    if (productId === undefined || quantity === 0) return []
    return [{ productId, quantity, ...(restocked !== undefined && { restocked: restocked[line] ?? 0 }) }]
  })
  const fees = lines.flatMap(({ fee }, line) =>
    fee !== undefined && (quantities[line] ?? 0) > 0 ? [fee] : []
  )
  return { ...(items.length > 0 && { items }), ...(fees.length > 0 && { fees }) }
}

/**
 * Moves units of an order, and its status if `to` is another. The version counts the events, so the new event's sequence is
 * the new version. Fails with `IllegalTransition` if the lifecycle has no such step.
 */
export const moveUnits = (
  order: Order,
  movement: Movement,
  to: OrderStatus,
  { at, actor }: Attribution
): Result.Result<Advanced, IllegalTransition> =>
  Result.map(transitionTo(order, movement.kind, to), ({ event, from }) => {
    const version = order.version + 1
    const units = withoutOpen(to, order, add(unitsOf(order), movement))
    const staged = to === from ? order : withoutStage(order)
    const moved = withCurrentTotal({ ...staged, status: to, version, updatedAt: at, units })
    const kept = new Map(heldUnits(moved).map(({ productId, quantity }) => [productId, quantity]))
    return {
      ...stageBefore(order),
      order: moved,
      event: { sequence: version, event, from, to, at, actor, ...detailsOf(order, movement) },
      restocked: heldUnits(order).flatMap(({ productId, quantity }) => {
        const given = quantity - (kept.get(productId) ?? 0)
        return given > 0 ? [{ productId, quantity: given }] : []
      }),
      released: to === "CANCELLED" ? vouchersOf(order) : []
    }
  })
