import { Context, Effect, Layer } from "effect"
import type { Invariant, Violation } from "../domain/operations/Invariants.ts"
import type { StoreUnavailable } from "../ports/errors.ts"
import { IntegrityChecker } from "../ports/IntegrityChecker.ts"

/** What a verification found: nothing, or the places where an invariant does not hold. */
export interface VerificationReport {
  readonly ok: boolean
  readonly violations: ReadonlyArray<Violation>
}

/** Whether the data are as they must be. */
export class Verification extends Context.Service<
  Verification,
  {
    /** Checks every invariant of the domain on live data, in one read-only snapshot. */
    readonly verify: (options?: {
      /** Run before each check, to show progress. */
      readonly checking?: ((invariant: Invariant) => Effect.Effect<void>) | undefined
      /** How many violations of each invariant to list; 100 if absent. */
      readonly most?: number | undefined
    }) => Effect.Effect<VerificationReport, StoreUnavailable>
  }
>()("effect-commerce/services/Verification") {
  static readonly layer = Layer.effect(
    Verification,
    Effect.map(IntegrityChecker, (checker) =>
      Verification.of({
        verify: ({ checking = () => Effect.void, most = 100 } = {}) =>
          Effect.map(checker.check(checking, most), (violations) => ({
            ok: violations.length === 0,
            violations
          }))
      })
    )
  )
}
