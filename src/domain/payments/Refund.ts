import { Result, Schema } from "effect"
import { currentTotal } from "../fulfilment/CurrentTotal.ts"
import { revenueTreatment } from "../orders/Lifecycle.ts"
import type { Order } from "../orders/Order.ts"
import type { OrderId } from "../shared/Ids.ts"
import { type InvalidInput, invalidAt } from "../shared/InvalidInput.ts"
import { type Money, PositiveMoney, StoredMoney } from "../shared/Money.ts"
import { capturedOf, type Payment } from "./Payment.ts"
import {
  counts,
  NothingToRefund,
  type OperationAttempt,
  OperationReason,
  type PaymentOperation,
  RefundTooLarge,
  type Reserved
} from "./PaymentOperation.ts"

/**
 * The money of an order. `captured` was charged. `refunded` went back, and `pending` is on its way. `chargedBack` is what the bank took; it is
 * absent if it took nothing. `due` is what the shop owes the customer. `refundable` is the most that can still be refunded.
 */
export const Refundable = Schema.Struct({
  captured: StoredMoney,
  refunded: StoredMoney,
  pending: StoredMoney,
  chargedBack: Schema.optionalKey(StoredMoney),
  due: StoredMoney,
  refundable: StoredMoney
}).annotate({ identifier: "Refundable" })
export interface Refundable extends Schema.Schema.Type<typeof Refundable> {}

/** What the customer has to pay for the order as it is: nothing if it is unpaid, failed or cancelled. */
const owedFor = (order: Order): number =>
  revenueTreatment[order.status] === "nothing" ? 0 : currentTotal(order).amount

const sumOf = (operations: ReadonlyArray<PaymentOperation>): number =>
  operations.reduce((sum, { amount }) => sum + amount.amount, 0)

/** Returns the payment of an order that was charged. There is at most one. */
export const chargedPayment = (payments: ReadonlyArray<Payment>): Payment | undefined =>
  payments.find(({ status }) => status === "APPROVED")

/** Adds up the money of an order. A pending refund counts as refunded, so that nothing is refunded twice. */
export const refundableOf = (
  order: Order,
  payments: ReadonlyArray<Payment>,
  operations: ReadonlyArray<PaymentOperation>
): Refundable => {
  const payment = chargedPayment(payments)
  const own = operations.filter(({ paymentId }) => paymentId === payment?.id)
  const refunds = own.filter(({ kind }) => kind === "refund")
  const captured = payment === undefined ? 0 : capturedOf(payment)
  const refunded = sumOf(refunds.filter(({ status }) => status === "APPROVED"))
  const pending = sumOf(refunds.filter(({ status }) => status === "PENDING"))
  const chargedBack = sumOf(own.filter((operation) => operation.kind === "chargeback" && counts(operation)))
  const left = Math.max(0, captured - refunded - pending - chargedBack)
  const money = (amount: number): Money => ({ amount, currency: order.total.currency })
  return {
    captured: money(captured),
    refunded: money(refunded),
    pending: money(pending),
    ...(chargedBack > 0 && { chargedBack: money(chargedBack) }),
    due: money(Math.max(0, left - owedFor(order))),
    refundable: money(left)
  }
}

/** A refund. `amount` defaults to what is due. */
export const RefundRequest = Schema.Struct({
  amount: Schema.optional(PositiveMoney),
  reason: Schema.optional(OperationReason)
}).annotate({ identifier: "RefundRequest" })
export interface RefundRequest extends Schema.Schema.Type<typeof RefundRequest> {}

const pendingOperation = (
  kind: "refund" | "chargeback",
  orderId: OrderId,
  payment: Payment,
  { amount, reason }: { readonly amount: Money; readonly reason?: string | undefined },
  { id, at }: OperationAttempt
): PaymentOperation => ({
  id,
  paymentId: payment.id,
  orderId,
  kind,
  status: "PENDING",
  amount,
  ...(reason !== undefined && { reason }),
  createdAt: at
})

/** Returns a payment with its refunds changed by an amount in minor units. Without refunds it has no sum of them. */
export const withRefunded = ({ refunded, ...payment }: Payment, change: number): Payment => {
  const amount = (refunded?.amount ?? 0) + change
  return amount === 0 ? payment : { ...payment, refunded: { amount, currency: payment.amount.currency } }
}

/**
 * Decides about a refund, and reserves its amount. It may exceed what is due, as goodwill does.
 *
 * Fails with `NothingToRefund`, with `RefundTooLarge`, and with `InvalidInput` for another currency than that of the order.
 */
export const refund = (
  order: Order,
  payments: ReadonlyArray<Payment>,
  operations: ReadonlyArray<PaymentOperation>,
  { amount, reason }: RefundRequest,
  attempt: OperationAttempt
): Result.Result<Reserved, NothingToRefund | RefundTooLarge | InvalidInput> => {
  const orderId = order.id
  const payment = chargedPayment(payments)
  const { due, refundable } = refundableOf(order, payments, operations)
  const wanted = amount ?? due
  if (wanted.currency !== refundable.currency) {
    return Result.fail(invalidAt("/amount/currency", `Expected ${refundable.currency}`))
  }
  if (payment === undefined || refundable.amount === 0 || wanted.amount === 0) {
    return Result.fail(new NothingToRefund({ orderId }))
  }
  if (wanted.amount > refundable.amount) return Result.fail(new RefundTooLarge({ orderId, refundable }))
  return Result.succeed({
    operation: pendingOperation("refund", orderId, payment, { amount: wanted, reason }, attempt),
    payment: withRefunded(payment, wanted.amount)
  })
}

/**
 * Decides about a chargeback. Its amount is what the bank says, whatever was refunded. Fails with `NothingToRefund` if nothing was
 * charged, and with `InvalidInput` for another currency than that of the order, or if all chargebacks together exceed 2^53 − 1.
 */
export const chargeback = (
  order: Order,
  payments: ReadonlyArray<Payment>,
  operations: ReadonlyArray<PaymentOperation>,
  request: RefundRequest & { readonly amount: Money },
  attempt: OperationAttempt
): Result.Result<Reserved, NothingToRefund | InvalidInput> => {
  const payment = chargedPayment(payments)
  if (request.amount.currency !== order.total.currency) {
    return Result.fail(invalidAt("/amount/currency", `Expected ${order.total.currency}`))
  }
  // A larger sum would be rounded, and could not be answered.
  const most = Number.MAX_SAFE_INTEGER - (refundableOf(order, payments, operations).chargedBack?.amount ?? 0)
  if (request.amount.amount > most) {
    return Result.fail(invalidAt("/amount/amount", `Expected at most ${most}`))
  }
  return payment === undefined
    ? Result.fail(new NothingToRefund({ orderId: order.id }))
    : Result.succeed({
        operation: pendingOperation("chargeback", order.id, payment, request, attempt),
        payment
      })
}
