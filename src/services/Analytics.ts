import { Context, Effect, Layer } from "effect"
import { Period, type Summary, summarize } from "../domain/Analytics.ts"
import type { InvalidInput } from "../domain/InvalidInput.ts"
import type { AmountOverflow } from "../domain/Money.ts"
import { AnalyticsStore } from "../ports/AnalyticsStore.ts"
import type { StoreUnavailable } from "../ports/Unavailable.ts"
import { reader } from "./Input.ts"

/** What a shop has sold. */
export class Analytics extends Context.Service<
  Analytics,
  {
    /** Counts and totals of the orders placed in `[from, to)`; of all orders if neither is given. */
    readonly summary: (
      period?: typeof Period.Encoded
    ) => Effect.Effect<Summary, InvalidInput | AmountOverflow | StoreUnavailable>
  }
>()("effect-commerce/services/Analytics") {
  static readonly layer = Layer.effect(
    Analytics,
    Effect.gen(function* () {
      const store = yield* AnalyticsStore
      const summary = Effect.fnUntraced(function* (input: typeof Period.Encoded = {}) {
        const tallies = yield* store.tallies(yield* readPeriod(input))
        return yield* Effect.fromResult(summarize(tallies))
      })
      return Analytics.of({ summary })
    })
  )
}

const readPeriod = reader(Period)
