import { Result, Schema } from "effect"

/** Status of an order. */
export const OrderStatus = Schema.Literals(["CREATED", "PAID", "SHIPPED", "COMPLETED", "FAILED"]).annotate({
  identifier: "OrderStatus"
})
export type OrderStatus = typeof OrderStatus.Type

/** Name of an event in the life of an order. */
export const OrderEventName = Schema.Literals([
  "placed",
  "paid",
  "declined",
  "expired",
  "shipped",
  "completed"
])
export type OrderEventName = typeof OrderEventName.Type

interface Transition {
  readonly event: OrderEventName
  readonly from: OrderStatus | null
  readonly to: OrderStatus
  readonly stock: "taken" | "kept" | "restocked"
}

/** The lifecycle of an order: the only transitions that exist, and the effect of each on stock. */
export const lifecycle = [
  { event: "placed", from: null, to: "CREATED", stock: "taken" },
  { event: "paid", from: "CREATED", to: "PAID", stock: "kept" },
  { event: "declined", from: "CREATED", to: "FAILED", stock: "restocked" },
  { event: "expired", from: "CREATED", to: "FAILED", stock: "restocked" },
  { event: "shipped", from: "PAID", to: "SHIPPED", stock: "kept" },
  { event: "completed", from: "SHIPPED", to: "COMPLETED", stock: "kept" }
] as const satisfies ReadonlyArray<Transition>

/** How the total of an order counts in analytics, by status. */
export const revenueTreatment = {
  CREATED: "nothing",
  PAID: "revenue",
  SHIPPED: "in transit",
  COMPLETED: "revenue",
  FAILED: "nothing"
} as const satisfies Record<OrderStatus, "nothing" | "revenue" | "in transit">

/** All statuses in lifecycle order, `FAILED` last. */
export const statuses = OrderStatus.literals

/** Returns the statuses whose totals count as revenue or as in transit. */
export const statusesThatCountAs = (as: "revenue" | "in transit"): ReadonlyArray<OrderStatus> =>
  statuses.filter((status) => revenueTreatment[status] === as)

/** A step that an existing order can take. */
export type Step = Exclude<OrderEventName, "placed">

/** Refusal: the order is not in the status that the step starts from. */
export class IllegalTransition extends Schema.TaggedError<IllegalTransition>()("IllegalTransition", {
  orderId: Schema.String,
  from: OrderStatus,
  to: OrderStatus
}) {
  override get message() {
    return `An order with status ${this.from} cannot become ${this.to}.`
  }
}

const transitions: ReadonlyMap<OrderEventName, Transition> = new Map(
  lifecycle.map((transition) => [transition.event, transition])
)

/** Looks up the transition of a step. Fails with `IllegalTransition` if the order is not in its initial status. */
export const transition = (
  order: { readonly id: string; readonly status: OrderStatus },
  step: Step
): Result.Result<Transition, IllegalTransition> => {
  const found = transitions.get(step)
  if (found === undefined) throw new Error(`The lifecycle has no step "${step}"`)
  return order.status === found.from
    ? Result.succeed(found)
    : Result.fail(new IllegalTransition({ orderId: order.id, from: order.status, to: found.to }))
}

/** Returns the lifecycle as a Mermaid diagram. ARCHITECTURE.md contains it. */
export const diagram = (): string =>
  [
    "stateDiagram-v2",
    ...lifecycle.map(
      ({ event, from, to, stock }) =>
        `  ${from ?? "[*]"} --> ${to}: ${event}${stock === "kept" ? "" : ` (stock ${stock})`}`
    )
  ].join("\n")
