import { Result } from "effect"
import { type Fulfilment, type FulfilmentRefusal, fulfil } from "../fulfilment/Fulfilment.ts"
import type { Advanced } from "../orders/AdvanceOrder.ts"
import type { Order } from "../orders/Order.ts"
import type { Attribution } from "../shared/Attribution.ts"
import type { OperationId } from "../shared/Ids.ts"
import { isMoving, voidAuthorization } from "./Authorization.ts"
import type { Payment } from "./Payment.ts"
import type { PaymentOperation, Reserved } from "./PaymentOperation.ts"
import { refund } from "./Refund.ts"

/** Who changes the units of an order, when, and the id of the payment operation that a cancellation may begin. */
export interface FulfilmentAttempt extends Attribution {
  readonly operationId: OperationId
  /** Until when no other caller leases the operation. Defaults to no time. */
  readonly leasedUntil?: Date | undefined
}

/** Result of `fulfilWithMoney`: the transition, and the payment operation that begins with it. */
export interface Fulfilled extends Advanced {
  readonly reserved: Reserved | null
}

/**
 * Ships, cancels or takes back units of an order. An order that is cancelled as a whole voids its authorization. A cancellation with
 * `refund` refunds what is due then, if anything is. Fails with a `FulfilmentRefusal`.
 */
export const fulfilWithMoney = (
  order: Order,
  fulfilment: Fulfilment,
  payments: ReadonlyArray<Payment>,
  operations: ReadonlyArray<PaymentOperation>,
  { operationId: id, at, actor }: FulfilmentAttempt
): Result.Result<Fulfilled, FulfilmentRefusal> =>
  Result.map(fulfil(order, fulfilment, isMoving(payments, operations), { at, actor }), (advanced) => {
    const attempt = { id, at }
    const reserve = () => {
      if (fulfilment.kind !== "cancel") return null
      const release =
        advanced.order.status === "CANCELLED"
          ? Result.getOrNull(voidAuthorization(advanced.order, payments, operations, attempt))
          : null
      if (release !== null || fulfilment.request.refund !== true) return release
      const { reason } = fulfilment.request
      return Result.getOrNull(refund(advanced.order, payments, operations, { reason }, attempt))
    }
    return { ...advanced, reserved: reserve() }
  })
