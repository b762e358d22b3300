import { Context, type Effect } from "effect"
import type { Period, Tally } from "../domain/Analytics.ts"
import type { StoreUnavailable } from "./Unavailable.ts"

/** Counts and adds up orders; what it comes to is for the domain to say. */
export class AnalyticsStore extends Context.Service<
  AnalyticsStore,
  {
    /** Number and total of the orders of a period, by status and currency. */
    readonly tallies: (period: Period) => Effect.Effect<ReadonlyArray<Tally>, StoreUnavailable>
  }
>()("effect-commerce/ports/AnalyticsStore") {}
