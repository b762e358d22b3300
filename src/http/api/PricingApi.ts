import { flow, Schema, Struct } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { Quote } from "../../domain/orders/PlaceOrder.ts"
import { newVoucherFields, Voucher, VoucherChange, VoucherQuery } from "../../domain/pricing/Voucher.ts"
import { VoucherId } from "../../domain/shared/Ids.ts"
import { Page } from "../../domain/shared/Page.ts"
import { Authorization, RequiredPermission } from "./Authorization.ts"
import { OrderBody, placingProblems } from "./OrdersApi.ts"
import {
  IdempotencyKeyReused,
  InvalidInput,
  Unavailable,
  VoucherCodeTaken,
  VoucherNotFound
} from "./Problems.ts"
import { createdOnce, limit, onceHeaders, Timestamp } from "./Request.ts"

const voucherPath = { params: { id: VoucherId } }

const absent = flow(Struct.map(Schema.required), Struct.map(Schema.optionalKey))
const { code, name, startsAt: _, endsAt: __, ...others } = newVoucherFields

// JSON has no `undefined`, so optional fields are absent. `null` is a value.
const VoucherBody = Schema.Struct({
  code,
  name,
  ...absent(others),
  startsAt: Schema.optionalKey(Timestamp),
  endsAt: Schema.optionalKey(Timestamp)
}).annotate({ identifier: "NewVoucher" })

const ChangeBody = Schema.Struct({
  ...absent(Struct.omit(VoucherChange.fields, ["startsAt", "endsAt"])),
  startsAt: Schema.optionalKey(Schema.NullOr(Timestamp)),
  endsAt: Schema.optionalKey(Schema.NullOr(Timestamp))
}).annotate({ identifier: "VoucherChange" })

export class PricingApi extends HttpApiGroup.make("pricing")
  .add(
    HttpApiEndpoint.post("quote", "/quotes", {
      payload: OrderBody,
      success: Quote,
      error: placingProblems
    })
      .annotate(RequiredPermission, "place order")
      .annotate(OpenApi.Summary, "Quote an order")
      .annotate(
        OpenApi.Description,
        "Returns what placing the same order would make of it now, and stores nothing. Place it with this `total` as `expectedTotal`."
      ),
    HttpApiEndpoint.post("createVoucher", "/vouchers", {
      headers: onceHeaders,
      payload: VoucherBody,
      success: createdOnce(Voucher),
      error: [InvalidInput, VoucherCodeTaken, IdempotencyKeyReused, Unavailable]
    })
      .annotate(RequiredPermission, "manage vouchers")
      .annotate(OpenApi.Summary, "Create a voucher"),
    HttpApiEndpoint.get("vouchers", "/vouchers", {
      query: { ...VoucherQuery.fields, limit },
      success: Page(Voucher).annotate({ identifier: "VoucherPage" }),
      error: [InvalidInput, Unavailable]
    })
      .annotate(RequiredPermission, "manage vouchers")
      .annotate(OpenApi.Summary, "List vouchers, newest first"),
    HttpApiEndpoint.get("voucher", "/vouchers/:id", {
      ...voucherPath,
      success: Voucher,
      error: [InvalidInput, VoucherNotFound, Unavailable]
    })
      .annotate(RequiredPermission, "manage vouchers")
      .annotate(OpenApi.Summary, "Get a voucher"),
    HttpApiEndpoint.patch("changeVoucher", "/vouchers/:id", {
      ...voucherPath,
      payload: ChangeBody,
      success: Voucher,
      error: [InvalidInput, VoucherNotFound, Unavailable]
    })
      .annotate(RequiredPermission, "manage vouchers")
      .annotate(OpenApi.Summary, "Change a voucher")
  )
  .middleware(Authorization)
  .annotate(OpenApi.Title, "Pricing")
  .annotate(OpenApi.Description, "Quotes of orders, and vouchers, which only admins manage.") {}
