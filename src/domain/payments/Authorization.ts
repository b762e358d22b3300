import { Result } from "effect"
import { currentTotal } from "../fulfilment/CurrentTotal.ts"
import type { Order } from "../orders/Order.ts"
import { isLive, type Payment } from "./Payment.ts"
import {
  counts,
  type OperationAttempt,
  PaymentNotAuthorized,
  type PaymentOperation,
  type Reserved
} from "./PaymentOperation.ts"

/** Returns the capture or void of an authorization that is pending or approved. There is at most one. */
export const endOf = (
  payment: Payment,
  operations: ReadonlyArray<PaymentOperation>
): PaymentOperation | undefined =>
  operations.find(
    (operation) =>
      operation.paymentId === payment.id &&
      (operation.kind === "capture" || operation.kind === "void") &&
      counts(operation)
  )

/**
 * Returns whether the money of an unpaid order is moving: a payment is pending, or an authorization is being captured or voided. Until the
 * outcome is known, the order cannot be cancelled.
 */
export const isMoving = (
  payments: ReadonlyArray<Payment>,
  operations: ReadonlyArray<PaymentOperation>
): boolean =>
  payments.some(
    (payment) => payment.status === "PENDING" || (isLive(payment) && endOf(payment, operations) !== undefined)
  )

/** Finds the authorization of an order that nothing has ended yet. */
export const openAuthorization = (
  payments: ReadonlyArray<Payment>,
  operations: ReadonlyArray<PaymentOperation>
): Payment | undefined =>
  payments.find((payment) => payment.status === "AUTHORIZED" && endOf(payment, operations) === undefined)

/** Milliseconds between two voids of an authorization that the gateway did not carry out. */
export const voidRetryInterval = 10 * 60 * 1000

/** The authorizations to void by themselves. `heldBefore` is when the amount was held at the latest, absent for those of cancelled orders only. */
export interface VoidFilter {
  readonly heldBefore?: Date | undefined
  /** Only authorizations without a void since then. */
  readonly triedBefore: Date
}

/**
 * Returns whether the maintenance has to void an authorization: its order was cancelled and a void was not carried out, or
 * it is older than wanted. One whose void was declined is left to the gateway's word.
 */
export const isToVoid = (
  order: Pick<Order, "status">,
  payment: Payment,
  operations: ReadonlyArray<PaymentOperation>,
  { heldBefore, triedBefore }: VoidFilter
): boolean => {
  const isOld =
    heldBefore !== undefined && payment.authorizedAt !== undefined && payment.authorizedAt < heldBefore
  if (payment.status !== "AUTHORIZED" || !(order.status === "CANCELLED" || isOld)) return false
  const voids = operations.filter(({ paymentId, kind }) => paymentId === payment.id && kind === "void")
  return (
    endOf(payment, operations) === undefined &&
    voids.every(({ status, createdAt }) => status === "CANCELLED" && createdAt < triedBefore)
  )
}

const reserve = (
  kind: "capture" | "void",
  order: Order,
  payments: ReadonlyArray<Payment>,
  operations: ReadonlyArray<PaymentOperation>,
  { id, at }: OperationAttempt
): Result.Result<Reserved, PaymentNotAuthorized> => {
  const payment = openAuthorization(payments, operations)
  if (payment === undefined) return Result.fail(new PaymentNotAuthorized({ orderId: order.id }))
  const operation: PaymentOperation = {
    id,
    paymentId: payment.id,
    orderId: order.id,
    kind,
    status: "PENDING",
    amount: kind === "capture" ? currentTotal(order) : payment.amount,
    createdAt: at
  }
  return Result.succeed({ operation, payment })
}

/**
 * Decides about the capture of an authorization. It charges what is left of the order, which is never more than was authorized; the gateway
 * releases the rest. Fails with `PaymentNotAuthorized`, also for an order that was cancelled.
 */
export const capture = (
  order: Order,
  payments: ReadonlyArray<Payment>,
  operations: ReadonlyArray<PaymentOperation>,
  attempt: OperationAttempt
): Result.Result<Reserved, PaymentNotAuthorized> =>
  order.status === "CREATED"
    ? reserve("capture", order, payments, operations, attempt)
    : Result.fail(new PaymentNotAuthorized({ orderId: order.id }))

/** Decides about the release of an authorization, also of a cancelled order. Fails with `PaymentNotAuthorized`. */
export const voidAuthorization = (
  order: Order,
  payments: ReadonlyArray<Payment>,
  operations: ReadonlyArray<PaymentOperation>,
  attempt: OperationAttempt
): Result.Result<Reserved, PaymentNotAuthorized> => reserve("void", order, payments, operations, attempt)
