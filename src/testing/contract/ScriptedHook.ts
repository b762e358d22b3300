import { Effect } from "effect"
import type { OrderChange, OrderRefused } from "../../domain/orders/OrderChange.ts"
import type { CustomerId } from "../../domain/shared/Ids.ts"
import type { BeforeCommitHook } from "../../ports/BeforeCommit.ts"

/** What the hook does with a change: nothing, a refusal, or a failure. */
export type Script = (change: OrderChange) => Effect.Effect<OrderRefused | undefined, unknown>

/** Scripts of laws by the customer of their orders: laws share a store, and so a hook. */
const scripts = new Map<CustomerId, Script>()

/**
 * The hook that the laws of `hookLaws` need: build the stores under test with it. It does nothing for the orders of other laws.
 */
export const scriptedHook: BeforeCommitHook = Effect.fnUntraced(function* (changes) {
  const refusals: Array<OrderRefused> = []
  for (const change of changes) {
    const refusal = yield* scripts.get(change.order.customerId)?.(change) ?? Effect.undefined
    if (refusal !== undefined) refusals.push(refusal)
  }
  return refusals
})

/** Runs work while the hook follows a script for the orders of a customer. */
export const scripted = <A, E, R>(
  customerId: CustomerId,
  script: Script,
  work: Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  Effect.acquireUseRelease(
    Effect.sync(() => scripts.set(customerId, script)),
    () => work,
    () => Effect.sync(() => scripts.delete(customerId))
  )
