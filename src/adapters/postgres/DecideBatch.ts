import { Result } from "effect"
import type { ProductId } from "../../domain/Id.ts"
import { type Answer, fresh, IdempotencyKeyReused, type Once, replayed } from "../../domain/Idempotency.ts"
import { asPlaced, type Order } from "../../domain/Order.ts"
import { type Placed, type PlacingRefusal, place } from "../../domain/Placing.ts"
import type { Product } from "../../domain/Product.ts"
import type { Placement } from "../../ports/OrderStore.ts"
import { type Fulfilment, identity } from "./IdempotencyKeys.ts"

export type Decided = Result.Result<Answer<Order>, PlacingRefusal | IdempotencyKeyReused>

/** What was decided of each placement in turn, and what has to be written for it. */
export interface Batch {
  readonly decided: ReadonlyArray<Decided>
  readonly placed: ReadonlyArray<Placed>
  readonly unitsTaken: ReadonlyMap<ProductId, number>
  readonly fulfilled: ReadonlyArray<Fulfilment>
  /** Claimed keys of which nothing came. */
  readonly released: ReadonlyArray<Once>
}

/**
 * Decides placements one after the other, each against the stock that the ones before it have left. A key that was
 * fulfilled before (`replays` answers for it), or earlier in this batch, is answered and not decided again.
 */
export const decideBatch = (
  placements: ReadonlyArray<Placement>,
  products: ReadonlyMap<ProductId, Product>,
  replays: (once: Once) => Decided | undefined
): Batch => {
  const left = new Map(products)
  const placed: Array<Placed> = []
  const unitsTaken = new Map<ProductId, number>()
  const fulfilled = new Map<string, Fulfilment & { readonly order: Order }>()
  const refused = new Map<string, Once>()

  const take = ({ order, event }: Placed) => {
    placed.push({ order, event })
    for (const { productId, quantity } of order.items) {
      const product = left.get(productId)
      if (product !== undefined) left.set(productId, { ...product, stock: product.stock - quantity })
      unitsTaken.set(productId, (unitsTaken.get(productId) ?? 0) + quantity)
    }
  }

  const decideAnew = ({ draft, id, at, by, once }: Placement): Decided => {
    const decision = place(draft, left, { id, at, by })
    if (Result.isSuccess(decision)) {
      const { order } = decision.success
      take(decision.success)
      if (once !== undefined) fulfilled.set(identity(once), { once, resourceId: order.id, order })
    } else if (once !== undefined) {
      refused.set(identity(once), once)
    }
    return Result.map(decision, ({ order }) => fresh(order))
  }

  const decide = (placement: Placement): Decided => {
    const { once } = placement
    if (once === undefined) return decideAnew(placement)
    const inThisBatch = fulfilled.get(identity(once))
    if (inThisBatch === undefined) return replays(once) ?? decideAnew(placement)
    return inThisBatch.once.fingerprint === once.fingerprint
      ? Result.succeed(replayed(asPlaced(inThisBatch.order)))
      : Result.fail(new IdempotencyKeyReused({ key: once.key }))
  }

  const decided = placements.map(decide)
  const released = [...refused].filter(([key]) => !fulfilled.has(key)).map(([, once]) => once)
  return { decided, placed, unitsTaken, fulfilled: [...fulfilled.values()], released }
}
