import { Result } from "effect"
import type { Offer } from "../../../domain/catalog/Product.ts"
import type { Order } from "../../../domain/orders/Order.ts"
import {
  isAdjusted,
  type Placed,
  type PlaceOrderRefusal,
  placeOrder
} from "../../../domain/orders/PlaceOrder.ts"
import { afterRedeeming, noVouchers, type VoucherStock } from "../../../domain/pricing/Voucher.ts"
import type { IdempotencyClaim } from "../../../domain/shared/Idempotency.ts"
import type { ProductId } from "../../../domain/shared/Ids.ts"
import type { Placement } from "../../../ports/OrderStore.ts"
import { type Decided, type DecidedWithKeys, decideWithKeys } from "../idempotency/DecideWithKeys.ts"

/** Decisions of a batch of placements in order, and the rows that must be written for them. `index` is that of the placement. */
export interface DecidedPlacements extends DecidedWithKeys<Order, PlaceOrderRefusal> {
  readonly placed: ReadonlyArray<Placed & { readonly index: number }>
  readonly unitsTaken: ReadonlyMap<ProductId, number>
  readonly isPriced: boolean
}

/** Returns whether pricing takes part in any of the decisions. */
export const isPriced = (placements: ReadonlyArray<Placement>): boolean =>
  placements.some(({ draft, price }) => isAdjusted(draft, price))

/** Decides placements in order. Each decision sees the stock and the voucher uses that the earlier ones left. */
export const decidePlacements = (
  placements: ReadonlyArray<Placement>,
  products: ReadonlyMap<ProductId, Offer>,
  replays: (idempotency: IdempotencyClaim) => Decided<Order, never> | undefined,
  vouchers: VoucherStock = noVouchers
): DecidedPlacements => {
  const remaining = new Map(products)
  let vouchersLeft = vouchers
  const placed: Array<Placed & { readonly index: number }> = []
  const unitsTaken = new Map<ProductId, number>()

  const take = (decided: Placed, index: number): Order => {
    const { order, redemptions } = decided
    placed.push({ ...decided, index })
    vouchersLeft = afterRedeeming(vouchersLeft, redemptions)
    for (const { productId, quantity } of order.items) {
      const product = remaining.get(productId)
      if (product !== undefined) remaining.set(productId, { ...product, stock: product.stock - quantity })
      unitsTaken.set(productId, (unitsTaken.get(productId) ?? 0) + quantity)
    }
    return order
  }

  const decision = decideWithKeys(placements, replays, ({ draft, id, at, actor, price }, index) =>
    Result.map(placeOrder(draft, remaining, { id, at, actor }, price, vouchersLeft), (decided) =>
      take(decided, index)
    )
  )
  return { ...decision, placed, unitsTaken, isPriced: isPriced(placements) }
}

/**
 * Returns whether a placement is refused because other placements of the batch take its stock. Such a refusal
 * holds only if the others are really written.
 */
export const isRefusedByBatch = ({ decided, unitsTaken }: DecidedPlacements): boolean => {
  const taken: ReadonlySet<string> = new Set(unitsTaken.keys())
  return decided.some(
    (one) =>
      Result.isFailure(one) &&
      one.failure._tag === "InsufficientStock" &&
      one.failure.shortages.some(({ productId }) => taken.has(productId))
  )
}
