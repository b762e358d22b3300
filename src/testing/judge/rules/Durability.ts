import type { Order } from "../../../domain/orders/Order.ts"
import type { Json } from "../Calls.ts"
import { canonical, type Evidence, exact, groupBy } from "../Evidence.ts"
import type { FinalOrder, FinalState } from "../FinalState.ts"
import type { Finding } from "../Finding.ts"
import {
  type OrderObservation,
  orderObservations,
  type PaymentObservation,
  paymentObservations
} from "../Observations.ts"

const lost = (id: string, detail: string): Finding => ({ rule: "durability", id, detail })

/** What an order keeps for its whole life. */
const contents = ({ customerId, items, total, metadata, createdAt }: Json<Order>) =>
  canonical({ customer: exact(customerId), items, total, metadata, createdAt })

const faultOfOrder = (
  { call, version, value }: OrderObservation,
  found: FinalOrder | undefined
): string | undefined => {
  if (found === undefined) return `${call.name} showed it, and it does not exist`
  const { order, events } = found
  if (order.version < version)
    return `${call.name} showed version ${version}, and it has version ${order.version}`
  if (value === undefined) return undefined
  if (contents(order) !== contents(value)) return `${call.name} showed other contents than it has`
  const event = events[version - 1]
  const isKept = event !== undefined && event.to === value.status && event.at === value.updatedAt
  return isKept
    ? undefined
    : `${call.name} showed version ${version} as ${value.status}, and its history does not`
}

const faultOfPayment = (
  { call, value }: PaymentObservation,
  found: FinalOrder["payments"][number] | undefined
): string | undefined => {
  if (value === undefined) return undefined
  if (found === undefined) return `${call.name} showed it, and it does not exist`
  const fixed = ({ orderId, amount, paymentMethod, createdAt }: typeof value) =>
    canonical({ orderId, amount, paymentMethod, createdAt })
  if (fixed(found) !== fixed(value)) return `${call.name} showed other contents than it has`
  return value.status === "PENDING" || value.status === found.status
    ? undefined
    : `${call.name} showed it as ${value.status}, and it is ${found.status}`
}

/** Returns the first fault of each id. */
const firstFaults = <A extends { readonly id: string }>(
  observations: Iterable<A>,
  faultOf: (observation: A) => string | undefined
): ReadonlyArray<Finding> =>
  Array.from(
    groupBy(observations, ({ id }) => id),
    ([id, own]) => {
      const fault = own
        .values()
        .map(faultOf)
        .find((fault) => fault !== undefined)
      return fault === undefined ? [] : [lost(id, fault)]
    }
  ).flat()

/** What was answered with success is there. */
export const durability = (evidence: Evidence, final: FinalState): ReadonlyArray<Finding> => {
  const orders = new Map(final.orders.map((found) => [found.order.id as string, found]))
  const payments = new Map(
    final.orders.flatMap((found) => found.payments).map((payment) => [payment.id as string, payment])
  )
  const products = new Set<string>(final.products.map(({ id }) => id))
  const accounts = new Map(final.accounts?.map((account) => [account.id as string, account]))
  return [
    ...firstFaults(
      orderObservations(evidence).filter(({ version }) => version > 0),
      (observation) => faultOfOrder(observation, orders.get(observation.id))
    ),
    ...firstFaults(paymentObservations(evidence), (observation) =>
      faultOfPayment(observation, payments.get(observation.id))
    ),
    ...firstFaults(
      evidence
        .answered("catalog.createProduct", "catalog.adjustStock", "catalog.changeProduct")
        .map((call) => ({ id: call.value.id as string, call })),
      ({ id, call }) => (products.has(id) ? undefined : `${call.name} showed it, and it does not exist`)
    ),
    ...firstFaults(
      evidence.answered("accounts.register").map((call) => ({ id: call.value.id as string, call })),
      ({ id, call }) =>
        final.accounts === null || canonical(accounts.get(id)) === canonical(call.value)
          ? undefined
          : `${call.name} registered it, and it does not exist like this`
    )
  ]
}
