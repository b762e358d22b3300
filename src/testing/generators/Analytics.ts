import { Arbitrary } from "effect"
import type { OrderTotals, Period } from "../../domain/analytics/Summary.ts"
import { OrderStatus } from "../../domain/orders/Lifecycle.ts"
import { currency } from "./Catalog.ts"
import { time } from "./Texts.ts"
import { type Gen, int, maybe, oneOf, partial, pick } from "./Values.ts"

/** Generates bounded and unbounded periods, including empty ones whose end precedes their start. */
export const period: Gen<Period> = partial({ from: maybe(time), to: maybe(time) })

const amount = Arbitrary.map(oneOf([int(0, 100_000), int(0, Number.MAX_SAFE_INTEGER)]), BigInt)

/** Generates order totals with small and very large sums, with and without refunds. */
export const orderTotals: Gen<OrderTotals> = Arbitrary.map(
  Arbitrary.all({
    status: pick(OrderStatus.literals),
    currency,
    orders: int(1, 1_000_000),
    amount,
    refunded: maybe(amount)
  }),
  ({ refunded, ...totals }) => (refunded === undefined ? totals : { ...totals, refunded })
)
