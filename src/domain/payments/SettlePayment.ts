import { Result } from "effect"
import { currentTotal } from "../fulfilment/CurrentTotal.ts"
import { type Advanced, advance, noteMoney } from "../orders/AdvanceOrder.ts"
import type { Order, PaymentInProgress } from "../orders/Order.ts"
import type { Attribution } from "../shared/Attribution.ts"
import type { PaymentId } from "../shared/Ids.ts"
import type { Money } from "../shared/Money.ts"
import {
  type AfterDecline,
  begin,
  type GatewayAnswer,
  type OrderNotPayable,
  type Outcome,
  type Payment,
  PaymentSettled
} from "./Payment.ts"
import type { PaymentOperation } from "./PaymentOperation.ts"

/**
 * Result of `settle`: the payment with its outcome, and the transition of its order. `advanced` is `null` if the
 * order stays as it is. `operation` is the capture or void that ends with it.
 */
export interface Settled {
  readonly payment: Payment
  readonly advanced: Advanced | null
  readonly operation?: PaymentOperation
}

/** What decides, besides the payment and its order, about the outcome of a payment. */
export interface SettleFacts {
  /** What a decline does to the order. Defaults to `fail`. */
  readonly afterDecline?: AfterDecline | undefined
  /** Whether another payment of the order is pending, authorized or approved. It matters to an approval that comes late. Defaults to false. */
  readonly hasOther?: boolean | undefined
  /** The capture or void of the payment that is pending or approved. */
  readonly end?: PaymentOperation | undefined
}

const withStatus = (
  { nextAction: _, ...payment }: Payment,
  status: Payment["status"],
  order: Order
): Payment => ({ ...payment, status, orderStatus: order.status })

/** Applies a step of the order that its payment makes legal. A refusal is a defect. */
const stepOf = (order: Order, step: "paid" | "declined", attribution: Attribution): Advanced =>
  Result.getOrThrow(advance(order, step, attribution))

/** Money of an order that is neither paid with it nor refused: it is due back. */
const chargeLate = (order: Order, amount: Money, attribution: Attribution): Advanced =>
  Result.getOrThrow(noteMoney(order, "charged-late", attribution, { amount }))

/** An order that can still be paid is paid. A charge of any other order is due back. */
const chargeOf = (order: Order, amount: Money, attribution: Attribution): Advanced =>
  order.status === "CREATED" ? stepOf(order, "paid", attribution) : chargeLate(order, amount, attribution)

const settlePending = (
  payment: Payment,
  order: Order,
  outcome: GatewayAnswer["outcome"],
  attribution: Attribution,
  afterDecline: AfterDecline
): Settled => {
  switch (outcome) {
    case "PENDING":
      return { payment, advanced: null }
    case "AUTHORIZED": {
      const { amount } = payment
      const advanced = Result.getOrThrow(noteMoney(order, "authorized", attribution, { amount }))
      return {
        payment: {
          ...withStatus(payment, "AUTHORIZED", advanced.order),
          authorizedAt: attribution.at
        },
        advanced
      }
    }
    case "APPROVED": {
      const advanced = stepOf(order, "paid", attribution)
      return { payment: withStatus(payment, "APPROVED", advanced.order), advanced }
    }
    case "DECLINED": {
      const advanced = afterDecline === "fail" ? stepOf(order, "declined", attribution) : null
      return { payment: withStatus(payment, "DECLINED", advanced?.order ?? order), advanced }
    }
    case "CANCELLED":
      return { payment: withStatus(payment, "CANCELLED", order), advanced: null }
  }
}

/** Charges an authorization, all of it or less. */
export const captured = (
  payment: Payment,
  order: Order,
  amount: Money,
  attribution: Attribution
): { readonly payment: Payment; readonly advanced: Advanced } => {
  const advanced = chargeOf(order, amount, attribution)
  const approved = withStatus(payment, "APPROVED", advanced.order)
  return {
    payment: amount.amount === payment.amount.amount ? approved : { ...approved, captured: amount },
    advanced
  }
}

/** Ends an authorization without a charge. An unpaid order can be paid again. */
export const released = (
  payment: Payment,
  order: Order,
  attribution: Attribution
): { readonly payment: Payment; readonly advanced: Advanced } => {
  const { amount } = payment
  const advanced = Result.getOrThrow(noteMoney(order, "authorization-voided", attribution, { amount }))
  return { payment: withStatus(payment, "CANCELLED", advanced.order), advanced }
}

