/** The table of the contract: every endpoint that is there, who may use it, and what it answers when all is well. */
import * as Shapes from "./Shapes.ts"

export type Group =
  | "public"
  | "account"
  | "account, service"
  | "owner"
  | "owner, admin"
  | "admin"
  | "admin account"

export interface Endpoint {
  readonly who: Group
  readonly status: number
  readonly body: Shapes.Shape
  /** The address of what was made. */
  readonly location?: RegExp
  /** Some of its requests need the token of an admin. */
  readonly elevates?: true
  /** Takes an `Idempotency-Key`. */
  readonly once?: true
  /** Has an `ETag`, and answers 304 to `If-None-Match`. */
  readonly conditional?: true
  /** A replica may answer it, and it takes a `Commerce-Position`. */
  readonly replicated?: true
}

const created = (body: Shapes.Shape, location: RegExp) => ({ status: 201, body, location })
const done = (body: Shapes.Shape) => ({ status: 200, body })
const nothing = { status: 204, body: Shapes.nothing }
const id = "[0-9a-f-]{36}"
const operation = created(Shapes.PaymentOperation, new RegExp(`^/orders/${id}/payment-operations$`))

export const endpoints = {
  "POST /auth/register": { who: "public", ...created(Shapes.Account, /^\/auth\/me$/) },
  "POST /auth/login": { who: "public", ...done(Shapes.Tokens) },
  "POST /auth/refresh": { who: "public", ...done(Shapes.Tokens) },
  "POST /auth/logout": { who: "public", ...nothing },
  "POST /auth/logout-everywhere": { who: "account", ...nothing },
  "POST /auth/password": { who: "account", ...nothing },
  "GET /auth/me": { who: "account", ...done(Shapes.Account) },
  "POST /auth/password-resets": {
    who: "admin",
    ...created(Shapes.PasswordReset, /^\/auth\/reset-password$/)
  },
  "POST /auth/reset-password": { who: "public", ...nothing },
  "GET /accounts": { who: "admin", ...done(Shapes.pageOf(Shapes.Account)) },
  "GET /accounts/{id}": { who: "admin", ...done(Shapes.Account) },
  "POST /accounts/{id}/disable": { who: "admin", ...done(Shapes.Account) },
  "POST /accounts/{id}/enable": { who: "admin", ...done(Shapes.Account) },
  "POST /service-tokens": { who: "admin account", ...created(Shapes.NewServiceToken, /^\/service-tokens$/) },
  "GET /service-tokens": { who: "admin account", ...done(Shapes.pageOf(Shapes.ServiceToken)) },
  "DELETE /service-tokens/{id}": { who: "admin account", ...nothing },
  "GET /categories": { who: "public", ...done(Shapes.pageOf(Shapes.Category)), replicated: true },
  "POST /categories": { who: "admin", ...created(Shapes.Category, /^\/categories$/) },
  "PATCH /categories/{id}": { who: "admin", ...done(Shapes.Category) },
  "GET /products": {
    who: "public",
    ...done(Shapes.pageOf(Shapes.Product)),
    elevates: true,
    conditional: true,
    replicated: true
  },
  "GET /products/{id}": { who: "public", ...done(Shapes.Product), conditional: true, replicated: true },
  "POST /products": {
    who: "admin",
    ...created(Shapes.Product, new RegExp(`^/products/${id}$`)),
    once: true
  },
  "PATCH /products/{id}": { who: "admin", ...done(Shapes.Product) },
  "POST /products/{id}/stock-adjustments": { who: "admin", ...done(Shapes.Product), once: true },
  "POST /orders": { who: "account", ...created(Shapes.Order, new RegExp(`^/orders/${id}$`)), once: true },
  "GET /orders": {
    who: "account, service",
    ...done(Shapes.pageOf(Shapes.Order)),
    conditional: true,
    replicated: true
  },
  "GET /orders/{id}": { who: "owner, admin", ...done(Shapes.Order), conditional: true },
  "GET /orders/{id}/history": { who: "owner, admin", ...done(Shapes.History) },
  "PATCH /orders/{id}": { who: "admin", ...done(Shapes.Order) },
  "PUT /orders/{id}/stage": { who: "admin", ...done(Shapes.Order), once: true },
  "POST /orders/{id}/shipments": { who: "admin", ...done(Shapes.Order), once: true },
  "POST /orders/{id}/cancellations": { who: "owner, admin", ...done(Shapes.Order), once: true },
  "POST /orders/{id}/returns": { who: "admin", ...done(Shapes.Order), once: true },
  "POST /orders/{id}/expire": { who: "admin", ...done(Shapes.Order) },
  "POST /orders/{id}/payments": {
    who: "owner",
    ...created(Shapes.Payment, new RegExp(`^/orders/${id}/payments$`)),
    once: true
  },
  "GET /orders/{id}/payments": { who: "owner, admin", ...done(Shapes.Payments) },
  "POST /orders/{id}/captures": { who: "admin", ...operation, once: true },
  "POST /orders/{id}/voids": { who: "admin", ...operation, once: true },
  "POST /orders/{id}/refunds": { who: "admin", ...operation, once: true },
  "GET /orders/{id}/refunds": { who: "owner, admin", ...done(Shapes.PaymentOperations) },
  "GET /orders/{id}/refundable": { who: "owner, admin", ...done(Shapes.Refundable) },
  "POST /orders/{id}/payment-operations": { who: "admin", ...operation, once: true },
  "GET /orders/{id}/payment-operations": { who: "owner, admin", ...done(Shapes.PaymentOperations) },
  "POST /orders/{id}/recorded-payments": {
    who: "admin",
    ...created(Shapes.Payment, new RegExp(`^/orders/${id}/payments$`)),
    once: true
  },
  "PUT /payments/{id}/outcome": { who: "admin", ...done(Shapes.Payment), once: true },
  "POST /quotes": { who: "account", ...done(Shapes.Quote) },
  "POST /vouchers": {
    who: "admin",
    ...created(Shapes.Voucher, new RegExp(`^/vouchers/${id}$`)),
    once: true
  },
  "GET /vouchers": { who: "admin", ...done(Shapes.pageOf(Shapes.Voucher)) },
  "GET /vouchers/{id}": { who: "admin", ...done(Shapes.Voucher) },
  "PATCH /vouchers/{id}": { who: "admin", ...done(Shapes.Voucher) },
  "GET /feed": { who: "admin", ...done(Shapes.FeedPage), replicated: true },
  "GET /analytics/summary": { who: "admin", ...done(Shapes.Summary), replicated: true },
  "GET /analytics/sales": { who: "admin", ...done(Shapes.Sales), replicated: true },
  "GET /analytics/top-products": { who: "admin", ...done(Shapes.TopProducts), replicated: true },
  "GET /health/live": { who: "public", ...done(Shapes.Health) },
  "GET /health/ready": { who: "public", ...done(Shapes.Health) }
} as const satisfies Record<string, Endpoint>

export type Call = keyof typeof endpoints
export const calls = Object.keys(endpoints) as ReadonlyArray<Call>

const patterns = calls.map((call) => [call, new RegExp(`^${call.replace("{id}", "[^/]+")}$`)] as const)

/** The row of the table that a request belongs to. */
export const callOf = (method: string, path: string): Call | undefined => {
  const plain = `${method} ${path.split("?")[0]}`
  return patterns.find(([, pattern]) => pattern.test(plain))?.[0]
}
