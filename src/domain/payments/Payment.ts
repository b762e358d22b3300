import { Result, Schema } from "effect"
import { currentTotal } from "../fulfilment/CurrentTotal.ts"
import { OrderStatus } from "../orders/Lifecycle.ts"
import { type Order, PaymentInProgress } from "../orders/Order.ts"
import { OrderId, PaymentId } from "../shared/Ids.ts"
import { Instant } from "../shared/Instant.ts"
import { StoredMoney } from "../shared/Money.ts"
import { Name, StoredText, Text } from "../shared/Text.ts"

/**
 * Status of a payment. `PENDING` until the outcome is known. `AUTHORIZED`: the gateway holds the amount, and has not charged it yet.
 * Only an `APPROVED` payment was charged. `CANCELLED` is also what becomes of an authorization that ends without a capture.
 */
export const PaymentStatus = Schema.Literals(["PENDING", "AUTHORIZED", "APPROVED", "DECLINED", "CANCELLED"])
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

const ActionText = Text(4000).check(Schema.isMinLength(1, { expected: "1 to 4,000 characters" }))

/**
 * What the customer has to do before the gateway decides, as for 3-D Secure: open a URL, or confirm in the gateway's own form with a
 * client secret.
 */
export const NextAction = Schema.Union([
  Schema.Struct({ kind: Schema.Literal("redirect"), url: ActionText }),
  Schema.Struct({ kind: Schema.Literal("confirm"), clientSecret: ActionText })
]).annotate({ identifier: "NextAction" })
export type NextAction = typeof NextAction.Type

/** Schema of the gateway's own name for a payment or an operation, 1 to 500 characters. */
export const GatewayReference = Text(500).check(Schema.isMinLength(1, { expected: "1 to 500 characters" }))

/**
 * One attempt to charge an order. `orderStatus` is the current status of the order. `nextAction` is what the customer has to do while the
 * payment is pending. `reference` is the gateway's name for the payment. `authorizedAt` is when the gateway held the amount.
 * `captured` is what was charged of an authorization, absent if all of it. `refunded` is the sum of its refunds, those that are
 * pending included; it is absent if there are none.
 */
export const Payment = Schema.Struct({
  id: PaymentId,
  orderId: OrderId,
  status: PaymentStatus,
  amount: StoredMoney,
  paymentMethod: StoredText,
  createdAt: Instant,
  orderStatus: OrderStatus,
  nextAction: Schema.optionalKey(NextAction),
  reference: Schema.optionalKey(StoredText),
  authorizedAt: Schema.optionalKey(Instant),
  captured: Schema.optionalKey(StoredMoney),
  refunded: Schema.optionalKey(StoredMoney)
}).annotate({ identifier: "Payment" })
export interface Payment extends Schema.Schema.Type<typeof Payment> {}

/** Returns whether a payment may still charge: it is pending, or holds the amount. */
export const isLive = ({ status }: Pick<Payment, "status">): boolean =>
  status === "PENDING" || status === "AUTHORIZED"

/** Returns whether a payment may still charge, or has charged. An order has at most one such payment. */
export const mayHaveCharged = (payment: Pick<Payment, "status">): boolean =>
  isLive(payment) || payment.status === "APPROVED"

/** Returns what a payment has charged, in minor units. */
export const capturedOf = ({ status, amount, captured = amount }: Payment): number =>
  status === "APPROVED" ? captured.amount : 0

/** Request to pay for an order. */
export const PaymentRequest = Schema.Struct({ paymentMethod: PaymentMethod }).annotate({
  identifier: "PaymentRequest"
})

/**
 * Answer of a gateway. `APPROVED`: charged. `DECLINED`: not charged, and the order fails. `CANCELLED`: not
 * charged, and the order can be paid again.
 */
export const Outcome = Schema.Literals(["APPROVED", "DECLINED", "CANCELLED"])
export type Outcome = typeof Outcome.Type

/** A charge that was made without this shop, with its outcome. */
export const PaymentRecord = Schema.Struct({ paymentMethod: PaymentMethod, outcome: Outcome }).annotate({
  identifier: "PaymentRecord"
})

/** What a gateway has said about a payment or an operation. `reference` is the gateway's name for it. */
export const OutcomeRecord = Schema.Struct({
  outcome: Schema.Literals([...Outcome.literals, "AUTHORIZED"]),
  reference: Schema.optional(GatewayReference)
}).annotate({ identifier: "OutcomeRecord" })

/**
 * Answer of a gateway with more than an outcome. `AUTHORIZED`: the amount is held, and charged by a capture. `PENDING`: the customer has
 * to act first. `reference` is the gateway's name for the payment.
 */
export const GatewayAnswer = Schema.Union([
  Schema.Struct(OutcomeRecord.fields),
  Schema.Struct({
    outcome: Schema.Literal("PENDING"),
    nextAction: NextAction,
    reference: Schema.optional(GatewayReference)
  })
])
export type GatewayAnswer = typeof GatewayAnswer.Type

/** What a decline does to the order: it fails, and its units are restocked, or it can be paid again. */
export const AfterDecline = Schema.Literals(["fail", "payable"])
export type AfterDecline = typeof AfterDecline.Type

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
 * Decides whether a payment of the order may begin. `hasPending` says whether the order has a payment that is pending or authorized.
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
