import { Result, Schema } from "effect"

/** Where an order is in its life. */
export const OrderStatus = Schema.Literals(["CREATED", "PAID", "SHIPPED", "COMPLETED", "FAILED"]).annotate({
  identifier: "OrderStatus"
})
export type OrderStatus = typeof OrderStatus.Type

/** What can happen to an order. */
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

/** The life of an order. Nothing else can happen to it. */
export const lifecycle = [
  { event: "placed", from: null, to: "CREATED", stock: "taken" },
  { event: "paid", from: "CREATED", to: "PAID", stock: "kept" },
  { event: "declined", from: "CREATED", to: "FAILED", stock: "restocked" },
  { event: "expired", from: "CREATED", to: "FAILED", stock: "restocked" },
  { event: "shipped", from: "PAID", to: "SHIPPED", stock: "kept" },
  { event: "completed", from: "SHIPPED", to: "COMPLETED", stock: "kept" }
] as const satisfies ReadonlyArray<Transition>

/** What the total of an order in each status counts as. */
export const revenueTreatment = {
  CREATED: "nothing",
  PAID: "revenue",
  SHIPPED: "in transit",
  COMPLETED: "revenue",
  FAILED: "nothing"
} as const satisfies Record<OrderStatus, "nothing" | "revenue" | "in transit">

/** Every status, in the order of an order's life; `FAILED` comes last. */
export const statuses = OrderStatus.literals

/** The statuses whose totals count as this. */
export const statusesThatCountAs = (as: "revenue" | "in transit"): ReadonlyArray<OrderStatus> =>
  statuses.filter((status) => revenueTreatment[status] === as)

/** What can happen to an order that has been placed. */
export type Step = Exclude<OrderEventName, "placed">

/** The order is not in the status that this step starts from. */
export class IllegalTransition extends Schema.TaggedError<IllegalTransition>()("IllegalTransition", {
  orderId: Schema.String,
  from: OrderStatus,
  to: OrderStatus
}) {
  override get message() {
    return `An order that is ${this.from} cannot become ${this.to}`
  }
}

const transitions: ReadonlyMap<OrderEventName, Transition> = new Map(
  lifecycle.map((transition) => [transition.event, transition])
)

/** Looks up a step in the table, and refuses it unless the order is where the step starts. */
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

/** The table as a Mermaid diagram, as ARCHITECTURE.md shows it. */
export const diagram = (): string =>
  [
    "stateDiagram-v2",
    ...lifecycle.map(
      ({ event, from, to, stock }) =>
        `  ${from ?? "[*]"} --> ${to}: ${event}${stock === "kept" ? "" : ` (stock ${stock})`}`
    )
  ].join("\n")
