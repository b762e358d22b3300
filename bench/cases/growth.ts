import { Effect } from "effect"
import { Bench, type Group } from "../Bench.ts"
import { growingCallers } from "../GrowingCallers.ts"
import { growingOrders } from "../GrowingOrders.ts"
import { growingProducts } from "../GrowingProducts.ts"

/** How rates change while callers, orders and tables grow; in short stretches, since they are many. */
export const growth: Group = Effect.gen(function* () {
  const { pace } = yield* Bench
  const brief = { seconds: Math.min(pace.seconds, 0.25), rounds: Math.min(pace.rounds, 3) }
  const parts = [growingCallers(brief), growingProducts(brief), growingOrders(brief)]
  return (yield* Effect.forEach(parts, Effect.scoped)).flat()
})
