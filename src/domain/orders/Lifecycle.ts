import { Result, Schema } from "effect"

/** Status of an order. */
export const OrderStatus = Schema.Literals([
  "CREATED",
  "PAID",
  "SHIPPED",
  "COMPLETED",
  "FAILED",
  "CANCELLED"
]).annotate({ identifier: "OrderStatus" })
export type OrderStatus = typeof OrderStatus.Type

/** Name of an event in the life of an order. */
export const OrderEventName = Schema.Literals([
  "placed",
  "paid",
  "declined",
  "expired",
  "shipped",
  "completed",
  "cancelled",
  "returned",
  "authorized",
  "authorization-voided",
  "charged-late",
  "refunded",
  "refund-failed",
  "charged-back",
  "chargeback-reversed",
  "stage-changed"
])
export type OrderEventName = typeof OrderEventName.Type

interface Transition {
  readonly event: OrderEventName
  readonly from: OrderStatus | null
  readonly to: OrderStatus
  /** What becomes of the units that the order holds. */
  readonly stock: "taken" | "kept" | "partly restocked" | "restocked"
}

/** Rows of an event that keeps status and stock. */
const keeping = <Event extends OrderEventName>(event: Event, ...statuses: ReadonlyArray<OrderStatus>) =>
  statuses.map((status) => ({ event, from: status, to: status, stock: "kept" }) as const)

/** Statuses of orders that may have captured money. */
const charged = ["PAID", "SHIPPED", "COMPLETED", "FAILED", "CANCELLED"] as const

/**
 * The lifecycle of an order: the only transitions that exist, and the effect of each on stock. The status changes with the last
 * unit only: an event that moves some units keeps it, and so does one that moves money after the charge.
 */
export const lifecycle = [
  { event: "placed", from: null, to: "CREATED", stock: "taken" },
  { event: "paid", from: "CREATED", to: "PAID", stock: "kept" },
  { event: "declined", from: "CREATED", to: "FAILED", stock: "restocked" },
  { event: "expired", from: "CREATED", to: "FAILED", stock: "restocked" },
  { event: "shipped", from: "PAID", to: "PAID", stock: "kept" },
  { event: "shipped", from: "PAID", to: "SHIPPED", stock: "kept" },
  { event: "completed", from: "SHIPPED", to: "COMPLETED", stock: "kept" },
  { event: "cancelled", from: "CREATED", to: "CREATED", stock: "partly restocked" },
  { event: "cancelled", from: "CREATED", to: "CANCELLED", stock: "restocked" },
  { event: "cancelled", from: "PAID", to: "PAID", stock: "partly restocked" },
  { event: "cancelled", from: "PAID", to: "SHIPPED", stock: "partly restocked" },
  { event: "cancelled", from: "PAID", to: "CANCELLED", stock: "restocked" },
  { event: "returned", from: "PAID", to: "PAID", stock: "partly restocked" },
  { event: "returned", from: "SHIPPED", to: "SHIPPED", stock: "partly restocked" },
  { event: "returned", from: "COMPLETED", to: "COMPLETED", stock: "partly restocked" },
  ...keeping("authorized", "CREATED"),
  ...keeping("authorization-voided", "CREATED", "CANCELLED"),
  ...keeping("charged-late", "FAILED", "CANCELLED"),
  ...keeping("refunded", ...charged),
  ...keeping("refund-failed", ...charged),
  ...keeping("charged-back", ...charged),
  ...keeping("chargeback-reversed", ...charged),
  ...keeping("stage-changed", ...OrderStatus.literals)
] as const satisfies ReadonlyArray<Transition>

/** How the total of an order counts in analytics, by status. */
export const revenueTreatment = {
  CREATED: "nothing",
  PAID: "revenue",
  SHIPPED: "in transit",
  COMPLETED: "revenue",
  FAILED: "nothing",
  CANCELLED: "nothing"
} as const satisfies Record<OrderStatus, "nothing" | "revenue" | "in transit">

/** All statuses in lifecycle order, then `FAILED` and `CANCELLED`. */
export const statuses = OrderStatus.literals

/** Returns the statuses whose totals count as revenue or as in transit. */
export const statusesThatCountAs = (as: "revenue" | "in transit"): ReadonlyArray<OrderStatus> =>
  statuses.filter((status) => revenueTreatment[status] === as)

/** An event that moves money after the charge, or only reserves it. It keeps the status and all units. */
export type MoneyEvent =
  | "authorized"
  | "authorization-voided"
  | "charged-late"
  | "refunded"
  | "refund-failed"
  | "charged-back"
  | "chargeback-reversed"

/** A step of an existing order with all its units. */
export type Step = Exclude<OrderEventName, "placed" | "cancelled" | "returned" | "stage-changed" | MoneyEvent>

/** Refusal: the order is not in the status that the step starts from. */
export class IllegalTransition extends Schema.TaggedError<IllegalTransition>()("IllegalTransition", {
  orderId: Schema.String,
  from: OrderStatus,
  to: OrderStatus
}) {
  override get message() {
    return this.from === this.to
      ? `An order with status ${this.from} does not allow this.`
      : `An order with status ${this.from} cannot become ${this.to}.`
  }
}

const transitions: ReadonlyArray<Transition> = lifecycle

/** Returns the status that a step leads to. */
const targetOf = (step: Step): OrderStatus => {
  const found = transitions.find(({ event, from, to }) => event === step && from !== to)
  if (found === undefined) throw new Error(`The lifecycle has no step "${step}"`)
  return found.to
}

/** Looks up the transition of an event. Fails with `IllegalTransition` if the lifecycle has none between the two statuses. */
export const transitionTo = (
  order: { readonly id: string; readonly status: OrderStatus },
  event: Exclude<OrderEventName, "placed">,
  to: OrderStatus
): Result.Result<Transition, IllegalTransition> => {
  const found = transitions.find((row) => row.event === event && row.from === order.status && row.to === to)
  return found === undefined
    ? Result.fail(new IllegalTransition({ orderId: order.id, from: order.status, to }))
    : Result.succeed(found)
}

/** Looks up the transition of a step with all units. Fails with `IllegalTransition` if the order is not in its initial status. */
export const transition = (
  order: { readonly id: string; readonly status: OrderStatus },
  step: Step
): Result.Result<Transition, IllegalTransition> => transitionTo(order, step, targetOf(step))

/** Returns the lifecycle as a Mermaid diagram. Events that keep status and stock share an arrow. ARCHITECTURE.md contains it. */
export const diagram = (): string => {
  const arrows = new Map<string, Array<string>>()
  for (const { event, from, to, stock } of transitions) {
    const effect = stock === "kept" ? "" : ` (stock ${stock})`
    const arrow = `  ${from ?? "[*]"} --> ${to}: `
    const isShared = from === to && stock === "kept"
    const key = isShared ? arrow : `${arrow}${event}${effect}`
    arrows.set(key, [...(arrows.get(key) ?? []), ...(isShared ? [event] : [])])
  }
  return ["stateDiagram-v2", ...arrows.entries().map(([key, events]) => `${key}${events.join(", ")}`)].join(
    "\n"
  )
}
