import { Result } from "effect"
import type { Offer } from "../../../domain/catalog/Product.ts"
import type { Order } from "../../../domain/orders/Order.ts"
import { type Placed, type PlaceOrderRefusal, placeOrder } from "../../../domain/orders/PlaceOrder.ts"
import type { IdempotencyClaim } from "../../../domain/shared/Idempotency.ts"
import type { ProductId } from "../../../domain/shared/Ids.ts"
import type { Placement } from "../../../ports/OrderStore.ts"
import { type Decided, type DecidedWithKeys, decideWithKeys } from "../idempotency/DecideWithKeys.ts"

/** What was decided of each placement in turn, and what has to be written for it. */
export interface DecidedPlacements extends DecidedWithKeys<Order, PlaceOrderRefusal> {
  readonly placed: ReadonlyArray<Placed>
  readonly unitsTaken: ReadonlyMap<ProductId, number>
}

/** Decides placements one after the other, each against the stock that the ones before it have left. */
export const decidePlacements = (
  placements: ReadonlyArray<Placement>,
  products: ReadonlyMap<ProductId, Offer>,
  replays: (idempotency: IdempotencyClaim) => Decided<Order, never> | undefined
): DecidedPlacements => {
  const left = new Map(products)
  const placed: Array<Placed> = []
  const unitsTaken = new Map<ProductId, number>()

  const take = ({ order, event }: Placed): Order => {
    placed.push({ order, event })
    for (const { productId, quantity } of order.items) {
      const product = left.get(productId)
      if (product !== undefined) left.set(productId, { ...product, stock: product.stock - quantity })
      unitsTaken.set(productId, (unitsTaken.get(productId) ?? 0) + quantity)
    }
    return order
  }

  const decision = decideWithKeys(placements, replays, ({ draft, id, at, actor }) =>
    Result.map(placeOrder(draft, left, { id, at, actor }), take)
  )
  return { ...decision, placed, unitsTaken }
}

/** Whether any is refused for what others of the batch take: that is true only of the stock that they are decided against. */
export const refusedForOthers = ({ decided, unitsTaken }: DecidedPlacements): boolean => {
  const taken: ReadonlySet<string> = new Set(unitsTaken.keys())
  return decided.some(
    (one) =>
      Result.isFailure(one) &&
      one.failure._tag === "InsufficientStock" &&
      one.failure.shortages.some(({ productId }) => taken.has(productId))
  )
}
