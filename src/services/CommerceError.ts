import { Schema } from "effect"
import { Forbidden, TooManyRequests, Unauthenticated } from "../domain/accounts/AccessPolicy.ts"
import {
  AccountNotFound,
  DisableRefused,
  EmailTaken,
  InvalidCredentials,
  WrongPassword
} from "../domain/accounts/Account.ts"
import { EmailNotFound, InvalidResetToken } from "../domain/accounts/PasswordReset.ts"
import { ServiceTokenNameTaken, ServiceTokenNotFound } from "../domain/accounts/ServiceToken.ts"
import { InvalidRefreshToken } from "../domain/accounts/Session.ts"
import { CategoryNameTaken, CategoryNotFound } from "../domain/catalog/Category.ts"
import { InsufficientStock, ProductNotFound, SkuTaken } from "../domain/catalog/Product.ts"
import { IllegalStage } from "../domain/fulfilment/Stage.ts"
import { InsufficientUnits } from "../domain/fulfilment/Units.ts"
import { PositionUnknown } from "../domain/orders/Feed.ts"
import { IllegalTransition } from "../domain/orders/Lifecycle.ts"
import { OrderNotFound, PaymentInProgress } from "../domain/orders/Order.ts"
import { OrderRefused } from "../domain/orders/OrderChange.ts"
import { PriceChanged, ProductUnavailable } from "../domain/orders/PlaceOrder.ts"
import { OrderNotPayable, PaymentNotFound, PaymentSettled } from "../domain/payments/Payment.ts"
import { NothingToRefund, PaymentNotAuthorized, RefundTooLarge } from "../domain/payments/PaymentOperation.ts"
import { PricingRefused } from "../domain/pricing/Pricing.ts"
import { VoucherCodeTaken, VoucherNotFound, VoucherNotValid } from "../domain/pricing/Voucher.ts"
import { IdempotencyKeyReused } from "../domain/shared/Idempotency.ts"
import { InvalidInput } from "../domain/shared/InvalidInput.ts"
import { AmountOverflow, MixedCurrencies } from "../domain/shared/Money.ts"
import { ShopNotFound } from "../domain/shops/ShopName.ts"
import {
  DatabaseRefused,
  DataDirectoryInUse,
  EmbeddedUnavailable,
  GatewayUnavailable,
  HasherBusy,
  SchemaOutdated,
  SchemaTooNew,
  StoreUnavailable
} from "../ports/errors.ts"

/** A payment may not be made inside the caller's transaction: its rollback would forget a real charge. */
export class TransactionOpen extends Schema.TaggedError<TransactionOpen>()("TransactionOpen", {}) {
  override get message() {
    return "A payment cannot be made inside a transaction: its rollback would forget a real charge"
  }
}

/** `within`, and `query` in `beforeCommit`, need a database with transactions. Data in memory has none. Nothing was done. */
export class NoTransactions extends Schema.TaggedError<NoTransactions>()("NoTransactions", {}) {
  override get message() {
    return "Data in memory has no transactions: `within` and `query` need PostgreSQL"
  }
}

/** The shop has no accounts of its own: its users are those of the host. Nothing was done. */
export class AccountsDisabled extends Schema.TaggedError<AccountsDisabled>()("AccountsDisabled", {}) {
  override get message() {
    return "This commerce has no accounts: its users are those of the host (auth.accounts)"
  }
}

/** The commerce is closed, or the transaction of the call has ended. Nothing was done. */
export class CommerceClosed extends Schema.TaggedError<CommerceClosed>()("CommerceClosed", {}) {
  override get message() {
    return "This commerce is closed"
  }
}

/**
 * Whether the same call may succeed if it is repeated: `never` until its input or the data change, `later` without a
 * change, `byOutcome` as the `outcome` of `StoreUnavailable` says.
 */
export type Repeat = "never" | "later" | "byOutcome"

