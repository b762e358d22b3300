import { Result, Schema } from "effect"
import { currentTotal } from "../fulfilment/CurrentTotal.ts"
import { type Advanced, advance } from "../orders/AdvanceOrder.ts"
import { OrderStatus } from "../orders/Lifecycle.ts"
import { type Order, PaymentInProgress } from "../orders/Order.ts"
import type { Attribution } from "../shared/Attribution.ts"
import { OrderId, PaymentId } from "../shared/Ids.ts"
import { Instant } from "../shared/Instant.ts"
import { StoredMoney } from "../shared/Money.ts"
import { Name, StoredText } from "../shared/Text.ts"

/** Status of a payment. `PENDING` until the outcome is known. Only an `APPROVED` payment was charged. */
export const PaymentStatus = Schema.Literals(["PENDING", "APPROVED", "DECLINED", "CANCELLED"])
export type PaymentStatus = typeof PaymentStatus.Type

/** Schema of a payment method in the gateway's format: a card token, a mandate, `sim_approve`. */
export const PaymentMethod = Name(200)

/**
 * The payment method of an order that comes to 0: it is approved without a gateway. For any other order the gateway decides
 * whether it takes this method.
 */
export const freePaymentMethod = "none"

/** Returns whether the customer owes nothing for what is left of an order, so that it is paid without a gateway. */
export const isFree = (order: Order): boolean => currentTotal(order).amount === 0

/** One attempt to charge an order. `orderStatus` is the current status of the order. */
export const Payment = Schema.Struct({
  id: PaymentId,
  orderId: OrderId,
  status: PaymentStatus,
  amount: StoredMoney,
  paymentMethod: StoredText,
  createdAt: Instant,
  orderStatus: OrderStatus
}).annotate({ identifier: "Payment" })
export interface Payment extends Schema.Schema.Type<typeof Payment> {}

/** Body of POST /orders/:id/payment.  */
export const PaymentRequest = Schema.Struct({ paymentMethod: PaymentMethod }).annotate({
  identifier: "PaymentRequest"
})

/**
 * Answer of a gateway. `APPROVED`: charged. `DECLINED`: not charged, and the order fails. `CANCELLED`: not
 * charged, and the order can be paid again.
 */
export const Outcome = Schema.Literals(["APPROVED", "DECLINED", "CANCELLED"])
export type Outcome = typeof Outcome.Type

/** Refusal: the order is not `CREATED`. */
export class OrderNotPayable extends Schema.TaggedError<OrderNotPayable>()("OrderNotPayable", {
  orderId: Schema.String,
  orderStatus: OrderStatus
}) {
  override get message() {
    return `An order with status ${this.orderStatus} cannot be paid.`
  }
}

/** Refusal: no payment has this id. */
export class PaymentNotFound extends Schema.TaggedError<PaymentNotFound>()("PaymentNotFound", {
  paymentId: Schema.String
}) {
  override get message() {
    return `No payment has the id ${this.paymentId}.`
  }
}

/** Refusal: the payment already has another outcome. */
export class PaymentSettled extends Schema.TaggedError<PaymentSettled>()("PaymentSettled", {
  paymentId: Schema.String,
  status: PaymentStatus
}) {
  override get message() {
    return `The payment ${this.paymentId} is already ${this.status}.`
  }
}

/**
 * Decides whether a payment of the order may begin. `hasPending` says whether the order has a pending payment.
 * Fails with `OrderNotPayable` or `PaymentInProgress`.
 */
export const begin = (
  order: Order,
  hasPending: boolean,
  attempt: { readonly id: PaymentId; readonly paymentMethod: string; readonly at: Date }
): Result.Result<Payment, OrderNotPayable | PaymentInProgress> => {
  if (order.status !== "CREATED") {
    return Result.fail(new OrderNotPayable({ orderId: order.id, orderStatus: order.status }))
  }
  if (hasPending) return Result.fail(new PaymentInProgress({ orderId: order.id }))
  return Result.succeed({
    id: attempt.id,
    orderId: order.id,
    status: "PENDING",
    amount: currentTotal(order),
    paymentMethod: attempt.paymentMethod,
    createdAt: attempt.at,
    orderStatus: order.status
  })
}

/**
 * Result of `settle`: the payment with its outcome, and the transition of its order. `advanced` is `null` if the
 * order stays as it is.
 */
export interface Settled {
  readonly payment: Payment
  readonly advanced: Advanced | null
}

const stepFor = { APPROVED: "paid", DECLINED: "declined", CANCELLED: null } as const

/**
 * Applies the outcome of a payment to the payment and its order.
 *
 * A settled payment stays unchanged, since a gateway may answer twice. Fails with `PaymentSettled` if its outcome is
 * another. A pending payment keeps its order `CREATED`, so a refused step here is a defect.
 */
export const settle = (
  payment: Payment,
  order: Order,
  outcome: Outcome,
  attribution: Attribution
): Result.Result<Settled, PaymentSettled> => {
  const { id: paymentId, status } = payment
  if (status !== "PENDING") {
    return status === outcome
      ? Result.succeed({ payment, advanced: null })
      : Result.fail(new PaymentSettled({ paymentId, status }))
  }
  const step = stepFor[outcome]
  const advanced = step === null ? null : Result.getOrThrow(advance(order, step, attribution))
  return Result.succeed({
    payment: { ...payment, status: outcome, orderStatus: advanced?.order.status ?? order.status },
    advanced
  })
}

/**
 * Decides about a charge that the host has made itself: begins and settles a payment in one step. Fails with
 * `OrderNotPayable` or `PaymentInProgress`.
 */
export const record = (
  order: Order,
  hasPending: boolean,
  attempt: {
    readonly id: PaymentId
    readonly paymentMethod: string
    readonly at: Date
    readonly actor: string
  },
  outcome: Outcome
): Result.Result<Settled, OrderNotPayable | PaymentInProgress> =>
  Result.map(begin(order, hasPending, attempt), (payment) =>
    Result.getOrThrow(settle(payment, order, outcome, attempt))
  )
