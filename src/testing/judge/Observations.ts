import { lifecycle, type OrderStatus } from "../../domain/orders/Lifecycle.ts"
import type { Order } from "../../domain/orders/Order.ts"
import type { Payment } from "../../domain/payments/Payment.ts"
import type { Call, Json } from "./Calls.ts"
import { type Evidence, isAnswered } from "./Evidence.ts"

/** What an answer says of an order or of a payment. */
export interface Observation<A> {
  readonly id: string
  /** 0 if it does not exist. A payment has version 1 until it is settled, then 2. */
  readonly version: number
  /** The least version of an order of its status. Absent if the answer shows no status. */
  readonly leastVersion?: number
  /** Whether the answer shows the status only: parts and stages are versions of the same status. */
  readonly isStatusOnly?: boolean
  /** Absent if the answer shows no more than the version. */
  readonly value?: A
  /** Whether the answer is of the time of the call. A replay is of the time of the first call with its key. */
  readonly current: boolean
  readonly call: Call
}

export type OrderObservation = Observation<Json<Order>>
export type PaymentObservation = Observation<Json<Payment>>

/** Number of the events that lead to a status. */
const versionIn = (status: OrderStatus): number => {
  const step = lifecycle.find(({ to }) => to === status)
  return step === undefined || step.from === null ? 1 : 1 + versionIn(step.from)
}

const isUnkeyed = ({ options }: Call): boolean => options.idempotencyKey === undefined

/** Returns what the answers show of orders, pages of the feed excepted. */
const directObservations = ({ calls, of }: Evidence): ReadonlyArray<OrderObservation> => {
  const seen = (call: Call, value: Json<Order>, current: boolean): OrderObservation => ({
    id: value.id,
    version: value.version,
    leastVersion: versionIn(value.status),
    value,
    current,
    call
  })
  const known = (call: Call, { orderId: id, orderStatus }: Json<Payment>, current: boolean) => ({
    id,
    version: versionIn(orderStatus),
    leastVersion: versionIn(orderStatus),
    isStatusOnly: true,
    current,
    call
  })
  return [
    ...of("orders.place")
      .filter(isAnswered)
      .map((call) => seen(call, call.value, false)),
    ...of("orders.ship", "orders.cancel", "orders.returnItems", "orders.complete", "orders.expire")
      .filter(isAnswered)
      .map((call) => seen(call, call.value, isUnkeyed(call))),
    ...of("orders.get")
      .filter(isAnswered)
      .map((call) => seen(call, call.value, true)),
    ...of("orders.list")
      .filter(isAnswered)
      .flatMap((call) => call.value.items.map((order) => seen(call, order, true))),
    ...of("orders.history")
      .filter(isAnswered)
      .map((call) => ({ id: call.input.toLowerCase(), version: call.value.length, current: true, call })),
    ...of("payments.pay", "payments.record", "payments.recordOutcome")
      .filter(isAnswered)
      .map((call) => known(call, call.value, isUnkeyed(call))),
    ...of("payments.list")
      .filter(isAnswered)
      .flatMap((call) => call.value.map((payment) => known(call, payment, true))),
    ...calls
      .filter(({ error }) => error._tag === "OrderNotFound")
      .map((call) => ({ id: String(call.error.orderId), version: 0, current: true, call }))
  ]
}

/** Returns the ids of all orders that an answer shows. The feed shows those of everyone, so its pages do not count. */
export const observedOrders = (evidence: Evidence): ReadonlySet<string> =>
  new Set(directObservations(evidence).flatMap(({ id, version }) => (version > 0 ? [id] : [])))

/** Returns what the answers show of orders. */
export const orderObservations = (evidence: Evidence): ReadonlyArray<OrderObservation> => {
  const own = observedOrders(evidence)
  const fed = evidence.answered("orders.feed").flatMap((call) =>
    call.value.map(({ orderId: id, sequence: version, to }) => ({
      id,
      version,
      leastVersion: versionIn(to),
      current: false,
      call
    }))
  )
  return [...directObservations(evidence), ...fed.filter(({ id }) => own.has(id))]
}

/** Returns what the answers show of payments. A replayed payment has its present status. */
export const paymentObservations = ({ of }: Evidence): ReadonlyArray<PaymentObservation> => {
  const seen = (call: Call, value: Json<Payment>): PaymentObservation => ({
    id: value.id,
    version: value.status === "PENDING" ? 1 : 2,
    value,
    current: true,
    call
  })
  return [
    ...of("payments.pay", "payments.record", "payments.recordOutcome")
      .filter(isAnswered)
      .map((call) => seen(call, call.value)),
    ...of("payments.list")
      .filter(isAnswered)
      .flatMap((call) => call.value.map((payment) => seen(call, payment)))
  ]
}
