/** The answers of the contract as types; that they are so is checked with every answer. */
export interface Money {
  readonly amount: number
  readonly currency: string
}
export interface Account {
  readonly id: string
  readonly email: string
  readonly role: "customer" | "admin"
  readonly createdAt: string
  readonly disabledAt?: string
}
export interface PasswordReset {
  readonly email: string
  readonly token: string
  readonly expiresAt: string
}
export interface ServiceToken {
  readonly id: string
  readonly name: string
  readonly createdAt: string
  readonly createdBy: string
}
export interface NewServiceToken extends ServiceToken {
  readonly token: string
}
export interface Tokens {
  readonly accessToken: string
  readonly refreshToken: string
  readonly tokenType: "Bearer"
  readonly expiresIn: number
}
export interface Page<A> {
  readonly items: ReadonlyArray<A>
  readonly nextCursor: string | null
}
export interface Category {
  readonly id: string
  readonly name: string
  readonly createdAt: string
}
export interface Product {
  readonly id: string
  readonly categoryId: string
  readonly name: string
  readonly description: string | null
  readonly sku: string | null
  readonly price: Money
  readonly taxClass?: string
  readonly images?: ReadonlyArray<{ readonly url: string; readonly alt?: string }>
  readonly stock: number
  readonly active: boolean
  readonly createdAt: string
  readonly updatedAt: string
}
export interface OrderItem {
  readonly productId: string
  readonly name: string
  readonly sku: string | null
  readonly unitPrice: Money
  readonly quantity: number
  readonly total: Money
}
export interface Adjustment {
  readonly kind: "fee" | "discount" | "tax"
  readonly code: string
  readonly name: string
  readonly amount: Money
  readonly voucherId?: string
  readonly rate?: number
  readonly included?: boolean
  readonly shares?: ReadonlyArray<number>
}
export interface Quote {
  readonly items: ReadonlyArray<OrderItem>
  readonly adjustments?: ReadonlyArray<Adjustment>
  readonly total: Money
}
export interface Voucher {
  readonly id: string
  readonly code: string
  readonly name: string
  readonly rate: number | null
  readonly amount: number | null
  readonly currency: string | null
  readonly minimum: number | null
  readonly startsAt: string | null
  readonly endsAt: string | null
  readonly active: boolean
  readonly uses: number | null
  readonly usesLeft: number | null
  readonly perCustomer: number | null
  readonly createdAt: string
  readonly updatedAt: string
}
export type OrderStatus = "CREATED" | "PAID" | "SHIPPED" | "COMPLETED" | "FAILED" | "CANCELLED"
export interface UnitCounts {
  readonly shipped: number
  readonly cancelled: number
  readonly returned: number
  readonly restocked: number
}
export interface Order {
  readonly id: string
  readonly customerId: string
  readonly status: OrderStatus
  readonly stage?: string
  readonly items: ReadonlyArray<OrderItem>
  readonly adjustments?: ReadonlyArray<Adjustment>
  readonly total: Money
  readonly units?: ReadonlyArray<UnitCounts>
  readonly currentTotal?: Money
  readonly metadata: Readonly<Record<string, string>>
  readonly version: number
  readonly createdAt: string
  readonly updatedAt: string
}
export interface OrderEvent {
  readonly sequence: number
  readonly event: string
  readonly from: OrderStatus | null
  readonly to: OrderStatus
  readonly at: string
  readonly actor: string
  readonly stage?: string
  readonly items?: ReadonlyArray<{
    readonly productId: string
    readonly quantity: number
    readonly restocked?: number
  }>
  readonly fees?: ReadonlyArray<string>
  readonly carrier?: string
  readonly trackingCode?: string
  readonly reason?: string
  readonly amount?: Money
}
export interface Payment {
  readonly id: string
  readonly orderId: string
  readonly status: "PENDING" | "AUTHORIZED" | "APPROVED" | "DECLINED" | "CANCELLED"
  readonly amount: Money
  readonly paymentMethod: string
  readonly createdAt: string
  readonly orderStatus: OrderStatus
  readonly nextAction?:
    | { readonly kind: "redirect"; readonly url: string }
    | { readonly kind: "confirm"; readonly clientSecret: string }
  readonly reference?: string
  readonly authorizedAt?: string
  readonly captured?: Money
  readonly refunded?: Money
}
export interface PaymentOperation {
  readonly id: string
  readonly paymentId: string
  readonly orderId: string
  readonly kind: "capture" | "void" | "refund" | "chargeback"
  readonly status: "PENDING" | "APPROVED" | "DECLINED" | "CANCELLED"
  readonly amount: Money
  readonly reason?: string
  readonly reference?: string
  readonly createdAt: string
}
export interface Refundable {
  readonly captured: Money
  readonly refunded: Money
  readonly pending: Money
  readonly chargedBack?: Money
  readonly due: Money
  readonly refundable: Money
}
export interface Items<A> {
  readonly items: ReadonlyArray<A>
}
export interface Summary {
  readonly orders: number
  readonly revenue: ReadonlyArray<Money>
  readonly inTransit: ReadonlyArray<Money>
  readonly refunds?: ReadonlyArray<Money>
  readonly ordersByStatus: Readonly<Record<Exclude<OrderStatus, "CANCELLED">, number>> & {
    readonly CANCELLED?: number
  }
}
export interface Sale {
  readonly start: string
  readonly orders: number
  readonly revenue: ReadonlyArray<Money>
  readonly refunds?: ReadonlyArray<Money>
}
export interface TopProduct {
  readonly productId: string
  readonly name: string
  readonly units: number
  readonly revenue: ReadonlyArray<Money>
}

export interface FeedEvent extends OrderEvent {
  readonly orderId: string
  readonly position: string
}
export interface FeedPage extends Items<FeedEvent> {
  readonly nextPosition: string | null
}
