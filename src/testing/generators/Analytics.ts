import { Arbitrary } from "effect"
import type { OrderTotals, Period } from "../../domain/analytics/Summary.ts"
import { OrderStatus } from "../../domain/orders/Lifecycle.ts"
import { currency } from "./Catalog.ts"
import { time } from "./Texts.ts"
import { type Gen, int, maybe, oneOf, partial, pick, struct } from "./Values.ts"

/** Open and closed periods, also some that end before they begin. */
export const period: Gen<Period> = partial({ from: maybe(time), to: maybe(time) })

/** Tallies of small and of enormous sums. */
export const tally: Gen<OrderTotals> = struct({
  status: pick(OrderStatus.literals),
  currency,
  orders: int(1, 1_000_000),
  amount: Arbitrary.map(oneOf([int(0, 100_000), int(0, Number.MAX_SAFE_INTEGER)]), BigInt)
})
