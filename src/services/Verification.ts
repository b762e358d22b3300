import { Context, Effect, Layer } from "effect"
import type { Invariant, Violation } from "../domain/operations/Invariants.ts"
import type { StoreUnavailable } from "../ports/errors.ts"
import { IntegrityChecker } from "../ports/IntegrityChecker.ts"

/** The result of a verification: the violations of invariants that it found. */
export interface VerificationReport {
  readonly ok: boolean
  readonly violations: ReadonlyArray<Violation>
}

/** Verifies the stored data. */
export class Verification extends Context.Service<
  Verification,
  {
    /** Checks every invariant of the domain in one read-only snapshot of the live data. */
    readonly verify: (options?: {
      /** Runs before each check, to show progress. Defaults to nothing. */
      readonly checking?: ((invariant: Invariant) => Effect.Effect<void>) | undefined
      /** Maximum number of violations to list per invariant. Defaults to 100. */
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
