import { Result } from "effect"
import { type Advanced, noteMoney } from "../orders/AdvanceOrder.ts"
import type { MoneyEvent } from "../orders/Lifecycle.ts"
import type { Order } from "../orders/Order.ts"
import type { Attribution } from "../shared/Attribution.ts"
import type { Outcome, Payment } from "./Payment.ts"
import type { PaymentOperation } from "./PaymentOperation.ts"
import { withRefunded } from "./Refund.ts"
import { captured, released } from "./SettlePayment.ts"

/** What a gateway answers to an operation. `reference` is its name for the operation. */
export interface OperationAnswer {
  readonly outcome: Outcome
  readonly reference?: string | undefined
}

/** Result of `settleOperation`: the operation, its payment, and the transition of the order, or `null` if the order stays as it is. */
export interface SettledOperation {
  readonly operation: PaymentOperation
  readonly payment: Payment
  readonly advanced: Advanced | null
}

const events = { refund: "refunded", chargeback: "charged-back" } as const
const reversals = { refund: "refund-failed", chargeback: "chargeback-reversed" } as const

/** An operation belongs to an order that was charged, so a refused event is a defect. */
const note = (order: Order, event: MoneyEvent, operation: PaymentOperation, attribution: Attribution) =>
  Result.getOrThrow(noteMoney(order, event, attribution, operation))

/** Gives back what a refund has reserved. A chargeback reserves nothing. */
const unreserved = ({ kind, amount }: PaymentOperation, payment: Payment): Payment =>
  kind === "refund" ? withRefunded(payment, -amount.amount) : payment

const settlePending = (
  operation: PaymentOperation,
  payment: Payment,
  order: Order,
  attribution: Attribution
): Omit<SettledOperation, "operation"> => {
  const { kind, status, amount } = operation
  const isDone = status === "APPROVED"
  switch (kind) {
    case "capture":
      if (isDone) return captured(payment, order, amount, attribution)
      return status === "DECLINED" ? released(payment, order, attribution) : { payment, advanced: null }
    case "void":
      return isDone ? released(payment, order, attribution) : { payment, advanced: null }
    case "refund":
    case "chargeback":
      return isDone
        ? { payment, advanced: note(order, events[kind], operation, attribution) }
        : { payment: unreserved(operation, payment), advanced: null }
  }
}

/**
 * Applies the outcome of an operation to the operation, its payment and its order.
 *
 * A settled operation stays as it is: the gateway's second word is ignored. The only exception is money that comes back: an approved
 * refund that fails later, and a chargeback that the bank reverses, are taken back once by `DECLINED`.
 *
 * A declined capture ends its authorization, and the order can be paid again. After a cancelled one the authorization stays.
 */
export const settleOperation = (
  operation: PaymentOperation,
  payment: Payment,
  order: Order,
  answer: Outcome | OperationAnswer,
  attribution: Attribution
): SettledOperation => {
  const { outcome, reference }: OperationAnswer = typeof answer === "string" ? { outcome: answer } : answer
  const { kind, status } = operation
  const settled = { ...operation, status: outcome, ...(reference !== undefined && { reference }) }
  if (status === "PENDING") {
    return { operation: settled, ...settlePending(settled, payment, order, attribution) }
  }
  const comesBack =
    status === "APPROVED" && outcome === "DECLINED" && (kind === "refund" || kind === "chargeback")
  return comesBack
    ? {
        operation: settled,
        payment: unreserved(operation, payment),
        advanced: note(order, reversals[kind], operation, attribution)
      }
    : { operation, payment, advanced: null }
}
