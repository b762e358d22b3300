import { Schema } from "effect"
import { OperationId, OrderId, PaymentId } from "../shared/Ids.ts"
import { Instant } from "../shared/Instant.ts"
import { PositiveMoney, StoredMoney } from "../shared/Money.ts"
import { Name, StoredText } from "../shared/Text.ts"
import type { Payment } from "./Payment.ts"

/**
 * Kind of a payment operation. `capture` charges an authorization, and `void` releases it. `refund` returns money. `chargeback` is money
 * that the bank has taken back.
 */
export const OperationKind = Schema.Literals(["capture", "void", "refund", "chargeback"])
export type OperationKind = typeof OperationKind.Type

/**
 * Status of a payment operation. `PENDING` until its outcome is known. `DECLINED`: refused for good. `CANCELLED`: not done, and it can be
 * tried again.
 */
export const OperationStatus = Schema.Literals(["PENDING", "APPROVED", "DECLINED", "CANCELLED"])
export type OperationStatus = typeof OperationStatus.Type

/** Why money is returned: 1 to 500 characters. */
export const OperationReason = Name(500)

/** Money that moves after an order was paid or authorized. `reference` is the gateway's name for the operation. */
export const PaymentOperation = Schema.Struct({
  id: OperationId,
  paymentId: PaymentId,
  orderId: OrderId,
  kind: OperationKind,
  status: OperationStatus,
  amount: StoredMoney,
  reason: Schema.optionalKey(StoredText),
  reference: Schema.optionalKey(StoredText),
  createdAt: Instant
}).annotate({ identifier: "PaymentOperation" })
export interface PaymentOperation extends Schema.Schema.Type<typeof PaymentOperation> {}

/**
 * How long a gateway is asked about a payment or an operation without an outcome, in milliseconds: 20 hours. Gateways keep idempotency
 * keys for about a day, and could move the money a second time after that.
 */
export const askedFor = 20 * 60 * 60 * 1000

/**
 * Money that has moved without this shop. `refund`: the shop has returned money by other means. `chargeback`: the bank has taken money
 * back.
 */
export const OperationRecord = Schema.Struct({
  kind: Schema.Literals(["refund", "chargeback"]),
  amount: PositiveMoney,
  reason: Schema.optional(OperationReason)
}).annotate({ identifier: "OperationRecord" })
export interface OperationRecord extends Schema.Schema.Type<typeof OperationRecord> {}

/** An operation that is about to begin. */
export interface OperationAttempt {
  readonly id: OperationId
  readonly at: Date
}

/** A pending operation that is stored before the gateway is asked, and its payment with what the operation reserves. */
export interface Reserved {
  readonly operation: PaymentOperation
  readonly payment: Payment
}

/** Returns whether an operation counts: it is pending or approved. */
export const counts = ({ status }: Pick<PaymentOperation, "status">): boolean =>
  status === "PENDING" || status === "APPROVED"

/** Refusal: no payment operation has this id. */
export class OperationNotFound extends Schema.TaggedError<OperationNotFound>()("OperationNotFound", {
  operationId: Schema.String
}) {
  override get message() {
    return `No payment operation has the id ${this.operationId}.`
  }
}

/** Refusal: the order has no authorization that is still to be captured or voided. */
export class PaymentNotAuthorized extends Schema.TaggedError<PaymentNotAuthorized>()("PaymentNotAuthorized", {
  orderId: Schema.String
}) {
  override get message() {
    return "The order has no authorization that can be captured or voided."
  }
}

/** Refusal: the order has nothing to refund. Nothing was charged, all was returned, or nothing is due. */
export class NothingToRefund extends Schema.TaggedError<NothingToRefund>()("NothingToRefund", {
  orderId: Schema.String
}) {
  override get message() {
    return "The order has nothing to refund."
  }
}

/** Refusal: the refund exceeds what was charged and not returned yet. `refundable` is what is left. */
export class RefundTooLarge extends Schema.TaggedError<RefundTooLarge>()("RefundTooLarge", {
  orderId: Schema.String,
  refundable: StoredMoney
}) {
  override get message() {
    return `At most ${this.refundable.amount} minor units of ${this.refundable.currency} can be refunded.`
  }
}
