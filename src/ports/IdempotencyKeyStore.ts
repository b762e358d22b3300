import { Context, type Effect } from "effect"
import type { StoreUnavailable } from "./errors.ts"

/** Maintains idempotency keys. The other stores write the keys together with the effects that the keys guard. */
export class IdempotencyKeyStore extends Context.Service<
  IdempotencyKeyStore,
  {
    /**
     * Deletes up to `take` keys that were first used before a time. Returns the number of deleted keys. `at` is the present time
     * of the caller: a store with a clock of its own takes the difference from that instead.
     */
    readonly prune: (before: Date, take: number, at: Date) => Effect.Effect<number, StoreUnavailable>
  }
>()("effect-commerce/ports/IdempotencyKeyStore") {}
