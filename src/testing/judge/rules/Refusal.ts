import type { OrderEventName } from "../../../domain/orders/Lifecycle.ts"
import { systemActor } from "../../../domain/shared/Attribution.ts"
import type { Call, Method } from "../Calls.ts"
import { canonical, type Evidence, exact, groupBy } from "../Evidence.ts"
import type { FinalState } from "../FinalState.ts"
import type { Finding } from "../Finding.ts"
import { actorOf, excessEffects } from "../Keys.ts"
import { observedOrders, paymentObservations } from "../Observations.ts"

interface Effect {
  readonly id: string
  /** What was asked for. */
  readonly request: string
}

/** Groups effects and calls by what was asked for, and compares their numbers. */
const excess = (
  effects: ReadonlyArray<Effect>,
  answered: ReadonlySet<string>,
  calls: ReadonlyMap<string, ReadonlyArray<Call>>
): ReadonlyArray<Finding> =>
  Array.from(
    groupBy(
      effects.filter(({ id }) => !answered.has(id)),
      ({ request }) => request
    ),
    ([request, own]) =>
      excessEffects(
        own.map(({ id }) => id),
        calls.get(request) ?? []
      )
  ).flat()

type Line = { readonly productId: string; readonly quantity: number }

const orderRequest = (order: {
  readonly customerId: string
  readonly items: ReadonlyArray<Line>
  readonly metadata?: Readonly<Record<string, string>> | undefined
}): string => {
  const units = Array.from(
    groupBy(order.items, ({ productId }) => productId.toLowerCase()),
    ([productId, lines]) => [productId, lines.reduce((sum, { quantity }) => sum + quantity, 0)] as const
  )
  const { customerId, metadata = {} } = order
  return canonical({ customer: exact(customerId), metadata, units: Object.fromEntries(units) })
}

const paymentRequest = (payment: { readonly orderId: string; readonly paymentMethod: string }): string =>
  canonical([payment.orderId, payment.paymentMethod])

const causes: Partial<Record<OrderEventName, ReadonlyArray<Method>>> = {
  shipped: ["orders.ship"],
  cancelled: ["orders.cancel"],
  returned: ["orders.returnItems"],
  completed: ["orders.complete"],
  expired: ["orders.expire"],
  paid: ["payments.pay", "payments.record", "payments.recordOutcome"],
  declined: ["payments.pay", "payments.record", "payments.recordOutcome"]
}

/** A shop does these by itself: it recovers payments, and expires unpaid orders. */
const byMaintenance: ReadonlyArray<OrderEventName> = ["paid", "declined", "expired"]

/** Returns the order that a step or a payment is about. */
const subjectOf = ({ input }: Call, orderOfPayment: ReadonlyMap<string, string>): string | undefined => {
  if (typeof input === "string") return input.toLowerCase()
  const { orderId, paymentId } = input as { readonly orderId?: string; readonly paymentId?: string }
  return orderId?.toLowerCase() ?? orderOfPayment.get(paymentId?.toLowerCase() ?? "")
}

/** What was refused has not happened. */
export const refusal = (evidence: Evidence, { orders }: FinalState): ReadonlyArray<Finding> => {
  const payments = orders.flatMap((found) => found.payments)
  const orderOfPayment = new Map<string, string>(payments.map(({ id, orderId }) => [id, orderId]))
  const steps = groupBy(
    evidence.calls.filter(({ outcome }) => outcome !== "fail"),
    (call) => canonical([call.method, subjectOf(call, orderOfPayment), exact(actorOf(call))])
  )
  return [
    ...excess(
      orders.map(({ order }) => ({ id: order.id, request: orderRequest(order) })),
      observedOrders(evidence),
      groupBy(evidence.of("orders.place"), ({ input }) => orderRequest(input))
    ),
    ...excess(
      payments.map((payment) => ({ id: payment.id, request: paymentRequest(payment) })),
      new Set(paymentObservations(evidence).map(({ id }) => id)),
      groupBy(evidence.of("payments.pay", "payments.record"), ({ input }) => paymentRequest(input))
    ),
    ...orders.flatMap(({ order, events }) =>
      events.flatMap(({ event, actor }): ReadonlyArray<Finding> => {
        const methods = causes[event]
        if (methods === undefined || (actor === systemActor && byMaintenance.includes(event))) return []
        const isAsked = methods.some((method) => steps.has(canonical([method, order.id, exact(actor)])))
        const detail = `It was ${event} by ${actor}, and no such call was answered with success or is unknown`
        return isAsked ? [] : [{ rule: "refusal", id: order.id, detail }]
      })
    )
  ]
}
