import { Array as Arr, Effect, Exit, type Scope } from "effect"
import type { ProductId } from "../../domain/Id.ts"
import { StoreUnavailable } from "../../ports/Unavailable.ts"
import { answerAll, type Batch, type Waiting } from "./Waiting.ts"

/** Each lane holds a connection while it waits. */
const lanesAtMost = 4

const tooMany = Exit.fail(
  new StoreUnavailable({ undone: true, cause: new Error("Too many products are locked by somebody else") })
)

/**
 * Where placements wait for a product whose lock somebody outside holds for long, apart from all others: one lane per
 * product, which closes when nobody is left in it.
 */
export const slowLanes = (scope: Scope.Scope, size: number, run: (batch: Batch) => Effect.Effect<void>) => {
  const lanes = new Map<ProductId, Array<Waiting>>()

  const drain = (productId: ProductId, lane: Array<Waiting>): Effect.Effect<void> =>
    Effect.suspend(() => {
      const batch = lane.splice(0, size).filter(({ abandoned }) => !abandoned)
      if (Arr.isReadonlyArrayNonEmpty(batch)) return Effect.andThen(run(batch), drain(productId, lane))
      if (lane.length > 0) return drain(productId, lane)
      lanes.delete(productId)
      return Effect.void
    })

  return {
    /** The lane that a placement has to join, if one of its products has one. */
    laneFor: ({ products }: Waiting): ProductId | undefined => products.find((id) => lanes.has(id)),

    join: (productId: ProductId, waiting: Waiting): Effect.Effect<void> =>
      Effect.suspend(() => {
        const lane = lanes.get(productId)
        if (lane !== undefined) {
          lane.push(waiting)
          return Effect.void
        }
        if (lanes.size === lanesAtMost) return answerAll([waiting], tooMany)
        const opened = [waiting]
        lanes.set(productId, opened)
        return Effect.asVoid(Effect.forkIn(drain(productId, opened), scope))
      })
  }
}
