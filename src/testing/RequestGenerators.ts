/** Generators of requests, queries and responses. */
import { Arbitrary, Struct } from "effect"
import {
  type AccountQuery,
  DisableReason,
  type Login,
  type PasswordChange,
  type Registration,
  Role,
  type Tokens
} from "../domain/accounts/Account.ts"
import type { NewPassword, PasswordReset, PasswordResetRequest } from "../domain/accounts/PasswordReset.ts"
import type {
  NewServiceToken,
  ServiceToken,
  ServiceTokenQuery,
  ServiceTokenRequest
} from "../domain/accounts/ServiceToken.ts"
import type { RefreshTokenRequest } from "../domain/accounts/Session.ts"
import { Interval, type Sale, type SalesQuery, salesOf } from "../domain/analytics/Sales.ts"
import { type Summary, summarize } from "../domain/analytics/Summary.ts"
import type { TopProduct, TopProductsQuery } from "../domain/analytics/TopProducts.ts"
import type { CategoryChange, CategoryQuery, NewCategory } from "../domain/catalog/Category.ts"
import type { Shortage } from "../domain/catalog/Product.ts"
import { type ProductActivity, type ProductQuery, ProductSort } from "../domain/catalog/ProductListing.ts"
import { invariants, type Violation } from "../domain/operations/Invariants.ts"
import { type FeedEvent, toPosition } from "../domain/orders/Feed.ts"
import { OrderEventName, OrderStatus } from "../domain/orders/Lifecycle.ts"
import type { OrderEvent, OrderItem } from "../domain/orders/Order.ts"
import type { OrderQuery } from "../domain/orders/OrderListing.ts"
import { type OrderRequest, type Quote, toQuote } from "../domain/orders/PlaceOrder.ts"
import {
  Outcome,
  type OutcomeRecord,
  type PaymentRecord,
  type PaymentRequest,
  PaymentStatus
} from "../domain/payments/Payment.ts"
import type { Adjustment } from "../domain/pricing/Adjustment.ts"
import type { VoucherQuery } from "../domain/pricing/Voucher.ts"
import {
  AccountId,
  CategoryId,
  OperationId,
  OrderId,
  PaymentId,
  ProductId,
  ServiceTokenId,
  SessionId,
  VoucherId
} from "../domain/shared/Ids.ts"
import type { LargeSum } from "../domain/shared/Money.ts"
import { Limit } from "../domain/shared/Page.ts"
import {
  attribution,
  customerId,
  email,
  type Gen,
  gatewayReference,
  history,
  int,
  maybe,
  money,
  name,
  order,
  orderTotals,
  outcome,
  partial,
  password,
  paymentMethod,
  period,
  pick,
  placeable,
  prose,
  struct,
  text,
  time
} from "./Generators.ts"

// Ids

export const accountId: Gen<AccountId> = Arbitrary.schema(AccountId)
export const categoryId: Gen<CategoryId> = Arbitrary.schema(CategoryId)
export const orderId: Gen<OrderId> = Arbitrary.schema(OrderId)
export const paymentId: Gen<PaymentId> = Arbitrary.schema(PaymentId)
export const productId: Gen<ProductId> = Arbitrary.schema(ProductId)
export const voucherId: Gen<VoucherId> = Arbitrary.schema(VoucherId)
export const operationId: Gen<OperationId> = Arbitrary.schema(OperationId)
export const serviceTokenId: Gen<ServiceTokenId> = Arbitrary.schema(ServiceTokenId)
export const sessionId: Gen<SessionId> = Arbitrary.schema(SessionId)

// Accounts

export const role: Gen<Role> = pick(Role.literals)

export const registration: Gen<typeof Registration.Type> = struct({ email, password })

/** Generates credentials, valid or not. They need not satisfy the password policy. */
export const login: Gen<typeof Login.Type> = struct({ email: text(254), password: text(1000) })

export const passwordChange: Gen<typeof PasswordChange.Type> = struct({
  currentPassword: text(1000),
  newPassword: password
})

export const passwordResetRequest: Gen<typeof PasswordResetRequest.Type> = struct({ email: text(254) })

export const newPassword: Gen<typeof NewPassword.Type> = struct({ token: text(1000), newPassword: password })

