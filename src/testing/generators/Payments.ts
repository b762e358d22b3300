import { Arbitrary, Result } from "effect"
import type { Order } from "../../domain/orders/Order.ts"
import { capture, voidAuthorization } from "../../domain/payments/Authorization.ts"
import {
  AfterDecline,
  begin,
  type GatewayAnswer,
  type NextAction,
  type Outcome,
  type Payment
} from "../../domain/payments/Payment.ts"
import {
  OperationKind,
  type OperationRecord,
  OperationStatus,
  type PaymentOperation,
  type Reserved
} from "../../domain/payments/PaymentOperation.ts"
import {
  chargeback,
  type Refundable,
  type RefundRequest,
  refund,
  refundableOf
} from "../../domain/payments/Refund.ts"
import { type SettledOperation, settleOperation } from "../../domain/payments/SettleOperation.ts"
import { settle } from "../../domain/payments/SettlePayment.ts"
import { OperationId, PaymentId } from "../../domain/shared/Ids.ts"
import { positiveMoney } from "./Catalog.ts"
import { attribution, createdOrder } from "./Orders.ts"
import { name, time } from "./Texts.ts"
import { type Gen, int, maybe, oneOf, partial, pick, struct } from "./Values.ts"

export const outcome: Gen<Outcome> = pick(["APPROVED", "DECLINED", "CANCELLED"])

export const paymentMethod: Gen<string> = oneOf([pick(["sim_approve", "sim_decline"]), name(200)])

export const gatewayReference: Gen<string> = name(500)
export const nextAction: Gen<NextAction> = oneOf<NextAction>([
  struct({ kind: pick(["redirect"]), url: name(4000) }),
  struct({ kind: pick(["confirm"]), clientSecret: name(4000) })
])
export const afterDecline: Gen<AfterDecline> = pick(AfterDecline.literals)

/** Generates what a gateway says: an outcome, an authorization, or what the customer has to do. */
export const gatewayAnswer: Gen<GatewayAnswer> = oneOf<GatewayAnswer>([
  struct({
    outcome: pick(["APPROVED", "DECLINED", "CANCELLED", "AUTHORIZED"]),
    reference: maybe(gatewayReference)
  }),
  struct({ outcome: pick(["PENDING"]), nextAction, reference: maybe(gatewayReference) })
])

/** Generates a pending payment with its order. */
export const pendingPayment: Gen<{ readonly payment: Payment; readonly order: Order }> = Arbitrary.map(
  Arbitrary.all({ order: createdOrder, id: Arbitrary.schema(PaymentId), paymentMethod, at: time }),
  ({ order, ...attempt }) => ({ order, payment: Result.getOrThrow(begin(order, false, attempt)) })
)

/** Generates payments in every status, made by `begin` and `settle`. */
export const payment: Gen<Payment> = Arbitrary.map(
  Arbitrary.all([
    pendingPayment,
    maybe(oneOf<Outcome | GatewayAnswer>([outcome, gatewayAnswer])),
    attribution
  ]),
  ([{ payment, order }, answer, attribution]) =>
    answer === undefined ? payment : Result.getOrThrow(settle(payment, order, answer, attribution)).payment
)

export const operationKind: Gen<OperationKind> = pick(OperationKind.literals)
export const operationStatus: Gen<OperationStatus> = pick(OperationStatus.literals)
export const operationReason: Gen<string> = name(500)

export const refundRequest: Gen<RefundRequest> = partial<RefundRequest>({
  amount: maybe(positiveMoney),
  reason: maybe(operationReason)
})

export const operationRecord: Gen<OperationRecord> = Arbitrary.map(
  Arbitrary.all({
    kind: pick(["refund", "chargeback"]),
    amount: positiveMoney,
    reason: maybe(operationReason)
  }),
  ({ reason, ...record }) => (reason === undefined ? record : { ...record, reason })
)

/** Generates an operation that is pending or settled, with its payment and its order. */
export const settledOperation: Gen<SettledOperation & { readonly order: Order }> = Arbitrary.map(
  Arbitrary.all({
    pending: pendingPayment,
    kind: operationKind,
    id: Arbitrary.schema(OperationId),
    amount: int(1, 1000),
    reason: maybe(operationReason),
    outcome: maybe(outcome),
    attribution
  }),
  ({ pending, kind, id, amount: minor, reason, outcome, attribution }) => {
    const isHeld = kind === "capture" || kind === "void"
    const total = { ...pending.payment.amount, amount: Math.max(pending.payment.amount.amount, minor) }
    const first = { ...pending.payment, amount: total }
    const answer = { outcome: isHeld ? "AUTHORIZED" : "APPROVED" } as const
    const { payment, advanced } = Result.getOrThrow(settle(first, pending.order, answer, attribution))
    const order = advanced?.order ?? pending.order
    const attempt = { id, at: attribution.at }
    const amount = { ...total, amount: minor }
    const decide: Record<OperationKind, () => Result.Result<Reserved, unknown>> = {
      capture: () => capture(order, [payment], [], attempt),
      void: () => voidAuthorization(order, [payment], [], attempt),
      refund: () => refund(order, [payment], [], { amount, reason }, attempt),
      chargeback: () => chargeback(order, [payment], [], { amount, reason }, attempt)
    }
    const made = Result.getOrThrow(decide[kind]())
    return {
      order,
      ...(outcome === undefined
        ? { ...made, advanced: null }
        : settleOperation(made.operation, made.payment, order, outcome, attribution))
    }
  }
)

export const paymentOperation: Gen<PaymentOperation> = Arbitrary.map(
  settledOperation,
  ({ operation }) => operation
)

export const refundable: Gen<Refundable> = Arbitrary.map(
  settledOperation,
  ({ order, advanced, payment, operation }) => refundableOf(advanced?.order ?? order, [payment], [operation])
)
