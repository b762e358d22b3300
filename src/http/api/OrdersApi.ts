import { flow, Schema, Struct } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { CancellationRequest, ReturnRequest, ShipmentRequest } from "../../domain/fulfilment/Fulfilment.ts"
import { Stage } from "../../domain/fulfilment/Stage.ts"
import { Order, OrderEvent } from "../../domain/orders/Order.ts"
import { OrderQuery } from "../../domain/orders/OrderListing.ts"
import { OrderRequest } from "../../domain/orders/PlaceOrder.ts"
import { Payment, PaymentRequest } from "../../domain/payments/Payment.ts"
import { Page } from "../../domain/shared/Page.ts"
import { Authorization, RequiredPermission } from "./Authorization.ts"
import { declareConditional } from "./openapi/ConditionalReads.ts"
import {
  AmountOverflow,
  Forbidden,
  IdempotencyKeyReused,
  IllegalStage,
  IllegalTransition,
  InsufficientStock,
  InsufficientUnits,
  InvalidInput,
  MixedCurrencies,
  OrderNotFound,
  OrderNotPayable,
  OrderRefused,
  PaymentInProgress,
  PriceChanged,
  PricingRefused,
  ProductNotFound,
  ProductUnavailable,
  Unavailable,
  VoucherNotValid
} from "./Problems.ts"
import {
  bodyOf,
  createdOnce,
  doneOnce,
  limit,
  maxBody,
  onceHeaders,
  orderPath,
  partOf,
  partQuery
} from "./Request.ts"

const optional = ["codes", "expectedTotal", "metadata"] as const

/** A line of the greatest length in JSON, with a comma. */
const longestLine = '{"productId":"00000000-0000-7000-8000-000000000000","quantity":1000000},'

/** Maximum number of lines: with metadata, total and names, the longest lines fit into a body. */
const maxLines = Math.floor((maxBody - 4096 - 1024) / longestLine.length)

/** JSON has no `undefined`, so optional fields are absent and never `null`. */
export const OrderBody = OrderRequest.mapFields(
  flow(Struct.mapPick(optional, Schema.required), Struct.mapPick(optional, Schema.optionalKey))
)
  .mapFields(
    Struct.evolve({
      items: (items) => items.check(Schema.isMaxLength(maxLines, { expected: `at most ${maxLines} items` }))
    })
  )
  .annotate({ identifier: "OrderRequest" })

/** Problems of placing an order and of quoting it. */
export const placingProblems = [
  InvalidInput,
  ProductNotFound,
  ProductUnavailable,
  MixedCurrencies,
  InsufficientStock,
  AmountOverflow,
  VoucherNotValid,
  PricingRefused,
  PriceChanged,
  Unavailable
] as const

/** Changes of an order that an admin can make. */
const OrderChange = Schema.Struct({ status: Schema.Literals(["SHIPPED", "COMPLETED"]) }).annotate({
  identifier: "OrderChange"
})

/** The stage that an order moves to. */
const StageChange = Schema.Struct({ stage: Stage }).annotate({ identifier: "StageChange" })

