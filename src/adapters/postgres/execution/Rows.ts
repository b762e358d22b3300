import type { Account, Role } from "../../../domain/accounts/Account.ts"
import type { Category } from "../../../domain/catalog/Category.ts"
import type { Offer, Product } from "../../../domain/catalog/Product.ts"
import type { OrderEventName, OrderStatus } from "../../../domain/orders/Lifecycle.ts"
import type { Metadata, Order, OrderEvent, OrderItem } from "../../../domain/orders/Order.ts"
import type { Payment, PaymentStatus } from "../../../domain/payments/Payment.ts"
import type {
  AccountId,
  CategoryId,
  CustomerId,
  OrderId,
  PaymentId,
  ProductId
} from "../../../domain/shared/Ids.ts"

/** PostgreSQL's `bigint` comes as a bigint, a string or, inside JSON, a number; all of ours are safe integers. */
type Int8 = bigint | string | number

/** PostgreSQL's `timestamptz` comes as a `Date`, or as text where a host has told its own driver to leave it. */
export type Timestamp = Date | string

export const toDate = (timestamp: Timestamp): Date =>
  typeof timestamp === "string" ? new Date(timestamp) : timestamp

export interface AccountRow {
  readonly id: AccountId
  readonly email: string
  readonly role: Role
  readonly created_at: Timestamp
}

export const toAccount = (row: AccountRow): Account => ({
  id: row.id,
  email: row.email,
  role: row.role,
  createdAt: toDate(row.created_at)
})

export interface CategoryRow {
  readonly id: CategoryId
  readonly name: string
  readonly created_at: Timestamp
}

export const toCategory = (row: CategoryRow): Category => ({
  id: row.id,
  name: row.name,
  createdAt: toDate(row.created_at)
})

export interface OfferRow {
  readonly id: ProductId
  readonly name: string
  readonly sku: string | null
  readonly currency: string
  readonly price: Int8
  readonly stock: Int8
  readonly active: boolean
}

export const toOffer = (row: OfferRow): Offer => ({
  id: row.id,
  name: row.name,
  sku: row.sku,
  price: { amount: Number(row.price), currency: row.currency },
  stock: Number(row.stock),
  active: row.active
})

export interface ProductRow extends OfferRow {
  readonly category_id: CategoryId
  readonly description: string | null
  readonly created_at: Timestamp
  readonly updated_at: Timestamp
}

export const toProduct = (row: ProductRow): Product => ({
  id: row.id,
  categoryId: row.category_id,
  name: row.name,
  description: row.description,
  sku: row.sku,
  price: { amount: Number(row.price), currency: row.currency },
  stock: Number(row.stock),
  active: row.active,
  createdAt: toDate(row.created_at),
  updatedAt: toDate(row.updated_at)
})

/** An item inside the JSON that comes with its order: product, name, SKU, unit price, quantity, total. */
type ItemCell = readonly [ProductId, string, string | null, number, number, number]

export interface OrderRow {
  readonly id: OrderId
  readonly customer_id: CustomerId
  readonly status: OrderStatus
  readonly currency: string
  readonly total: Int8
  readonly metadata: Metadata
  readonly version: number
  readonly created_at: Timestamp
  readonly updated_at: Timestamp
  readonly items: readonly [ItemCell, ...Array<ItemCell>]
}

const toItem =
  (currency: string) =>
  ([productId, name, sku, unitPrice, quantity, total]: ItemCell): OrderItem => ({
    productId,
    name,
    sku,
    unitPrice: { amount: unitPrice, currency },
    quantity,
    total: { amount: total, currency }
  })

export const toOrder = (row: OrderRow): Order => {
  const [first, ...rest] = row.items
  const item = toItem(row.currency)
  return {
    id: row.id,
    customerId: row.customer_id,
    status: row.status,
    items: [item(first), ...rest.map(item)],
    total: { amount: Number(row.total), currency: row.currency },
    metadata: row.metadata,
    version: row.version,
    createdAt: toDate(row.created_at),
    updatedAt: toDate(row.updated_at)
  }
}

export interface EventRow {
  readonly sequence: number
  readonly event: OrderEventName
  readonly from_status: OrderStatus | null
  readonly to_status: OrderStatus
  readonly at: Timestamp
  readonly by: string
}

export const toEvent = (row: EventRow): OrderEvent => ({
  sequence: row.sequence,
  event: row.event,
  from: row.from_status,
  to: row.to_status,
  at: toDate(row.at),
  by: row.by
})

export interface PaymentRow {
  readonly id: PaymentId
  readonly order_id: OrderId
  readonly status: PaymentStatus
  readonly currency: string
  readonly amount: Int8
  readonly payment_method: string
  readonly created_at: Timestamp
  readonly order_status: OrderStatus
}

export const toPayment = (row: PaymentRow): Payment => ({
  id: row.id,
  orderId: row.order_id,
  status: row.status,
  amount: { amount: Number(row.amount), currency: row.currency },
  paymentMethod: row.payment_method,
  createdAt: toDate(row.created_at),
  orderStatus: row.order_status
})
