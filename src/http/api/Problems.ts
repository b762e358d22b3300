import { Schema } from "effect"
import { HttpApiSchema } from "effect/http-api"
import * as Access from "../../domain/accounts/AccessPolicy.ts"
import * as Account from "../../domain/accounts/Account.ts"
import * as Session from "../../domain/accounts/Session.ts"
import * as Category from "../../domain/catalog/Category.ts"
import * as Product from "../../domain/catalog/Product.ts"
import * as Lifecycle from "../../domain/orders/Lifecycle.ts"
import * as Order from "../../domain/orders/Order.ts"
import * as Placing from "../../domain/orders/PlaceOrder.ts"
import * as Payment from "../../domain/payments/Payment.ts"
import * as Idempotency from "../../domain/shared/Idempotency.ts"
import * as Input from "../../domain/shared/InvalidInput.ts"
import * as Money from "../../domain/shared/Money.ts"
import * as Outage from "../../ports/errors.ts"
import { contentType, problem } from "./Problem.ts"

export const InvalidInput = problem(Input.InvalidInput, {
  status: 400,
  code: "invalid-request",
  title: "Invalid request",
  shows: ["errors"]
})

const unauthenticated = problem(Access.Unauthenticated, {
  status: 401,
  code: "unauthenticated",
  title: "Unauthenticated"
})
/** Asks for a token as RFC 6750 says. */
export const Unauthenticated = Schema.toType(Access.Unauthenticated).pipe(
  HttpApiSchema.encodeToWithHeaders(
    { body: unauthenticated, headers: { "www-authenticate": Schema.String } },
    {
      decode: ({ body }) => body,
      encode: (body) => ({ body, headers: { "www-authenticate": "Bearer" } })
    }
  )
)
export const InvalidCredentials = problem(Account.InvalidCredentials, {
  status: 401,
  code: "invalid-credentials",
  title: "Invalid credentials"
})
export const InvalidRefreshToken = problem(Session.InvalidRefreshToken, {
  status: 401,
  code: "invalid-refresh-token",
  title: "Invalid refresh token"
})
export const Forbidden = problem(Access.Forbidden, { status: 403, code: "forbidden", title: "Forbidden" })

export const ProductNotFound = problem(Product.ProductNotFound, {
  status: 404,
  code: "product-not-found",
  title: "Product not found",
  shows: ["productId"]
})
export const CategoryNotFound = problem(Category.CategoryNotFound, {
  status: 404,
  code: "category-not-found",
  title: "Category not found",
  shows: ["categoryId"]
})
export const OrderNotFound = problem(Order.OrderNotFound, {
  status: 404,
  code: "order-not-found",
  title: "Order not found",
  shows: ["orderId"]
})

export const EmailTaken = problem(Account.EmailTaken, {
  status: 409,
  code: "email-taken",
  title: "Email taken",
  shows: ["email"]
})
export const CategoryNameTaken = problem(Category.CategoryNameTaken, {
  status: 409,
  code: "category-name-taken",
  title: "Category name taken",
  shows: ["name"]
})
export const SkuTaken = problem(Product.SkuTaken, {
  status: 409,
  code: "sku-taken",
  title: "SKU taken",
  shows: ["sku"]
})
export const InsufficientStock = problem(Product.InsufficientStock, {
  status: 409,
  code: "insufficient-stock",
  title: "Insufficient stock",
  shows: ["shortages"]
})
export const ProductUnavailable = problem(Placing.ProductUnavailable, {
  status: 409,
  code: "product-unavailable",
  title: "Product unavailable",
  shows: ["productId"]
})
export const MixedCurrencies = problem(Money.MixedCurrencies, {
  status: 409,
  code: "mixed-currencies",
  title: "Mixed currencies",
  shows: ["currencies"]
})
export const AmountOverflow = problem(Money.AmountOverflow, {
  status: 409,
  code: "amount-overflow",
  title: "Amount overflow"
})
export const PriceChanged = problem(Placing.PriceChanged, {
  status: 409,
  code: "price-changed",
  title: "Price changed",
  shows: ["total"]
})
export const IllegalTransition = problem(Lifecycle.IllegalTransition, {
  status: 409,
  code: "illegal-transition",
  title: "Illegal transition",
  shows: ["orderId", "from", "to"]
})
export const OrderNotPayable = problem(Payment.OrderNotPayable, {
  status: 409,
  code: "order-not-payable",
  title: "Order not payable",
  shows: ["orderId", "orderStatus"]
})
export const PaymentInProgress = problem(Order.PaymentInProgress, {
  status: 409,
  code: "payment-in-progress",
  title: "Payment in progress",
  shows: ["orderId"]
})
export const IdempotencyKeyReused = problem(Idempotency.IdempotencyKeyReused, {
  status: 422,
  code: "idempotency-key-reused",
  title: "Idempotency key reused",
  shows: ["key"]
})

/** Says in `Retry-After` how many seconds to wait. */
export const TooManyRequests = Schema.toType(Access.TooManyRequests).pipe(
  HttpApiSchema.encodeToWithHeaders(
    {
      body: problem(Access.TooManyRequests, {
        status: 429,
        code: "too-many-requests",
        title: "Too many requests",
        hidden: { retryAfter: 0 }
      }),
      headers: { "retry-after": Schema.NumberFromString }
    },
    {
      decode: ({ headers }) => new Access.TooManyRequests({ retryAfter: headers["retry-after"] }),
      encode: (body) => ({ body, headers: { "retry-after": body.retryAfter } })
    }
  )
)

const unavailable = { status: 503, code: "unavailable", title: "Unavailable" }

/** Seconds after which an outage is worth another try. */
const retryAfter = "1"

/** An outage of the store or of the password hasher, with `Retry-After`. */
export const Unavailable = Schema.Union([
  Schema.toType(Outage.StoreUnavailable),
  Schema.toType(Outage.HasherBusy)
]).pipe(
  HttpApiSchema.encodeToWithHeaders(
    {
      body: Schema.Union([
        problem(Outage.StoreUnavailable, {
          ...unavailable,
          hidden: { outcome: "unknown", cause: undefined }
        }),
        problem(Outage.HasherBusy, unavailable)
      ]).pipe(HttpApiSchema.status(unavailable.status), HttpApiSchema.asJson({ contentType })),
      headers: { "retry-after": Schema.String }
    },
    {
      decode: ({ body }) => body,
      encode: (body) => ({ body, headers: { "retry-after": retryAfter } })
    }
  )
)
