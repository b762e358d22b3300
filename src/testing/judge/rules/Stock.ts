import type { Order } from "../../../domain/orders/Order.ts"
import type { Json } from "../Calls.ts"
import { type Evidence, groupBy } from "../Evidence.ts"
import type { FinalState } from "../FinalState.ts"
import type { Finding } from "../Finding.ts"
import { certainEffects, possibleEffects } from "../Keys.ts"
import { orderObservations } from "../Observations.ts"

type StockedOrder = Pick<Json<Order>, "id" | "items" | "status" | "units">

/** Units that orders keep from the stock: all that are neither cancelled nor restocked. */
const unitsOf = (orders: Iterable<StockedOrder>, productId: string): number => {
  let units = 0
  for (const { items, status, units: counts } of orders) {
    if (status === "FAILED" || status === "CANCELLED") continue
    for (const [line, item] of items.entries()) {
      const { cancelled = 0, restocked = 0 } = counts?.[line] ?? {}
      if (item.productId === productId) units += item.quantity - cancelled - restocked
    }
  }
  return units
}

/** Returns the last that the answers show of each order. */
const ordersByAnswers = (evidence: Evidence): ReadonlyMap<string, StockedOrder> => {
  const latest = new Map<string, StockedOrder & { readonly version: number }>()
  for (const { id, value } of orderObservations(evidence)) {
    if (value !== undefined && value.version >= (latest.get(id)?.version ?? 0)) latest.set(id, value)
  }
  return latest
}

/** Number of sums beyond which only the least and the greatest are compared. */
const comparedSums = 10_000

/** Returns whether a number is a sum of the certain units and some of the possible ones. */
const reaches = (certain: number, possible: ReadonlyArray<number>): ((units: number) => boolean) => {
  let sums = new Set([certain])
  for (const delta of possible) {
    sums = new Set([...sums, ...sums.values().map((sum) => sum + delta)])
    if (sums.size <= comparedSums) continue
    const least = possible.reduce((sum, delta) => sum + Math.min(delta, 0), certain)
    const greatest = possible.reduce((sum, delta) => sum + Math.max(delta, 0), certain)
    return (units) => least <= units && units <= greatest
  }
  return (units) => sums.has(units)
}

/** Returns the stock of a product before all other calls that touch it: what it was created with, or what was read. */
const openingStock = (evidence: Evidence, productId: string): number | undefined => {
  const created = evidence.answered("catalog.createProduct").find(({ value }) => value.id === productId)
  if (created !== undefined) return created.value.stock
  const touched = [
    ...evidence.of("catalog.adjustStock").filter(({ input }) => input.productId.toLowerCase() === productId),
    ...evidence
      .of("orders.place")
      .filter(({ input }) => input.items.some((item) => item.productId.toLowerCase() === productId))
  ]
  const begin = Math.min(...touched.map(({ invoked }) => invoked))
  return evidence
    .answered("catalog.product")
    .find(({ value, completed }) => value.id === productId && completed < begin)?.value.stock
}

/** No unit is lost or invented. */
export const stock = (evidence: Evidence, final: FinalState): ReadonlyArray<Finding> => {
  const stored = new Map(final.orders.map(({ order }) => [order.id as string, order]))
  const answered = ordersByAnswers(evidence)
  // Status and counts are the stored ones: a step whose answer was lost may have been made.
  const known = new Map<string, StockedOrder>(stored)
  for (const [id, order] of answered) {
    const { status, units } = stored.get(id) ?? order
    known.set(id, { id: order.id, items: order.items, status, ...(units !== undefined && { units }) })
  }
  const adjustments = groupBy(evidence.of("catalog.adjustStock"), ({ input }) =>
    input.productId.toLowerCase()
  )
  return final.products.flatMap(({ id, stock }): ReadonlyArray<Finding> => {
    const opening = openingStock(evidence, id)
    if (opening === undefined) return []
    const calls = adjustments.get(id) ?? []
    const adjusted = certainEffects(calls).reduce((sum, { input }) => sum + input.delta, 0)
    const possible = possibleEffects(calls).map(({ input }) => input.delta)
    const isReceived = reaches(opening + adjusted, possible)
    const faults = [
      ["the orders of the store", unitsOf(stored.values(), id)] as const,
      ["the orders that were answered", unitsOf(known.values(), id)] as const
    ].filter(([, units]) => !isReceived(stock + units))
    if (faults.length === 0) return []
    const received = `opening stock ${opening}, adjustments ${adjusted}, ${possible.length} more of unknown outcome`
    const found = faults.map(([source, units]) => `${units} in ${source}`).join(", ")
    return [{ rule: "stock", id, detail: `${received}; ${stock} are in stock, ${found}` }]
  })
}
