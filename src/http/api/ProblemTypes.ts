import type { ProblemType, Shown } from "./Problem.ts"

const unavailable = {
  status: 503,
  code: "unavailable",
  title: "Unavailable",
  shows: ["outcome"]
} as const

/** A member `code` would hide the code of the problem. */
const voucherCode = { code: "voucherCode" } as const

/**
 * How the HTTP API shows each error, by its tag. `shows` names the fields of the error that the document
 * contains, `renames` those that it calls otherwise.
 */
export const problemTypes = {
  InvalidInput: { status: 400, code: "invalid-request", title: "Invalid request", shows: ["errors"] },
  Unauthenticated: { status: 401, code: "unauthenticated", title: "Unauthenticated" },
  InvalidCredentials: { status: 401, code: "invalid-credentials", title: "Invalid credentials" },
  InvalidRefreshToken: { status: 401, code: "invalid-refresh-token", title: "Invalid refresh token" },
  InvalidResetToken: { status: 403, code: "invalid-reset-token", title: "Invalid reset token" },
  WrongPassword: { status: 403, code: "wrong-password", title: "Wrong password" },
  Forbidden: { status: 403, code: "forbidden", title: "Forbidden" },
  ProductNotFound: {
    status: 404,
    code: "product-not-found",
    title: "Product not found",
    shows: ["productId"]
  },
  CategoryNotFound: {
    status: 404,
    code: "category-not-found",
    title: "Category not found",
    shows: ["categoryId"]
  },
  VoucherNotFound: {
    status: 404,
    code: "voucher-not-found",
    title: "Voucher not found",
    shows: ["voucherId"]
  },
  PaymentNotFound: {
    status: 404,
    code: "payment-not-found",
    title: "Payment not found",
    shows: ["paymentId"]
  },
  AccountNotFound: {
    status: 404,
    code: "account-not-found",
    title: "Account not found",
    shows: ["accountId"]
  },
  EmailNotFound: { status: 404, code: "email-not-found", title: "Email not found", shows: ["email"] },
  ServiceTokenNotFound: {
    status: 404,
    code: "service-token-not-found",
    title: "Service token not found",
    shows: ["serviceTokenId"]
  },
  OrderNotFound: { status: 404, code: "order-not-found", title: "Order not found", shows: ["orderId"] },
  EmailTaken: { status: 409, code: "email-taken", title: "Email taken", shows: ["email"] },
  DisableRefused: {
    status: 409,
    code: "disable-refused",
    title: "Disable refused",
    shows: ["accountId", "reason"]
  },
  ServiceTokenNameTaken: {
    status: 409,
    code: "service-token-name-taken",
    title: "Service token name taken",
    shows: ["name"]
  },
  CategoryNameTaken: {
    status: 409,
    code: "category-name-taken",
    title: "Category name taken",
    shows: ["name"]
  },
  SkuTaken: { status: 409, code: "sku-taken", title: "SKU taken", shows: ["sku"] },
  InsufficientStock: {
    status: 409,
    code: "insufficient-stock",
    title: "Insufficient stock",
    shows: ["shortages"]
  },
  InsufficientUnits: {
    status: 409,
    code: "insufficient-units",
    title: "Insufficient units",
    shows: ["items"]
  },
  IllegalStage: {
    status: 409,
    code: "illegal-stage",
    title: "Illegal stage",
    shows: ["orderId", "from", "to"]
  },
  ProductUnavailable: {
    status: 409,
    code: "product-unavailable",
    title: "Product unavailable",
    shows: ["productId"]
  },
  MixedCurrencies: {
    status: 409,
    code: "mixed-currencies",
    title: "Mixed currencies",
    shows: ["currencies"]
  },
  AmountOverflow: { status: 409, code: "amount-overflow", title: "Amount overflow" },
  PriceChanged: { status: 409, code: "price-changed", title: "Price changed", shows: ["total"] },
  VoucherNotValid: {
    status: 409,
    code: "voucher-not-valid",
    title: "Voucher not valid",
    shows: ["code", "reason"],
    renames: voucherCode
  },
  PricingRefused: { status: 409, code: "pricing-refused", title: "Pricing refused", shows: ["reason"] },
  VoucherCodeTaken: {
    status: 409,
    code: "voucher-code-taken",
    title: "Voucher code taken",
    shows: ["code"],
    renames: voucherCode
  },
  OrderRefused: {
    status: 409,
    code: "order-refused",
    title: "Order refused",
    shows: ["orderId", "reason"]
  },
  IllegalTransition: {
    status: 409,
    code: "illegal-transition",
    title: "Illegal transition",
    shows: ["orderId", "from", "to"]
  },
  OrderNotPayable: {
    status: 409,
    code: "order-not-payable",
    title: "Order not payable",
    shows: ["orderId", "orderStatus"]
  },
  PaymentSettled: {
    status: 409,
    code: "payment-settled",
    title: "Payment settled",
    shows: ["paymentId", "status"],
    renames: { status: "paymentStatus" }
  },
  PaymentInProgress: {
    status: 409,
    code: "payment-in-progress",
    title: "Payment in progress",
    shows: ["orderId"]
  },
  PaymentNotAuthorized: {
    status: 409,
    code: "payment-not-authorized",
    title: "Payment not authorized",
    shows: ["orderId"]
  },
  NothingToRefund: {
    status: 409,
    code: "nothing-to-refund",
    title: "Nothing to refund",
    shows: ["orderId"]
  },
  RefundTooLarge: {
    status: 409,
    code: "refund-too-large",
    title: "Refund too large",
    shows: ["orderId", "refundable"]
  },
  PositionUnknown: {
    status: 410,
    code: "position-unknown",
    title: "Position unknown",
    shows: ["position"]
  },
  IdempotencyKeyReused: {
    status: 422,
    code: "idempotency-key-reused",
    title: "Idempotency key reused",
    shows: ["key"]
  },
  TooManyRequests: { status: 429, code: "too-many-requests", title: "Too many requests" },
  StoreUnavailable: unavailable,
  HasherBusy: unavailable
} as const satisfies Record<string, ProblemType & Shown<string>>
