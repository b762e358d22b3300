import { flow, Schema, Struct } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { OutcomeRecord, Payment, PaymentRecord } from "../../domain/payments/Payment.ts"
import { OperationRecord, PaymentOperation } from "../../domain/payments/PaymentOperation.ts"
import { Refundable, RefundRequest } from "../../domain/payments/Refund.ts"
import { PaymentId } from "../../domain/shared/Ids.ts"
import { Authorization, RequiredPermission } from "./Authorization.ts"
import {
  IdempotencyKeyReused,
  InvalidInput,
  NothingToRefund,
  OrderNotFound,
  OrderNotPayable,
  OrderRefused,
  PaymentInProgress,
  PaymentNotAuthorized,
  PaymentNotFound,
  PaymentSettled,
  RefundTooLarge,
  Unavailable
} from "./Problems.ts"
import { bodyOf, createdOnce, doneOnce, onceHeaders, orderPath, partOf, partQuery } from "./Request.ts"

const RefundBody = bodyOf(RefundRequest).annotate({ identifier: "RefundRequest" })

const OutcomeBody = OutcomeRecord.mapFields(
  flow(Struct.mapPick(["reference"], Schema.required), Struct.mapPick(["reference"], Schema.optionalKey))
).annotate({ identifier: "OutcomeRecord" })

const RecordBody = OperationRecord.mapFields(
  flow(Struct.mapPick(["reason"], Schema.required), Struct.mapPick(["reason"], Schema.optionalKey))
).annotate({ identifier: "OperationRecord" })

/** All operations that an order has, or the refunds among them. */
const PaymentOperations = partOf(PaymentOperation).annotate({ identifier: "PaymentOperations" })

const endingProblems = [
  InvalidInput,
  OrderNotFound,
  PaymentNotAuthorized,
  IdempotencyKeyReused,
  Unavailable
] as const

const refundProblems = [
  InvalidInput,
  OrderNotFound,
  NothingToRefund,
  RefundTooLarge,
  IdempotencyKeyReused,
  Unavailable
] as const

export class PaymentsApi extends HttpApiGroup.make("payments")
  .add(
    HttpApiEndpoint.post("capture", "/orders/:id/captures", {
      ...orderPath,
      headers: onceHeaders,
      success: createdOnce(PaymentOperation),
      error: endingProblems
    })
      .annotate(RequiredPermission, "manage payments")
      .annotate(OpenApi.Summary, "Capture the authorized payment of an order")
      .annotate(
        OpenApi.Description,
        "Charges the authorized amount, less what was cancelled since, and makes the order `PAID`. `PENDING` means that the gateway has not answered in time: it is asked again."
      ),
    HttpApiEndpoint.post("void", "/orders/:id/voids", {
      ...orderPath,
      headers: onceHeaders,
      success: createdOnce(PaymentOperation),
      error: endingProblems
    })
      .annotate(RequiredPermission, "manage payments")
      .annotate(OpenApi.Summary, "Void the authorized payment of an order")
      .annotate(
        OpenApi.Description,
        "Releases the authorized amount. The order can be paid again. A cancellation of the whole order does so by itself."
      ),
    HttpApiEndpoint.post("refund", "/orders/:id/refunds", {
      ...orderPath,
      headers: onceHeaders,
      payload: RefundBody,
      success: createdOnce(PaymentOperation),
      error: refundProblems
    })
      .annotate(RequiredPermission, "manage payments")
      .annotate(OpenApi.Summary, "Refund what is due, or any amount that is refundable")
      .annotate(
        OpenApi.Description,
        "`amount` defaults to what is due after cancellations and returns. A refund changes neither units nor the status of the order."
      ),
    HttpApiEndpoint.get("refunds", "/orders/:id/refunds", {
      ...orderPath,
      query: partQuery,
      success: PaymentOperations,
      error: [InvalidInput, OrderNotFound, Unavailable]
    })
      .annotate(RequiredPermission, "see order")
      .annotate(OpenApi.Summary, "List the refunds of an order"),
    HttpApiEndpoint.get("refundable", "/orders/:id/refundable", {
      ...orderPath,
      success: Refundable,
      error: [InvalidInput, OrderNotFound, Unavailable]
    })
      .annotate(RequiredPermission, "see order")
      .annotate(
        OpenApi.Summary,
        "Get what was charged and refunded of an order, what is due, and what is refundable"
      ),
    HttpApiEndpoint.post("recordOperation", "/orders/:id/payment-operations", {
      ...orderPath,
      headers: onceHeaders,
      payload: RecordBody,
      success: createdOnce(PaymentOperation),
      error: [...refundProblems, OrderRefused]
    })
      .annotate(RequiredPermission, "manage payments")
      .annotate(OpenApi.Summary, "Record a chargeback, or a refund that was made elsewhere")
      .annotate(OpenApi.Description, "Asks no gateway: the money has moved already."),
    HttpApiEndpoint.get("operations", "/orders/:id/payment-operations", {
      ...orderPath,
      query: partQuery,
      success: PaymentOperations,
      error: [InvalidInput, OrderNotFound, Unavailable]
    })
      .annotate(RequiredPermission, "see order")
      .annotate(
        OpenApi.Summary,
        "List the captures, voids, refunds and chargebacks of an order, oldest first"
      )
  )
  .add(
    HttpApiEndpoint.post("recordPayment", "/orders/:id/recorded-payments", {
      ...orderPath,
      headers: onceHeaders,
      payload: PaymentRecord,
      success: createdOnce(Payment),
      error: [
        InvalidInput,
        OrderNotFound,
        OrderNotPayable,
        PaymentInProgress,
        OrderRefused,
        IdempotencyKeyReused,
        Unavailable
      ]
    })
      .annotate(RequiredPermission, "manage payments")
      .annotate(OpenApi.Summary, "Record a charge that the shop has made itself")
      .annotate(
        OpenApi.Description,
        "Asks no gateway. `APPROVED` makes the order `PAID`. With an `Idempotency-Key` it is recorded once."
      ),
    HttpApiEndpoint.put("recordOutcome", "/payments/:id/outcome", {
      params: { id: PaymentId },
      headers: onceHeaders,
      payload: OutcomeBody,
      success: doneOnce(Payment),
      error: [InvalidInput, PaymentNotFound, PaymentSettled, OrderRefused, IdempotencyKeyReused, Unavailable]
    })
      .annotate(RequiredPermission, "manage payments")
      .annotate(OpenApi.Summary, "Record what a gateway has said about a payment or an operation")
      .annotate(
        OpenApi.Description,
        "`id` names a payment, or a capture, void or refund, whose payment is the answer. The same outcome again changes nothing."
      )
  )
  .middleware(Authorization)
  .annotate(OpenApi.Title, "Payments")
  .annotate(
    OpenApi.Description,
    "Money that moves after an order was paid or authorized, and what the shop has charged itself. Only admins move and record it."
  ) {}
