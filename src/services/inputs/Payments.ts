import { Schema } from "effect"
import { type Outcome, OutcomeRecord, PaymentMethod, PaymentRecord } from "../../domain/payments/Payment.ts"
import { OperationRecord } from "../../domain/payments/PaymentOperation.ts"
import { RefundRequest } from "../../domain/payments/Refund.ts"
import { OrderId, PaymentId } from "../../domain/shared/Ids.ts"
import type { Money } from "../../domain/shared/Money.ts"
import { decodeCall } from "./Decode.ts"
import { ChangeFields, type ChangeOptions } from "./Options.ts"

/** Which order to charge, and how. */
export interface PayOrderInput {
  /** The id of the order, a UUID. Fails with `OrderNotFound`, `OrderNotPayable` and `PaymentInProgress`. */
  readonly orderId: string
  /** What the gateway charges: a card token, a mandate; `none` for an order of 0. 1 to 200 characters. Fails with `InvalidInput` if the gateway does not take it. */
  readonly paymentMethod: string
}

/** What a gateway has said about a payment, or about an operation. */
export interface RecordOutcomeInput {
  /** The id of the payment, or of the operation, a UUID. Fails with `PaymentNotFound`. */
  readonly paymentId: string
  /**
   * `APPROVED`: charged, or done. `DECLINED`: refused for good; an order fails, and an approved refund has failed. `CANCELLED`: not
   * charged, the order can be paid again, or not done. `AUTHORIZED`: held. Fails with `PaymentSettled` if the payment has another
   * outcome already, and with `InvalidInput` for an operation that is `AUTHORIZED`.
   */
  readonly outcome: Outcome | "AUTHORIZED"
  /** The gateway's name for the payment or the operation, 1 to 500 characters. Defaults to what is known. */
  readonly reference?: string | undefined
}

/** The options of a refund. */
export interface RefundOptions extends ChangeOptions {
  /**
   * How much to refund, in the currency of the order. Defaults to what is due. Fails with `RefundTooLarge`, `NothingToRefund`, and
   * `InvalidInput`.
   */
  readonly amount?: Money | undefined
  /** Why, 1 to 500 characters. Defaults to none. Fails with `InvalidInput`. */
  readonly reason?: string | undefined
}

/** Money that has moved without this shop. */
export interface RecordOperationInput {
  /** The id of the order, a UUID. Fails with `OrderNotFound`. */
  readonly orderId: string
  /** `refund`: the host has returned money itself. `chargeback`: the bank has taken money back. */
  readonly kind: "refund" | "chargeback"
  /** How much, in the currency of the order. Fails with `RefundTooLarge` for a refund, `NothingToRefund`, and `InvalidInput`. */
  readonly amount: Money
  /** Why, 1 to 500 characters. Defaults to none. Fails with `InvalidInput`. */
  readonly reason?: string | undefined
}

/** A charge that the host has made itself. */
export interface RecordPaymentInput {
  /** The id of the order, a UUID. Fails with `OrderNotFound`, `OrderNotPayable` and `PaymentInProgress`. */
  readonly orderId: string
  /** What was charged. 1 to 200 characters. Fails with `InvalidInput`. */
  readonly paymentMethod: string
  /** `APPROVED`: charged. `DECLINED`: refused for good, the order fails. `CANCELLED`: not charged, the order can be paid again. */
  readonly outcome: Outcome
}

export const decodePayOrder = decodeCall<PayOrderInput, ChangeOptions>()(
  Schema.Struct({ orderId: OrderId, paymentMethod: PaymentMethod }),
  ChangeFields
)
export const decodeRecordOutcome = decodeCall<RecordOutcomeInput, ChangeOptions>()(
  Schema.Struct({ paymentId: PaymentId, ...OutcomeRecord.fields }),
  ChangeFields
)
export const decodeOperation = decodeCall<{ readonly orderId: string }, ChangeOptions>()(
  Schema.Struct({ orderId: OrderId }),
  ChangeFields
)
export const decodeRefund = decodeCall<{ readonly orderId: string }, RefundOptions>()(
  Schema.Struct({ orderId: OrderId }),
  Schema.Struct({ ...RefundRequest.fields, ...ChangeFields.fields })
)
export const decodeRecordOperation = decodeCall<RecordOperationInput, ChangeOptions>()(
  Schema.Struct({ orderId: OrderId, ...OperationRecord.fields }),
  ChangeFields
)
export const decodeRecordPayment = decodeCall<RecordPaymentInput, ChangeOptions>()(
  Schema.Struct({ orderId: OrderId, ...PaymentRecord.fields }),
  ChangeFields
)
