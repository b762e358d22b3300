import { Array as Arr, Deferred, Effect, Exit } from "effect"
import type { ProductId } from "../../domain/Id.ts"
import type { Answer, IdempotencyKeyReused } from "../../domain/Idempotency.ts"
import type { Order } from "../../domain/Order.ts"
import { type PlacingRefusal, productsOf } from "../../domain/Placing.ts"
import type { Placement } from "../../ports/OrderStore.ts"
import type { StoreUnavailable } from "../../ports/Unavailable.ts"
import type { Decided } from "./DecideBatch.ts"

/** One caller's placement, until it is decided. */
export interface Waiting {
  readonly placement: Placement
  readonly products: ReadonlyArray<ProductId>
  readonly answer: Deferred.Deferred<Answer<Order>, PlacingRefusal | IdempotencyKeyReused | StoreUnavailable>
  /** The caller is gone: nobody wants this order any more. */
  abandoned: boolean
}

export type Batch = Arr.NonEmptyReadonlyArray<Waiting>

export const waitFor = (placement: Placement): Waiting => ({
  placement,
  products: productsOf(placement.draft),
  answer: Deferred.makeUnsafe(),
  abandoned: false
})

/** Tells each caller what was decided for it, or that nothing could be. */
export const answerAll = (
  batch: Batch,
  exit: Exit.Exit<ReadonlyArray<Decided>, StoreUnavailable>
): Effect.Effect<void> =>
  Effect.sync(() => {
    for (const [index, { answer }] of batch.entries()) {
      const decided = Exit.isSuccess(exit)
        ? Effect.fromResult(Arr.getUnsafe(exit.value, index))
        : Effect.failCause(exit.cause)
      Deferred.doneUnsafe(answer, decided)
    }
  })
