import { Context, type Effect } from "effect"
import type { Invariant, Violation } from "../domain/operations/Invariants.ts"
import type { StoreUnavailable } from "./errors.ts"

/** Checks the invariants of the domain on the data as they are, in one read-only snapshot of all of them. */
export class IntegrityChecker extends Context.Service<
  IntegrityChecker,
  {
    /** `checking` is run before each check; at most `most` violations of each invariant are listed. */
    readonly check: (
      checking: (invariant: Invariant) => Effect.Effect<void>,
      most: number
    ) => Effect.Effect<ReadonlyArray<Violation>, StoreUnavailable>
  }
>()("effect-commerce/ports/IntegrityChecker") {}
