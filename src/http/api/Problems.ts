import { Schema } from "effect"
import { HttpApiSchema } from "effect/http-api"
import * as Access from "../../domain/accounts/AccessPolicy.ts"
import * as Account from "../../domain/accounts/Account.ts"
import * as Reset from "../../domain/accounts/PasswordReset.ts"
import * as ServiceToken from "../../domain/accounts/ServiceToken.ts"
import * as Session from "../../domain/accounts/Session.ts"
import * as Category from "../../domain/catalog/Category.ts"
import * as Product from "../../domain/catalog/Product.ts"
import * as Stage from "../../domain/fulfilment/Stage.ts"
import * as Units from "../../domain/fulfilment/Units.ts"
import * as Feed from "../../domain/orders/Feed.ts"
import * as Lifecycle from "../../domain/orders/Lifecycle.ts"
import * as Order from "../../domain/orders/Order.ts"
import * as Change from "../../domain/orders/OrderChange.ts"
import * as Placing from "../../domain/orders/PlaceOrder.ts"
import * as Payment from "../../domain/payments/Payment.ts"
import * as Operation from "../../domain/payments/PaymentOperation.ts"
import * as Pricing from "../../domain/pricing/Pricing.ts"
import * as Voucher from "../../domain/pricing/Voucher.ts"
import * as Idempotency from "../../domain/shared/Idempotency.ts"
import * as Input from "../../domain/shared/InvalidInput.ts"
import * as Money from "../../domain/shared/Money.ts"
import * as Outage from "../../ports/errors.ts"
import { contentType, problem } from "./Problem.ts"
import { problemTypes as types } from "./ProblemTypes.ts"

export const InvalidInput = problem(Input.InvalidInput, types.InvalidInput)

/** Asks for a token as RFC 6750 says. */
export const Unauthenticated = Schema.toType(Access.Unauthenticated).pipe(
  HttpApiSchema.encodeToWithHeaders(
    {
      body: problem(Access.Unauthenticated, types.Unauthenticated),
      headers: { "www-authenticate": Schema.String }
    },
    {
      decode: ({ body }) => body,
      encode: (body) => ({ body, headers: { "www-authenticate": "Bearer" } })
    }
  )
)
export const InvalidCredentials = problem(Account.InvalidCredentials, types.InvalidCredentials)
export const WrongPassword = problem(Account.WrongPassword, types.WrongPassword)
export const InvalidRefreshToken = problem(Session.InvalidRefreshToken, types.InvalidRefreshToken)
export const InvalidResetToken = problem(Reset.InvalidResetToken, types.InvalidResetToken)
export const Forbidden = problem(Access.Forbidden, types.Forbidden)

export const ProductNotFound = problem(Product.ProductNotFound, types.ProductNotFound)
export const CategoryNotFound = problem(Category.CategoryNotFound, types.CategoryNotFound)
export const VoucherNotFound = problem(Voucher.VoucherNotFound, types.VoucherNotFound)
export const AccountNotFound = problem(Account.AccountNotFound, types.AccountNotFound)
export const EmailNotFound = problem(Reset.EmailNotFound, types.EmailNotFound)
export const ServiceTokenNotFound = problem(ServiceToken.ServiceTokenNotFound, types.ServiceTokenNotFound)
export const OrderNotFound = problem(Order.OrderNotFound, types.OrderNotFound)

export const PositionUnknown = problem(Feed.PositionUnknown, types.PositionUnknown)

export const EmailTaken = problem(Account.EmailTaken, types.EmailTaken)
export const DisableRefused = problem(Account.DisableRefused, types.DisableRefused)
export const ServiceTokenNameTaken = problem(ServiceToken.ServiceTokenNameTaken, types.ServiceTokenNameTaken)
export const CategoryNameTaken = problem(Category.CategoryNameTaken, types.CategoryNameTaken)
export const SkuTaken = problem(Product.SkuTaken, types.SkuTaken)
export const InsufficientStock = problem(Product.InsufficientStock, types.InsufficientStock)
export const InsufficientUnits = problem(Units.InsufficientUnits, types.InsufficientUnits)
export const IllegalStage = problem(Stage.IllegalStage, types.IllegalStage)
export const ProductUnavailable = problem(Placing.ProductUnavailable, types.ProductUnavailable)
export const MixedCurrencies = problem(Money.MixedCurrencies, types.MixedCurrencies)
export const AmountOverflow = problem(Money.AmountOverflow, types.AmountOverflow)
export const PriceChanged = problem(Placing.PriceChanged, types.PriceChanged)
export const VoucherNotValid = problem(Voucher.VoucherNotValid, types.VoucherNotValid)
export const PricingRefused = problem(Pricing.PricingRefused, types.PricingRefused)
export const VoucherCodeTaken = problem(Voucher.VoucherCodeTaken, types.VoucherCodeTaken)
export const OrderRefused = problem(Change.OrderRefused, types.OrderRefused)
export const IllegalTransition = problem(Lifecycle.IllegalTransition, types.IllegalTransition)
export const OrderNotPayable = problem(Payment.OrderNotPayable, types.OrderNotPayable)
export const PaymentInProgress = problem(Order.PaymentInProgress, types.PaymentInProgress)
export const PaymentNotFound = problem(Payment.PaymentNotFound, types.PaymentNotFound)
export const PaymentSettled = problem(Payment.PaymentSettled, types.PaymentSettled)
export const PaymentNotAuthorized = problem(Operation.PaymentNotAuthorized, types.PaymentNotAuthorized)
export const NothingToRefund = problem(Operation.NothingToRefund, types.NothingToRefund)
export const RefundTooLarge = problem(Operation.RefundTooLarge, types.RefundTooLarge)
export const IdempotencyKeyReused = problem(Idempotency.IdempotencyKeyReused, types.IdempotencyKeyReused)

/** Says in `Retry-After` how many seconds to wait. */
export const TooManyRequests = Schema.toType(Access.TooManyRequests).pipe(
  HttpApiSchema.encodeToWithHeaders(
    {
      body: problem(Access.TooManyRequests, types.TooManyRequests, { retryAfter: 0 }),
      headers: { "retry-after": Schema.NumberFromString }
    },
    {
      decode: ({ headers }) => new Access.TooManyRequests({ retryAfter: headers["retry-after"] }),
      encode: (body) => ({ body, headers: { "retry-after": body.retryAfter } })
    }
  )
)

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
        problem(Outage.StoreUnavailable, types.StoreUnavailable, { cause: undefined }),
        problem(Outage.HasherBusy, types.HasherBusy)
      ]).pipe(HttpApiSchema.status(types.StoreUnavailable.status), HttpApiSchema.asJson({ contentType })),
      headers: { "retry-after": Schema.String }
    },
    {
      decode: ({ body }) => body,
      encode: (body) => ({ body, headers: { "retry-after": retryAfter } })
    }
  )
)
