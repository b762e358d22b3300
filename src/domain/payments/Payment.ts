import { Result, Schema } from "effect"
import { type Advanced, advance } from "../orders/AdvanceOrder.ts"
import { OrderStatus } from "../orders/Lifecycle.ts"
import { type Order, PaymentInProgress } from "../orders/Order.ts"
import { OrderId, PaymentId } from "../shared/Ids.ts"
import { Money } from "../shared/Money.ts"
import { Name } from "../shared/Text.ts"

/** `PENDING` until its outcome is known; only an `APPROVED` payment was charged. */
export const PaymentStatus = Schema.Literals(["PENDING", "APPROVED", "DECLINED", "CANCELLED"])
export type PaymentStatus = typeof PaymentStatus.Type

/** What the gateway charges: a card token, a mandate, `sim_approve` … */
export const PaymentMethod = Name(200)

/** One attempt to charge an order. `orderStatus` is what the order is now. */
export const Payment = Schema.Struct({
  id: PaymentId,
  orderId: OrderId,
  status: PaymentStatus,
  amount: Money,
  paymentMethod: PaymentMethod,
  createdAt: Schema.Date,
  orderStatus: OrderStatus
}).annotate({ identifier: "Payment" })
export interface Payment extends Schema.Schema.Type<typeof Payment> {}

/** What a customer pays with over HTTP. */
export const PaymentRequest = Schema.Struct({ paymentMethod: PaymentMethod }).annotate({
  identifier: "PaymentRequest"
})

/** What a gateway said: charged, refused by the bank, or definitely not charged and free to be tried again. */
export const Outcome = Schema.Literals(["APPROVED", "DECLINED", "CANCELLED"])
export type Outcome = typeof Outcome.Type

/** Only an order that is `CREATED` can be paid. */
export class OrderNotPayable extends Schema.TaggedError<OrderNotPayable>()("OrderNotPayable", {
  orderId: Schema.String,
  orderStatus: OrderStatus
}) {
  override get message() {
    return `An order that is ${this.orderStatus} cannot be paid`
  }
}

/** No payment has this id. */
export class PaymentNotFound extends Schema.TaggedError<PaymentNotFound>()("PaymentNotFound", {
  paymentId: Schema.String
}) {
  override get message() {
    return `There is no payment ${this.paymentId}`
  }
}

/** The payment has another outcome already. */
export class PaymentSettled extends Schema.TaggedError<PaymentSettled>()("PaymentSettled", {
  paymentId: Schema.String,
  status: PaymentStatus
}) {
  override get message() {
    return `The payment ${this.paymentId} is ${this.status} already`
  }
}

/** Decides whether an order may be charged now. `hasPending`: a payment of it waits for its outcome. */
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
    amount: order.total,
    paymentMethod: attempt.paymentMethod,
    createdAt: attempt.at,
    orderStatus: order.status
  })
}

/** A payment with its outcome, and the step that its order takes because of it. */
export interface Settled {
  readonly payment: Payment
  readonly advanced: Advanced | null
}

const stepFor = { APPROVED: "paid", DECLINED: "declined", CANCELLED: null } as const

/**
 * Decides what an outcome means. A payment that is settled already stays as it is: a gateway may answer twice.
 * While a payment is pending its order cannot leave `CREATED` in any other way, so a refused step is a defect.
 */
export const settle = (
  payment: Payment,
  order: Order,
  outcome: Outcome,
  attribution: { readonly at: Date; readonly actor: string }
): Settled => {
  if (payment.status !== "PENDING") return { payment, advanced: null }
  const step = stepFor[outcome]
  const advanced = step === null ? null : Result.getOrThrow(advance(order, step, attribution))
  return {
    payment: { ...payment, status: outcome, orderStatus: advanced?.order.status ?? order.status },
    advanced
  }
}

/** Decides what a charge means that the host has made itself: a payment that is begun and settled in one. */
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
  Result.map(begin(order, hasPending, attempt), (payment) => settle(payment, order, outcome, attempt))
