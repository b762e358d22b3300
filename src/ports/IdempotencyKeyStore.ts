import { Context, type Effect } from "effect"
import type { StoreUnavailable } from "./errors.ts"

/** The idempotency keys as such; the other stores write them with what they guard. */
export class IdempotencyKeyStore extends Context.Service<
  IdempotencyKeyStore,
  {
    /** Forgets up to `take` keys that were first used before a moment; answers with how many. */
    readonly prune: (before: Date, take: number) => Effect.Effect<number, StoreUnavailable>
  }
>()("effect-commerce/ports/IdempotencyKeyStore") {}
