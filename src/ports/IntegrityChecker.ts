import { Context, type Effect } from "effect"
import type { Invariant, Violation } from "../domain/operations/Invariants.ts"
import type { StoreUnavailable } from "./errors.ts"

/** Checks the invariants of the domain on the stored data. */
export class IntegrityChecker extends Context.Service<
  IntegrityChecker,
  {
    /**
     * Checks every invariant in one read-only snapshot. Runs `onInvariant` before each invariant. Returns at limit
     * `limit` violations of each invariant.
     */
    readonly check: (
      onInvariant: (invariant: Invariant) => Effect.Effect<void>,
      limit: number
    ) => Effect.Effect<ReadonlyArray<Violation>, StoreUnavailable>
  }
>()("effect-commerce/ports/IntegrityChecker") {}
