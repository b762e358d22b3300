import type { Order } from "../../../domain/orders/Order.ts"
import type { Json } from "../Calls.ts"
import { type Evidence, groupBy } from "../Evidence.ts"
import type { FinalState } from "../FinalState.ts"
import type { Finding } from "../Finding.ts"
import { certainEffects, possibleEffects } from "../Keys.ts"
import { orderObservations } from "../Observations.ts"

type StockedOrder = Pick<Json<Order>, "id" | "items" | "status">

const unitsOf = (orders: Iterable<StockedOrder>, productId: string): number => {
  let units = 0
  for (const { items, status } of orders) {
    if (status === "FAILED") continue
    for (const item of items) if (item.productId === productId) units += item.quantity
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

/** Returns every sum that some of the numbers can have. */
const reachableSums = (certain: number, possible: ReadonlyArray<number>): ReadonlySet<number> => {
  let sums = new Set([certain])
  for (const delta of possible) sums = new Set([...sums, ...sums.values().map((sum) => sum + delta)])
  return sums
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
  // The status is the stored one: a step whose answer was lost may have been made.
  const known = new Map<string, StockedOrder>(stored)
  for (const [id, order] of answered)
    known.set(id, { ...order, status: stored.get(id)?.status ?? order.status })
  const adjustments = groupBy(evidence.of("catalog.adjustStock"), ({ input }) =>
    input.productId.toLowerCase()
  )
  return final.products.flatMap(({ id, stock }): ReadonlyArray<Finding> => {
    const opening = openingStock(evidence, id)
    if (opening === undefined) return []
    const calls = adjustments.get(id) ?? []
    const adjusted = certainEffects(calls).reduce((sum, { input }) => sum + input.delta, 0)
    const received = reachableSums(
      opening + adjusted,
      possibleEffects(calls).map(({ input }) => input.delta)
    )
    const faults = [
      ["the orders of the store", unitsOf(stored.values(), id)] as const,
      ["the orders that were answered", unitsOf(known.values(), id)] as const
    ].filter(([, units]) => !received.has(stock + units))
    if (faults.length === 0) return []
    const expected = [...received].join(" or ")
    const found = faults.map(([source, units]) => `${units} in ${source}`).join(", ")
    return [{ rule: "stock", id, detail: `${expected} units were received, ${stock} are in stock, ${found}` }]
  })
}