/** What the gateway says of an authorization also ends the capture or void that was asked for. */
const settleAuthorized = (
  payment: Payment,
  order: Order,
  outcome: GatewayAnswer["outcome"],
  attribution: Attribution,
  end: PaymentOperation | undefined
): Settled => {
  if (outcome === "PENDING" || outcome === "AUTHORIZED") return { payment, advanced: null }
  const isCharged = outcome === "APPROVED"
  const settled = isCharged
    ? captured(payment, order, end?.kind === "capture" ? end.amount : payment.amount, attribution)
    : released(payment, order, attribution)
  if (end === undefined) return settled
  const isDone = isCharged === (end.kind === "capture")
  return { ...settled, operation: { ...end, status: isDone ? "APPROVED" : "DECLINED" } }
}

/** Whether a gateway only repeats what is known, or an earlier answer comes late. */
const saysNothingNew = ({ status, authorizedAt }: Payment, outcome: GatewayAnswer["outcome"]): boolean => {
  if (outcome === status || outcome === "PENDING") return true
  if (outcome === "AUTHORIZED") return status === "APPROVED" || authorizedAt !== undefined
  return status === "CANCELLED" && outcome === "DECLINED" && authorizedAt !== undefined
}

/**
 * Applies an answer of the gateway to the payment and its order.
 *
 * A settled payment stays unchanged, since a gateway may answer twice. An approval after a decline or a cancellation is money that was
 * charged: it pays an order that is `CREATED`, and is due back if the order has failed, expired or been cancelled meanwhile. The order
 * follows the first outcome: one that a decline has failed stays failed. Any other contradiction fails with `PaymentSettled`: an outcome
 * after an approval, a cancellation after a decline, and an approval while another payment of the order counts. A pending payment keeps
 * its order `CREATED`, so a refused step here is a defect.
 */
export const settle = (
  payment: Payment,
  order: Order,
  answer: Outcome | GatewayAnswer,
  attribution: Attribution,
  { afterDecline = "fail", hasOther = false, end }: SettleFacts = {}
): Result.Result<Settled, PaymentSettled> => {
  const { outcome, reference }: Pick<GatewayAnswer, "outcome" | "reference"> =
    typeof answer === "string" ? { outcome: answer } : answer
  const known = reference === undefined ? payment : { ...payment, reference }
  const { id: paymentId, status } = payment
  if (status === "PENDING") {
    const waiting =
      typeof answer === "object" && answer.outcome === "PENDING"
        ? { ...known, nextAction: answer.nextAction }
        : known
    return Result.succeed(settlePending(waiting, order, outcome, attribution, afterDecline))
  }
  if (status === "AUTHORIZED")
    return Result.succeed(settleAuthorized(known, order, outcome, attribution, end))
  if (saysNothingNew(payment, outcome)) return Result.succeed({ payment, advanced: null })
  // Only an approved payment is charged already. Every other one is charged late.
  if (outcome !== "APPROVED" || hasOther) {
    return Result.fail(new PaymentSettled({ paymentId, status }))
  }
  const late = captured(known, order, payment.amount, attribution)
  // The gateway has charged in spite of the void, which therefore did not happen.
  return Result.succeed(end === undefined ? late : { ...late, operation: { ...end, status: "DECLINED" } })
}

/**
 * Decides about a charge that the host has made itself: begins and settles a payment in one step. `hasLive` says whether a payment of
 * the order is pending, authorized or approved.
 *
 * A charge of an order that has failed, expired or been cancelled meanwhile is recorded, and is due back. Fails with
 * `PaymentInProgress`, or with `OrderNotPayable`: the order is paid, such a charge was recorded before, or nothing was charged.
 */
export const record = (
  order: Order,
  hasLive: boolean,
  attempt: {
    readonly id: PaymentId
    readonly paymentMethod: string
    readonly at: Date
    readonly actor: string
  },
  outcome: Outcome,
  facts: Pick<SettleFacts, "afterDecline"> = {}
): Result.Result<Settled, OrderNotPayable | PaymentInProgress> => {
  const hasEnded = order.status === "FAILED" || order.status === "CANCELLED"
  if (hasEnded && outcome === "APPROVED" && !hasLive) {
    const { status: orderStatus } = order
    // A failed order was to be charged for what was left of it. Of a cancelled one nothing is left.
    const amount = orderStatus === "FAILED" ? currentTotal(order) : order.total
    const { id, paymentMethod, at: createdAt } = attempt
    const payment: Payment = {
      id,
      orderId: order.id,
      status: "APPROVED",
      amount,
      paymentMethod,
      createdAt,
      orderStatus
    }
    return Result.succeed({ payment, advanced: chargeLate(order, amount, attempt) })
  }
  return Result.map(begin(order, hasLive, attempt), (payment) =>
    Result.getOrThrow(settle(payment, order, outcome, attempt, facts))
  )
}
