import { Arbitrary, Result } from "effect"
import type { Order } from "../../domain/orders/Order.ts"
import { begin, type Outcome, type Payment } from "../../domain/payments/Payment.ts"
import { settle } from "../../domain/payments/SettlePayment.ts"
import { PaymentId } from "../../domain/shared/Ids.ts"
import { attribution, createdOrder } from "./Orders.ts"
import { name, time } from "./Texts.ts"
import { type Gen, maybe, oneOf, pick } from "./Values.ts"

export const outcome: Gen<Outcome> = pick(["APPROVED", "DECLINED", "CANCELLED"])

export const paymentMethod: Gen<string> = oneOf([pick(["sim_approve", "sim_decline"]), name(200)])

/** Generates a pending payment with its order. */
export const pendingPayment: Gen<{ readonly payment: Payment; readonly order: Order }> = Arbitrary.map(
  Arbitrary.all({ order: createdOrder, id: Arbitrary.schema(PaymentId), paymentMethod, at: time }),
  ({ order, ...attempt }) => ({ order, payment: Result.getOrThrow(begin(order, false, attempt)) })
)

/** Generates payments in every status, made by `begin` and `settle`. */
export const payment: Gen<Payment> = Arbitrary.map(
  Arbitrary.all([pendingPayment, maybe(outcome), attribution]),
  ([{ payment, order }, outcome, attribution]) =>
    outcome === undefined ? payment : Result.getOrThrow(settle(payment, order, outcome, attribution)).payment
)
