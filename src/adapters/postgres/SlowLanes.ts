import { Array as Arr, Effect, type Scope } from "effect"
import type { ProductId } from "../../domain/Id.ts"
import type { Batch, Waiting } from "./Waiting.ts"

/** Lanes of products of their own; each holds a connection while it waits. */
const lanesAtMost = 3

/** The lane of all other products that are held at the same time. */
const shared = Symbol("the lane of all others")

/**
 * Where placements wait for a product whose lock somebody outside holds for long, apart from all others: one lane per
 * product, and one for all products beyond a few. A lane closes when nobody is left in it.
 */
export const slowLanes = (scope: Scope.Scope, size: number, run: (batch: Batch) => Effect.Effect<void>) => {
  const lanes = new Map<ProductId | typeof shared, Array<Waiting>>()

  const drain = (key: ProductId | typeof shared, lane: Array<Waiting>): Effect.Effect<void> =>
    Effect.suspend(() => {
      const batch = lane.splice(0, size).filter(({ abandoned }) => !abandoned)
      if (Arr.isReadonlyArrayNonEmpty(batch)) return Effect.andThen(run(batch), drain(key, lane))
      if (lane.length > 0) return drain(key, lane)
      lanes.delete(key)
      return Effect.void
    })

  return {
    /** The lane that a placement has to join, if one of its products has one. */
    laneFor: ({ products }: Waiting): ProductId | undefined => products.find((id) => lanes.has(id)),

    join: (productId: ProductId, waiting: Waiting): Effect.Effect<void> =>
      Effect.suspend(() => {
        const key = lanes.has(productId) || lanes.size < lanesAtMost ? productId : shared
        const lane = lanes.get(key)
        if (lane !== undefined) {
          lane.push(waiting)
          return Effect.void
        }
        const opened = [waiting]
        lanes.set(key, opened)
        return Effect.asVoid(Effect.forkIn(drain(key, opened), scope))
      })
  }
}
