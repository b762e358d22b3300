import { Arbitrary } from "effect"
import type { OrderTotals, Period } from "../../domain/analytics/Summary.ts"
import { OrderStatus } from "../../domain/orders/Lifecycle.ts"
import { currency } from "./Catalog.ts"
import { time } from "./Texts.ts"
import { type Gen, int, maybe, oneOf, partial, pick, struct } from "./Values.ts"

/** Generates bounded and unbounded periods, including empty ones whose end precedes their start. */
export const period: Gen<Period> = partial({ from: maybe(time), to: maybe(time) })

/** Generates order totals with small and very large sums. */
export const orderTotals: Gen<OrderTotals> = struct({
  status: pick(OrderStatus.literals),
  currency,
  orders: int(1, 1_000_000),
  amount: Arbitrary.map(oneOf([int(0, 100_000), int(0, Number.MAX_SAFE_INTEGER)]), BigInt)
})