export const passwordReset: Gen<PasswordReset> = struct({ email, token: text(100), expiresAt: time })

export const disableReason: Gen<typeof DisableReason.Type> = pick(DisableReason.literals)

export const serviceTokenName: Gen<string> = name(100)

export const serviceTokenRequest: Gen<typeof ServiceTokenRequest.Type> = struct({ name: serviceTokenName })

const serviceTokenFields = {
  id: serviceTokenId,
  name: serviceTokenName,
  createdAt: time,
  createdBy: name(255)
}

export const serviceToken: Gen<ServiceToken> = struct(serviceTokenFields)

export const newServiceToken: Gen<NewServiceToken> = struct({ ...serviceTokenFields, token: text(100) })

export const refreshTokenRequest: Gen<typeof RefreshTokenRequest.Type> = struct({ refreshToken: text(1000) })

/** Generates tokens of the right shape without a valid signature. */
export const tokens: Gen<Tokens> = struct({
  accessToken: text(100),
  refreshToken: text(100),
  tokenType: pick(["Bearer"]),
  expiresIn: int(1, 86_400)
})

// Catalog

export const categoryName: Gen<string> = name(100)
export const productName: Gen<string> = name(200)
export const description: Gen<string> = prose(10_000)
export const sku: Gen<string> = name(64)

export const newCategory: Gen<typeof NewCategory.Type> = struct({ name: categoryName })

export const categoryChange: Gen<typeof CategoryChange.Type> = struct({ name: categoryName })

export const shortage: Gen<typeof Shortage.Type> = struct({
  productId,
  requested: int(1, 1_000_000),
  available: int(0, 1_000_000)
})

// Orders and payments

export const orderStatus: Gen<OrderStatus> = pick(OrderStatus.literals)
export const orderEventName: Gen<OrderEventName> = pick(OrderEventName.literals)
export const orderItem: Gen<OrderItem> = Arbitrary.map(order, ({ items }) => items[0])
export const quote: Gen<Quote> = Arbitrary.map(history, ({ order, events: [event] }) =>
  toQuote({ order, event, redemptions: [] })
)
const noFee: Adjustment = {
  kind: "fee",
  code: "none",
  name: "No fee",
  amount: { amount: 0, currency: "EUR" }
}
export const adjustment: Gen<Adjustment> = Arbitrary.map(
  order,
  ({ adjustments }) => adjustments?.at(-1) ?? noFee
)
export const orderEvent: Gen<OrderEvent> = Arbitrary.map(history, ({ events }) => events.at(-1) ?? events[0])

/** Generates a request that succeeds if the products are those of `placeable`. */
export const orderRequest: Gen<typeof OrderRequest.Type> = Arbitrary.map(
  placeable,
  ({ draft: { customerId: _, ...request } }) => request
)

/** Generates an event of an order with a position in the feed. */
export const feedEvent: Gen<FeedEvent> = Arbitrary.map(
  Arbitrary.all({ history, transaction: int(1, Number.MAX_SAFE_INTEGER) }),
  ({ history: { events, order }, transaction }) => {
    const event = events.at(-1) ?? events[0]
    const key = { epoch: 1, transaction: String(transaction), orderId: order.id, sequence: event.sequence }
    return { ...event, orderId: order.id, position: toPosition(key) }
  }
)
export const feedPosition: Gen<string> = Arbitrary.map(feedEvent, ({ position }) => position)

export const paymentStatus: Gen<PaymentStatus> = pick(PaymentStatus.literals)
export const paymentRequest: Gen<typeof PaymentRequest.Type> = struct({ paymentMethod })
export const paymentRecord: Gen<typeof PaymentRecord.Type> = struct({ paymentMethod, outcome })
export const outcomeRecord: Gen<typeof OutcomeRecord.Type> = partial({
  outcome: pick([...Outcome.literals, "AUTHORIZED"]),
  reference: maybe(gatewayReference)
})

/** Generates the actor of a change. */
export const actor: Gen<string> = Arbitrary.map(attribution, ({ actor }) => actor)

// Listings