export class OrdersApi extends HttpApiGroup.make("orders")
  .add(
    HttpApiEndpoint.post("place", "/", {
      headers: onceHeaders,
      payload: OrderBody,
      success: createdOnce(Order),
      error: [...placingProblems, OrderRefused, IdempotencyKeyReused]
    })
      .annotate(RequiredPermission, "place order")
      .annotate(OpenApi.Summary, "Place an order"),
    HttpApiEndpoint.get("list", "/", {
      query: { ...OrderQuery.fields, limit },
      success: Page(Order).annotate({ identifier: "OrderPage" }),
      error: [InvalidInput, Unavailable]
    })
      .annotate(RequiredPermission, "list orders")
      .annotate(OpenApi.Transform, declareConditional)
      .annotate(OpenApi.Summary, "List orders, newest first")
      .annotate(
        OpenApi.Description,
        "Customers see only their own orders. Only admins may filter by `customerId`."
      ),
    HttpApiEndpoint.get("get", "/:id", {
      ...orderPath,
      success: Order,
      error: [InvalidInput, OrderNotFound, Unavailable]
    })
      .annotate(RequiredPermission, "see order")
      .annotate(OpenApi.Transform, declareConditional)
      .annotate(OpenApi.Summary, "Get an order"),
    HttpApiEndpoint.get("history", "/:id/history", {
      ...orderPath,
      query: partQuery,
      success: partOf(OrderEvent).annotate({ identifier: "OrderHistory" }),
      error: [InvalidInput, OrderNotFound, Unavailable]
    })
      .annotate(RequiredPermission, "see order")
      .annotate(OpenApi.Summary, "Get the history of an order"),
    HttpApiEndpoint.patch("advance", "/:id", {
      ...orderPath,
      payload: OrderChange,
      success: Order,
      error: [InvalidInput, OrderNotFound, IllegalTransition, IllegalStage, OrderRefused, Unavailable]
    })
      .annotate(RequiredPermission, "advance order")
      .annotate(OpenApi.Summary, "Ship or complete an order"),
    HttpApiEndpoint.put("move", "/:id/stage", {
      ...orderPath,
      headers: onceHeaders,
      payload: StageChange,
      success: doneOnce(Order),
      error: [InvalidInput, OrderNotFound, IllegalStage, OrderRefused, IdempotencyKeyReused, Unavailable]
    })
      .annotate(RequiredPermission, "advance order")
      .annotate(OpenApi.Summary, "Move an order to another stage of its status")
      .annotate(OpenApi.Description, "Stages and the moves between them are those of the shop."),
    HttpApiEndpoint.post("ship", "/:id/shipments", {
      ...orderPath,
      headers: onceHeaders,
      payload: bodyOf(ShipmentRequest),
      success: doneOnce(Order),
      error: [
        InvalidInput,
        OrderNotFound,
        IllegalTransition,
        IllegalStage,
        InsufficientUnits,
        OrderRefused,
        IdempotencyKeyReused,
        Unavailable
      ]
    })
      .annotate(RequiredPermission, "advance order")
      .annotate(OpenApi.Summary, "Ship some items of an order, or all that are open")
      .annotate(OpenApi.Description, "The order becomes `SHIPPED` with its last item."),
    HttpApiEndpoint.post("cancel", "/:id/cancellations", {
      ...orderPath,
      headers: onceHeaders,
      payload: bodyOf(CancellationRequest),
      success: doneOnce(Order),
      error: [
        InvalidInput,
        Forbidden,
        OrderNotFound,
        IllegalTransition,
        InsufficientUnits,
        PaymentInProgress,
        OrderRefused,
        IdempotencyKeyReused,
        Unavailable
      ]
    })
      .annotate(RequiredPermission, "cancel order")
      .annotate(OpenApi.Summary, "Cancel an order, or some of its items and fees")
      .annotate(
        OpenApi.Description,
        "Customers may cancel their own unpaid orders as a whole, admins every unit that is not shipped. The units go back into the stock. `refund` also refunds what is due then; only admins may send it. Cancelling an authorized order voids its payment."
      ),
    HttpApiEndpoint.post("returnItems", "/:id/returns", {
      ...orderPath,
      headers: onceHeaders,
      payload: bodyOf(ReturnRequest),
      success: doneOnce(Order),
      error: [
        InvalidInput,
        OrderNotFound,
        IllegalTransition,
        InsufficientUnits,
        OrderRefused,
        IdempotencyKeyReused,
        Unavailable
      ]
    })
      .annotate(RequiredPermission, "advance order")
      .annotate(OpenApi.Summary, "Take back shipped items that have arrived, and fees")
      .annotate(
        OpenApi.Description,
        "`restock` units of an item go back into the stock; it defaults to all."
      ),
    HttpApiEndpoint.post("expire", "/:id/expire", {
      ...orderPath,
      success: Order,
      error: [InvalidInput, OrderNotFound, IllegalTransition, PaymentInProgress, OrderRefused, Unavailable]
    })
      .annotate(RequiredPermission, "advance order")
      .annotate(OpenApi.Summary, "Expire an unpaid order and restock its items"),
    HttpApiEndpoint.post("pay", "/:id/payments", {
      ...orderPath,
      headers: onceHeaders,
      payload: PaymentRequest,
      success: createdOnce(Payment),
      error: [
        InvalidInput,
        Forbidden,
        OrderNotFound,
        OrderNotPayable,
        PaymentInProgress,
        OrderRefused,
        IdempotencyKeyReused,
        Unavailable
      ]
    })
      .annotate(RequiredPermission, "pay order")
      .annotate(OpenApi.Summary, "Pay for an order")
      .annotate(
        OpenApi.Description,
        "A declined payment is a successful response. Its order becomes `FAILED`, unless the shop leaves it payable. `AUTHORIZED`: the amount is held until an admin captures it. `PENDING` with `nextAction`: the customer has to act first."
      ),
    HttpApiEndpoint.get("payments", "/:id/payments", {
      ...orderPath,
      query: partQuery,
      success: partOf(Payment).annotate({ identifier: "Payments" }),
      error: [InvalidInput, OrderNotFound, Unavailable]
    })
      .annotate(RequiredPermission, "see order")
      .annotate(OpenApi.Summary, "List the payments of an order")
  )
  .middleware(Authorization)
  .prefix("/orders")
  .annotate(OpenApi.Title, "Orders")
  .annotate(OpenApi.Description, "Orders, their history and their payments. Customers see only their own.") {}