/** Every error by its tag: its class, and whether repeating the call helps. */
export const commerceErrors = {
  InvalidInput: { error: InvalidInput, repeat: "never" },
  Unauthenticated: { error: Unauthenticated, repeat: "never" },
  InvalidCredentials: { error: InvalidCredentials, repeat: "never" },
  WrongPassword: { error: WrongPassword, repeat: "never" },
  InvalidRefreshToken: { error: InvalidRefreshToken, repeat: "never" },
  Forbidden: { error: Forbidden, repeat: "never" },
  AccountNotFound: { error: AccountNotFound, repeat: "never" },
  EmailTaken: { error: EmailTaken, repeat: "never" },
  EmailNotFound: { error: EmailNotFound, repeat: "never" },
  DisableRefused: { error: DisableRefused, repeat: "never" },
  InvalidResetToken: { error: InvalidResetToken, repeat: "never" },
  ServiceTokenNotFound: { error: ServiceTokenNotFound, repeat: "never" },
  ServiceTokenNameTaken: { error: ServiceTokenNameTaken, repeat: "never" },
  CategoryNotFound: { error: CategoryNotFound, repeat: "never" },
  CategoryNameTaken: { error: CategoryNameTaken, repeat: "never" },
  ProductNotFound: { error: ProductNotFound, repeat: "never" },
  SkuTaken: { error: SkuTaken, repeat: "never" },
  InsufficientStock: { error: InsufficientStock, repeat: "never" },
  ProductUnavailable: { error: ProductUnavailable, repeat: "never" },
  MixedCurrencies: { error: MixedCurrencies, repeat: "never" },
  AmountOverflow: { error: AmountOverflow, repeat: "never" },
  PriceChanged: { error: PriceChanged, repeat: "never" },
  VoucherNotValid: { error: VoucherNotValid, repeat: "never" },
  PricingRefused: { error: PricingRefused, repeat: "never" },
  VoucherNotFound: { error: VoucherNotFound, repeat: "never" },
  VoucherCodeTaken: { error: VoucherCodeTaken, repeat: "never" },
  InsufficientUnits: { error: InsufficientUnits, repeat: "never" },
  IllegalStage: { error: IllegalStage, repeat: "never" },
  OrderNotFound: { error: OrderNotFound, repeat: "never" },
  IllegalTransition: { error: IllegalTransition, repeat: "never" },
  OrderRefused: { error: OrderRefused, repeat: "never" },
  PositionUnknown: { error: PositionUnknown, repeat: "never" },
  OrderNotPayable: { error: OrderNotPayable, repeat: "never" },
  PaymentInProgress: { error: PaymentInProgress, repeat: "later" },
  PaymentNotFound: { error: PaymentNotFound, repeat: "never" },
  PaymentSettled: { error: PaymentSettled, repeat: "never" },
  PaymentNotAuthorized: { error: PaymentNotAuthorized, repeat: "never" },
  NothingToRefund: { error: NothingToRefund, repeat: "never" },
  RefundTooLarge: { error: RefundTooLarge, repeat: "never" },
  IdempotencyKeyReused: { error: IdempotencyKeyReused, repeat: "never" },
  TransactionOpen: { error: TransactionOpen, repeat: "never" },
  AccountsDisabled: { error: AccountsDisabled, repeat: "never" },
  NoTransactions: { error: NoTransactions, repeat: "never" },
  TooManyRequests: { error: TooManyRequests, repeat: "later" },
  StoreUnavailable: { error: StoreUnavailable, repeat: "byOutcome" },
  HasherBusy: { error: HasherBusy, repeat: "later" },
  GatewayUnavailable: { error: GatewayUnavailable, repeat: "later" },
  ShopNotFound: { error: ShopNotFound, repeat: "never" },
  CommerceClosed: { error: CommerceClosed, repeat: "never" },
  DatabaseRefused: { error: DatabaseRefused, repeat: "never" },
  SchemaOutdated: { error: SchemaOutdated, repeat: "never" },
  SchemaTooNew: { error: SchemaTooNew, repeat: "never" },
  DataDirectoryInUse: { error: DataDirectoryInUse, repeat: "later" },
  EmbeddedUnavailable: { error: EmbeddedUnavailable, repeat: "never" }
} as const satisfies Record<string, { readonly error: Schema.Top; readonly repeat: Repeat }>

type Errors = typeof commerceErrors

/** Every error that effect-commerce fails or rejects with. Anything else is a bug. */
export type CommerceError = InstanceType<Errors[keyof Errors]["error"]>

const isError = (value: unknown): value is object =>
  value instanceof Error || Object.prototype.toString.call(value) === "[object Error]"

/**
 * Whether a caught value is an error of effect-commerce. Compares the tag and the fields instead of the class: `instanceof` does not
 * know the errors of another copy of the package, as bundlers make them, or of another realm, as test runners do.
 */
export const isCommerceError = (error: unknown): error is CommerceError => {
  if (!isError(error) || !("_tag" in error) || typeof error._tag !== "string") return false
  const known = new Map<string, { readonly error: { readonly fields: Schema.Struct.Fields } }>(
    Object.entries(commerceErrors)
  ).get(error._tag)
  return known !== undefined && Schema.is(Schema.Struct(known.error.fields))(error)
}