export const limit: Gen<number> = Arbitrary.schema(Limit)
/** Generates text that a client may send as a cursor. It is rarely a valid cursor. */
export const cursor: Gen<string> = text(2000)
export const productActivity: Gen<ProductActivity> = pick([true, false, "any"])
export const productSort: Gen<ProductSort> = pick(ProductSort.literals)

const paging = { limit: maybe(limit), cursor: maybe(cursor) }

export const categoryQuery: Gen<typeof CategoryQuery.Type> = partial(paging)

export const accountQuery: Gen<typeof AccountQuery.Type> = partial({ email: maybe(text(254)), ...paging })

export const serviceTokenQuery: Gen<typeof ServiceTokenQuery.Type> = partial(paging)

export const voucherQuery: Gen<typeof VoucherQuery.Type> = partial(paging)

export const productQuery: Gen<typeof ProductQuery.Type> = partial({
  categoryId: maybe(categoryId),
  q: maybe(text(200)),
  inStock: maybe(pick([true, false])),
  active: maybe(productActivity),
  sort: maybe(productSort),
  ...paging
})

export const orderQuery: Gen<typeof OrderQuery.Type> = partial({
  status: maybe(orderStatus),
  customerId: maybe(customerId),
  ...paging
})

// Reports

/** Generates sums beyond 2^53 − 1. */
export const largeSum: Gen<LargeSum> = Arbitrary.map(money, ({ amount, currency }) => ({
  amount: String(2n ** 53n + BigInt(amount)),
  currency
}))

/** Generates order totals with sums below 2^53. */
const smallTotals = Arbitrary.array(
  Arbitrary.map(orderTotals, (orderTotals) => ({
    ...orderTotals,
    amount: orderTotals.amount % 1_000_000n,
    ...(orderTotals.refunded !== undefined && { refunded: orderTotals.refunded % 1_000_000n })
  })),
  { maxLength: 10 }
)

/** Generates the summary of order totals with sums below 2^53. */
export const summary: Gen<Summary> = Arbitrary.map(smallTotals, summarize)

export const interval: Gen<Interval> = pick(Interval.literals)

/** Generates time zones: offsets of half and quarter hours, clock changes at midnight, and a skipped day. */
export const timeZone: Gen<string> = pick([
  "UTC",
  "Europe/Berlin",
  "America/New_York",
  "America/St_Johns",
  "America/Havana",
  "America/Santiago",
  "Africa/Cairo",
  "Asia/Beirut",
  "Asia/Kathmandu",
  "Asia/Tehran",
  "Australia/Lord_Howe",
  "Pacific/Chatham",
  "Pacific/Apia",
  "Pacific/Kiritimati",
  "Pacific/Niue",
  "Etc/GMT+12",
  "asia/calcutta"
])

export const salesQuery: Gen<typeof SalesQuery.Type> = Arbitrary.map(
  Arbitrary.all({ interval, zone: partial({ timeZone: maybe(timeZone) }), period }),
  ({ interval, zone, period }) => ({ interval, ...zone, ...period })
)

/** Generates the sales of an interval, possibly without revenue. */
export const sale: Gen<Sale> = Arbitrary.map(
  Arbitrary.all({ totals: smallTotals, orderTotals, start: time }),
  ({ totals, orderTotals, start }) => {
    const { refunded: _, ...first } = orderTotals
    const sold = [{ ...first, amount: 0n }, ...totals].map((orderTotals) => ({
      ...orderTotals,
      status: "PAID" as const,
      start
    }))
    const [sale] = salesOf(sold)
    return sale ?? { start, orders: 0, revenue: [] }
  }
)

export const topProductsQuery: Gen<typeof TopProductsQuery.Type> = Arbitrary.map(
  Arbitrary.all({ limited: partial({ limit: maybe(limit) }), period }),
  ({ limited, period }) => ({ ...limited, ...period })
)

export const topProduct: Gen<TopProduct> = Arbitrary.map(
  Arbitrary.all({ productId, name: productName, units: int(1, 1_000_000), sale }),
  ({ sale, ...product }) => ({ ...product, revenue: sale.revenue })
)

export const violation: Gen<Violation> = Arbitrary.flatMap(pick(Struct.keys(invariants)), (invariant) =>
  Arbitrary.map(orderId, (id) => ({ invariant, id, detail: invariants[invariant] }))
)
