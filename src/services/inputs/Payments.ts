import { Schema } from "effect"
import { Outcome, PaymentMethod } from "../../domain/payments/Payment.ts"
import { OrderId, PaymentId } from "../../domain/shared/Ids.ts"
import { decodeCall } from "./Decode.ts"
import { ChangeFields, type ChangeOptions } from "./Options.ts"

/** Which order to charge, and how. */
export interface PayOrderInput {
  /** The id of the order, a UUID. Fails with `OrderNotFound`, `OrderNotPayable` and `PaymentInProgress`. */
  readonly orderId: string
  /** What the gateway charges: a card token, a mandate; `none` for an order of 0. 1 to 200 characters. Fails with `InvalidInput` if the gateway does not take it. */
  readonly paymentMethod: string
}

/** The outcome of a payment that `pay` has begun. */
export interface RecordOutcomeInput {
  /** The id of the payment, a UUID. Fails with `PaymentNotFound`. */
  readonly paymentId: string
  /**
   * `APPROVED`: charged. `DECLINED`: refused for good, the order fails. `CANCELLED`: not charged, the order can be paid again. Fails
   * with `PaymentSettled` if the payment has another outcome already.
   */
  readonly outcome: Outcome
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
  Schema.Struct({ paymentId: PaymentId, outcome: Outcome }),
  ChangeFields
)
export const decodeRecordPayment = decodeCall<RecordPaymentInput, ChangeOptions>()(
  Schema.Struct({ orderId: OrderId, paymentMethod: PaymentMethod, outcome: Outcome }),
  ChangeFields
)
