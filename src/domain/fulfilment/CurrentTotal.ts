import type { Order } from "../orders/Order.ts"
import { prorate } from "../pricing/Allocation.ts"
import type { Money } from "../shared/Money.ts"
import { linesOf, unitsOf } from "./Units.ts"

/**
 * The figures of each line whose sum is what the customer pays for it, in minor units: its price less its discounts, and
 * each of its added taxes.
 */
const componentsOf = ({ items, adjustments = [] }: Order): ReadonlyArray<ReadonlyArray<number>> => {
  const fees = adjustments.filter(({ kind }) => kind === "fee").map(({ amount }) => amount.amount)
  const prices = [...items.map(({ total }) => total.amount), ...fees]
  const discounts = adjustments.filter(({ kind }) => kind === "discount")
  const taxes = adjustments.filter(({ kind, included }) => kind === "tax" && included === false)
  return prices.map((price, line) => [
    discounts.reduce((left, { shares = [] }) => left - (shares[line] ?? 0), price),
    ...taxes.map(({ shares = [] }) => shares[line] ?? 0)
  ])
}

/**
 * Returns what the customer owes for what is neither cancelled nor returned. `total` stays as it was placed.
 *
 * What `k` of `n` units of a line are worth is rounded once, half up, from the receipt. So any steps that end with the same units
 * end with the same amount, and all units together are worth the whole line.
 */
export const currentTotal = (order: Order): Money => {
  const units = unitsOf(order)
  const lines = linesOf(order)
  const components = componentsOf(order)
  const gone = lines.map(({ quantity }, line) => {
    const counts = units[line]
    const left = counts === undefined ? 0 : counts.cancelled + counts.returned
    return (components[line] ?? []).reduce((sum, component) => sum + prorate(component, left, quantity), 0)
  })
  const { amount, currency } = order.total
  return { amount: gone.reduce((left, part) => left - part, amount), currency }
}

/** Adds the current total to an order if anything was cancelled or returned. */
export const withCurrentTotal = (order: Order): Order =>
  unitsOf(order).some(({ cancelled, returned }) => cancelled + returned > 0)
    ? { ...order, currentTotal: currentTotal(order) }
    : order
