/** The core: domain, ports and services. Adapters, HTTP and the rest have entries of their own. */

export {
  type Action,
  type Actor,
  access,
  allow,
  Forbidden,
  TooManyRequests,
  Unauthenticated
} from "./domain/Access.ts"
export {
  Account,
  AccountNotFound,
  Email,
  EmailTaken,
  InvalidCredentials,
  Login,
  Password,
  PasswordChange,
  Registration,
  Role,
  Tokens
} from "./domain/Account.ts"
export { Period, Summary } from "./domain/Analytics.ts"
export {
  Category,
  CategoryName,
  CategoryNameTaken,
  CategoryNotFound,
  NewCategory
} from "./domain/Category.ts"
export { FeedEvent, FeedPosition } from "./domain/Feed.ts"
export { AccountId, CategoryId, CustomerId, OrderId, PaymentId, ProductId, SessionId } from "./domain/Id.ts"
export { IdempotencyKey, IdempotencyKeyReused } from "./domain/Idempotency.ts"
export { InvalidInput } from "./domain/InvalidInput.ts"
export { type Invariant, invariants, Violation } from "./domain/Invariants.ts"
export * as Domain from "./domain/index.ts"
export { IllegalTransition, lifecycle, OrderEventName, OrderStatus } from "./domain/Lifecycle.ts"
export { CategoryQuery, OrderQuery, ProductQuery, ProductSort } from "./domain/Listing.ts"
export { AmountOverflow, Currency, MixedCurrencies, Money, Price } from "./domain/Money.ts"
export { Metadata, Order, OrderEvent, OrderItem, OrderNotFound, Quantity } from "./domain/Order.ts"
export { Limit, Page } from "./domain/Page.ts"
export {
  OrderNotPayable,
  Outcome,
  Payment,
  PaymentInProgress,
  PaymentMethod,
  PaymentNotFound,
  PaymentRequest,
  PaymentSettled,
  PaymentStatus
} from "./domain/Payment.ts"
export {
  Draft,
  OrderRequest,
  type PlacingRefusal,
  PriceChanged,
  ProductUnavailable
} from "./domain/Placing.ts"
export {
  Description,
  InsufficientStock,
  NewProduct,
  Product,
  ProductChange,
  ProductName,
  ProductNotFound,
  Shortage,
  Sku,
  SkuTaken,
  Stock,
  StockAdjustment
} from "./domain/Product.ts"
export { Interval, Sale, SalesQuery, TimeZone } from "./domain/Sales.ts"
export { InvalidRefreshToken, RefreshTokenRequest, type Session } from "./domain/Session.ts"
export { TopProduct, TopProductsQuery } from "./domain/TopProducts.ts"
export * from "./ports/AccountStore.ts"
export * from "./ports/AnalyticsStore.ts"
export * from "./ports/Auditor.ts"
export * from "./ports/CatalogStore.ts"
export * from "./ports/KeyStore.ts"
export * from "./ports/OrderStore.ts"
export * from "./ports/PasswordHasher.ts"
export * from "./ports/PaymentGateway.ts"
export * from "./ports/PaymentStore.ts"
export * from "./ports/SessionStore.ts"
export * from "./ports/Store.ts"
export * from "./ports/TokenIssuer.ts"
export * from "./ports/Unavailable.ts"
export * from "./services/Accounts.ts"
export * from "./services/Analytics.ts"
export * from "./services/Catalog.ts"
export * as Commerce from "./services/Commerce.ts"
export * from "./services/Orders.ts"
export * from "./services/Payments.ts"
export * from "./services/Verification.ts"
