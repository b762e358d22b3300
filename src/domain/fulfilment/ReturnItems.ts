import { Result } from "effect"
import type { Advanced } from "../orders/AdvanceOrder.ts"
import { type IllegalTransition, transitionTo } from "../orders/Lifecycle.ts"
import type { Order } from "../orders/Order.ts"
import type { Attribution } from "../shared/Attribution.ts"
import type { ProductId } from "../shared/Ids.ts"
import { moveUnits } from "./MoveUnits.ts"
import { type InsufficientUnits, select } from "./Units.ts"

/** Items that have arrived. `restock` units of an item go back into the stock; it defaults to all. */
export interface Return {
  readonly items?:
    | ReadonlyArray<{
        readonly productId: ProductId
        readonly quantity: number
        readonly restock?: number | undefined
      }>
    | undefined
  /** Codes of fees that are given back. */
  readonly fees?: ReadonlyArray<string> | undefined
}

/** Units to restock of a product. Several entries of a product count together. */
const restockOf = ({ items = [] }: Return, productId: ProductId): number =>
  items
    .filter((item) => item.productId === productId)
    .reduce((sum, { quantity, restock = quantity }) => sum + Math.min(restock, quantity), 0)

/**
 * Takes back shipped units of an order, and gives some of them back to the stock. The status stays as it is.
 *
 * Fails with `IllegalTransition` unless the order is `PAID`, `SHIPPED` or `COMPLETED`, and with `InsufficientUnits`: only what was
 * shipped and has not come back yet can be returned.
 */
export const returnItems = (
  order: Order,
  returned: Return,
  attribution: Attribution
): Result.Result<Advanced, IllegalTransition | InsufficientUnits> =>
  Result.gen(function* () {
    yield* transitionTo(order, "returned", order.status)
    const chosen = yield* select(order, returned, (_, { shipped, returned }) => shipped - returned)
    const restocked = chosen.map((_, line) => {
      const item = order.items[line]
      return item === undefined ? 0 : restockOf(returned, item.productId)
    })
    const movement = { kind: "returned", quantities: chosen, restocked } as const
    return yield* moveUnits(order, movement, order.status, attribution)
  })
