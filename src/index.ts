/** The core: services, the domain and its errors. Ports, adapters, HTTP and the rest have entries of their own. */

export {
  type Action,
  access,
  allow,
  Forbidden,
  type Principal,
  type Service,
  TooManyRequests,
  Unauthenticated,
  type User
} from "./domain/accounts/AccessPolicy.ts"
export {
  Account,
  AccountNotFound,
  AccountQuery,
  DisableRefused,
  Email,
  EmailTaken,
  InvalidCredentials,
  Login,
  Password,
  PasswordChange,
  Registration,
  Role,
  Tokens,
  WrongPassword
} from "./domain/accounts/Account.ts"
export {
  EmailNotFound,
  InvalidResetToken,
  NewPassword,
  PasswordReset,
  PasswordResetRequest
} from "./domain/accounts/PasswordReset.ts"
export {
  NewServiceToken,
  ServiceToken,
  ServiceTokenNameTaken,
  ServiceTokenNotFound,
  ServiceTokenRequest
} from "./domain/accounts/ServiceToken.ts"
export { InvalidRefreshToken, RefreshTokenRequest, type Session } from "./domain/accounts/Session.ts"
export { Interval, Sale, SalesQuery, TimeZone } from "./domain/analytics/Sales.ts"
export { Period, Summary } from "./domain/analytics/Summary.ts"
export { TopProduct, TopProductsQuery } from "./domain/analytics/TopProducts.ts"
export {
  Category,
  CategoryChange,
  CategoryName,
  CategoryNameTaken,
  CategoryNotFound,
  CategoryQuery,
  NewCategory
} from "./domain/catalog/Category.ts"
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
  StockAdjustment,
  TaxClass
} from "./domain/catalog/Product.ts"
export {
  ImageUrl,
  NewProductImage,
  NewProductImages,
  ProductImage
} from "./domain/catalog/ProductImage.ts"
export { ProductActivity, ProductQuery, ProductSort } from "./domain/catalog/ProductListing.ts"
export {
  CancellationRequest,
  ReturnRequest,
  ShipmentRequest
} from "./domain/fulfilment/Fulfilment.ts"
export {
  defineStages,
  IllegalStage,
  Stage,
  type StageOf,
  type StagesOfStatus,
  type StageTable
} from "./domain/fulfilment/Stage.ts"
export { UnitCounts } from "./domain/fulfilment/UnitCounts.ts"
export { InsufficientUnits } from "./domain/fulfilment/Units.ts"
export * as Domain from "./domain/index.ts"
export { type Invariant, invariants, Violation } from "./domain/operations/Invariants.ts"
export { FeedEvent, FeedPosition, PositionUnknown } from "./domain/orders/Feed.ts"
export { IllegalTransition, lifecycle, OrderEventName, OrderStatus } from "./domain/orders/Lifecycle.ts"
export {
  Metadata,
  Order,
  OrderEvent,
  OrderItem,
  OrderNotFound,
  PaymentInProgress,
  Quantity
} from "./domain/orders/Order.ts"
export { type OrderChange, OrderRefused } from "./domain/orders/OrderChange.ts"
export { OrderQuery } from "./domain/orders/OrderListing.ts"
export {
  Draft,
  OrderRequest,
  type PlaceOrderRefusal,
  PriceChanged,
  ProductUnavailable,
  Quote
} from "./domain/orders/PlaceOrder.ts"
export {
  AfterDecline,
  GatewayAnswer,
  NextAction,
  OrderNotPayable,
  Outcome,
  Payment,
  PaymentMethod,
  PaymentNotFound,
  PaymentRequest,
  PaymentSettled,
  PaymentStatus
} from "./domain/payments/Payment.ts"
export {
  NothingToRefund,
  OperationKind,
  OperationRecord,
  OperationStatus,
  PaymentNotAuthorized,
  PaymentOperation,
  RefundTooLarge
} from "./domain/payments/PaymentOperation.ts"
export { Refundable, RefundRequest } from "./domain/payments/Refund.ts"
export type { OperationAnswer } from "./domain/payments/SettleOperation.ts"
export {
  Adjustment,
  AdjustmentRequest,
  maxAdjustments,
  Rate,
  wholeRate
} from "./domain/pricing/Adjustment.ts"
export {
  type Basket,
  type BasketLine,
  type PricingFunction,
  PricingRefused,
  vouchersOnly
} from "./domain/pricing/Pricing.ts"
export { type TariffPart, tariff } from "./domain/pricing/Tariff.ts"
export {
  NewVoucher,
  Voucher,
  VoucherChange,
  VoucherCodeTaken,
  VoucherNotFound,
  VoucherNotValid
} from "./domain/pricing/Voucher.ts"
export { currencyCodes, minorUnitDigits } from "./domain/shared/Currencies.ts"
export { IdempotencyKey, IdempotencyKeyReused, type IdempotentResult } from "./domain/shared/Idempotency.ts"
export {
  AccountId,
  CategoryId,
  CustomerId,
  OperationId,
  OrderId,
  PaymentId,
  ProductId,
  ServiceTokenId,
  SessionId,
  VoucherId
} from "./domain/shared/Ids.ts"
export { InvalidInput } from "./domain/shared/InvalidInput.ts"
export { LogPosition } from "./domain/shared/LogPosition.ts"
export { AmountOverflow, Currency, MixedCurrencies, Money, Price } from "./domain/shared/Money.ts"
export { Limit, Page } from "./domain/shared/Page.ts"
export { ShopName, ShopNotFound } from "./domain/shops/ShopName.ts"
export { BeforeCommit, BeforeCommitFailed, type BeforeCommitHook } from "./ports/BeforeCommit.ts"
export {
  DatabaseRefused,
  DataDirectoryInUse,
  EmbeddedUnavailable,
  GatewayUnavailable,
  HasherBusy,
  SchemaOutdated,
  SchemaTooNew,
  StoreUnavailable,
  type WriteOutcome
} from "./ports/errors.ts"
export { Pricing } from "./ports/Pricing.ts"
export { ReadPreference, Replication, type ReplicationState } from "./ports/ReadPreference.ts"
export { Stages } from "./ports/Stages.ts"
export type { Claims } from "./ports/TokenIssuer.ts"
export * from "./services/Accounts.ts"
export * from "./services/Analytics.ts"
export * from "./services/Catalog.ts"
export * as Commerce from "./services/Commerce.ts"
export * from "./services/CommerceError.ts"
export type {
  AccountFilterInput,
  AccountQueryInput,
  ChangePasswordInput,
  LoginInput,
  NewPasswordInput,
  PasswordResetInput,
  RegisterInput
} from "./services/inputs/Accounts.ts"
export type { PeriodInput, SalesQueryInput, TopProductsQueryInput } from "./services/inputs/Analytics.ts"
export type {
  AdjustStockInput,
  CategoryQueryInput,
  ChangeProductInput,
  CreateCategoryInput,
  CreateProductInput,
  ProductFilterInput,
  ProductImageInput,
  ProductQueryInput,
  RenameCategoryInput
} from "./services/inputs/Catalog.ts"
export type { ActorOptions, ChangeOptions } from "./services/inputs/Options.ts"
export type {
  AdjustmentInput,
  CancelOptions,
  FeedInput,
  FollowInput,
  OrderFilterInput,
  OrderLineInput,
  OrderQueryInput,
  PlaceOrderInput,
  ReturnOptions,
  ShipOptions
} from "./services/inputs/Orders.ts"
export type {
  PayOrderInput,
  RecordOperationInput,
  RecordOutcomeInput,
  RecordPaymentInput,
  RefundOptions
} from "./services/inputs/Payments.ts"
export type { CreateServiceTokenInput, ServiceTokenQueryInput } from "./services/inputs/ServiceTokens.ts"
export type { MoneyInput, PageInput } from "./services/inputs/Shared.ts"
export type { ChangeVoucherInput, CreateVoucherInput, VoucherQueryInput } from "./services/inputs/Vouchers.ts"
export { layerNoAccounts } from "./services/NoAccounts.ts"
export { layerNoGateway } from "./services/NoGateway.ts"
export * from "./services/Orders.ts"
export * from "./services/Payments.ts"
export * from "./services/ServiceTokens.ts"
export { type ShopServices, Shops, type ShopsSettings, type ShopUnusable } from "./services/Shops.ts"
export * from "./services/Verification.ts"
export * from "./services/Vouchers.ts"
