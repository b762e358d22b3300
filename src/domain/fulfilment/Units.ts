import { Result, Schema } from "effect"
import type { OrderStatus } from "../orders/Lifecycle.ts"
import type { Order, OrderItem } from "../orders/Order.ts"
import { AdjustmentCode } from "../pricing/Adjustment.ts"
import { ProductId } from "../shared/Ids.ts"
import type { UnitCounts } from "./UnitCounts.ts"

/** A line of an order: an item, or a fee, which is one unit. Lines are the items, then the fees, in order. */
export interface OrderLine {
  readonly productId?: ProductId
  readonly fee?: string
  readonly quantity: number
}

/** Returns the lines of an order: its items, then its fees. */
export const linesOf = ({
  items,
  adjustments = []
}: Pick<Order, "items" | "adjustments">): ReadonlyArray<OrderLine> => [
  ...items.map(({ productId, quantity }) => ({ productId, quantity })),
  ...adjustments.flatMap(({ kind, code }) => (kind === "fee" ? [{ fee: code, quantity: 1 }] : []))
]

/** The counts of a line whose units are all open. */
export const noUnits: UnitCounts = { shipped: 0, cancelled: 0, returned: 0, restocked: 0 }

/** What the status says of a line whose units have moved only all together. */
const byStatus = (status: Order["status"], quantity: number): UnitCounts => {
  switch (status) {
    case "SHIPPED":
    case "COMPLETED":
      return { ...noUnits, shipped: quantity }
    case "CANCELLED":
      return { ...noUnits, cancelled: quantity }
    default:
      return noUnits
  }
}

/** Returns the counts of each line. An order without counters has moved as a whole: its status says it all. */
export const unitsOf = (order: Order): ReadonlyArray<UnitCounts> =>
  order.units ?? linesOf(order).map(({ quantity }) => byStatus(order.status, quantity))

/** Units that are neither shipped nor cancelled. */
export const openUnits = ({ quantity }: OrderLine, { shipped, cancelled }: UnitCounts): number =>
  quantity - shipped - cancelled

/** Returns the open units of each line of an order. */
export const openOf = (order: Order): ReadonlyArray<number> => {
  const units = unitsOf(order)
  return linesOf(order).map((line, index) => openUnits(line, units[index] ?? noUnits))
}

/** Units of the items that the order keeps from the stock, by product. */
export const heldUnits = (order: Order): ReadonlyArray<Pick<OrderItem, "productId" | "quantity">> => {
  if (order.status === "FAILED" || order.status === "CANCELLED") return []
  if (order.units === undefined) return order.items
  const { units } = order
  return order.items.flatMap(({ productId, quantity }, line) => {
    const { cancelled, restocked } = units[line] ?? noUnits
    const held = quantity - cancelled - restocked
    return held > 0 ? [{ productId, quantity: held }] : []
  })
}

/** An event that moves units. */
export type MovementKind = "shipped" | "cancelled" | "returned"

/** With its last item an order is shipped or cancelled as a whole, and so are the fees that are left. */
export const withoutOpen = (
  status: OrderStatus,
  order: Order,
  units: ReadonlyArray<UnitCounts>
): ReadonlyArray<UnitCounts> => {
  if (status !== "SHIPPED" && status !== "CANCELLED") return units
  return linesOf(order).map((line, index) => {
    const counts = units[index] ?? noUnits
    const open = openUnits(line, counts)
    return status === "SHIPPED"
      ? { ...counts, shipped: counts.shipped + open }
      : { ...counts, cancelled: counts.cancelled + open }
  })
}

/** Units that were asked for, and those that there are. */
const Shortage = Schema.Struct({
  productId: Schema.optionalKey(ProductId),
  fee: Schema.optionalKey(AdjustmentCode),
  requested: Schema.Int,
  available: Schema.Int
})

/**
 * Refusal: the order has fewer units that can be moved. `items` has one entry per line that falls short; a product
 * or fee that the order does not have has 0 available.
 */
export class InsufficientUnits extends Schema.TaggedError<InsufficientUnits>()("InsufficientUnits", {
  orderId: Schema.String,
  items: Schema.Array(Shortage)
}) {
  override get message() {
    return "The order has fewer units than this."
  }
}

/** Units to move: of items by product, and fees by code. */
export interface Selection {
  readonly items?: ReadonlyArray<{ readonly productId: ProductId; readonly quantity: number }> | undefined
  readonly fees?: ReadonlyArray<string> | undefined
}

/** A selection as units per line. Fails with `InsufficientUnits` if a line has fewer than are asked for. */
export const select = (
  order: Order,
  { items = [], fees = [] }: Selection,
  available: (line: OrderLine, counts: UnitCounts) => number
): Result.Result<ReadonlyArray<number>, InsufficientUnits> => {
  const lines = linesOf(order)
  const units = unitsOf(order)
  const wanted = new Map<string, number>()
  const want = (name: string, quantity: number) => wanted.set(name, (wanted.get(name) ?? 0) + quantity)
  for (const { productId, quantity } of items) want(`item ${productId}`, quantity)
  for (const fee of new Set(fees)) want(`fee ${fee}`, 1)
  const nameOf = ({ productId, fee }: OrderLine) =>
    productId === undefined ? `fee ${fee}` : `item ${productId}`
  const perLine = lines.map((line) => wanted.get(nameOf(line)) ?? 0)
  const known = new Set(lines.map(nameOf))
  const shortages = [
    ...lines.flatMap(({ productId, fee, quantity }, index) => {
      const requested = perLine[index] ?? 0
      const there = available({ quantity }, units[index] ?? noUnits)
      return requested > there ? [{ ...named(productId, fee), requested, available: there }] : []
    }),
    ...items
      .filter(({ productId }) => !known.has(`item ${productId}`))
      .map(({ productId, quantity: requested }) => ({ productId, requested, available: 0 })),
    ...[...new Set(fees)]
      .filter((fee) => !known.has(`fee ${fee}`))
      .map((fee) => ({ fee, requested: 1, available: 0 }))
  ]
  return shortages.length === 0
    ? Result.succeed(perLine)
    : Result.fail(new InsufficientUnits({ orderId: order.id, items: shortages }))
}

const named = (productId: ProductId | undefined, fee: string | undefined) =>
  productId === undefined ? { fee: fee ?? "" } : { productId }
