/** What tests begin with. */
import { randomUUID } from "node:crypto"
import type { Caller } from "./Caller.ts"
import { created, ok } from "./Expect.ts"
import type { Customer, TestShop } from "./Shop.ts"
import type {
  Category,
  Items,
  Order,
  OrderEvent,
  OrderStatus,
  Page,
  Payment,
  PaymentOperation,
  Product,
  Refundable
} from "./Types.ts"

export const usd = (amount: number) => ({ amount, currency: "USD" })

export const newCategory = ({ admin }: TestShop) =>
  created(admin.post<Category>("/categories", { name: `Category ${randomUUID()}` }))

interface Wanted {
  readonly name?: string
  readonly sku?: string
  readonly price?: { readonly amount: number; readonly currency: string }
  readonly stock?: number
  readonly categoryId?: string
}

/** A product at 19.99 USD of which there are ten, unless something else is wanted. */
export const newProduct = async (shop: TestShop, wanted: Wanted = {}) => {
  const categoryId = wanted.categoryId ?? (await newCategory(shop)).id
  const usual = { name: "Mug", price: usd(1999), stock: 10 }
  return created(shop.admin.post<Product>("/products", { ...usual, ...wanted, categoryId }))
}

export type Lines = ReadonlyArray<readonly [product: { readonly id: string }, quantity: unknown]>

/** What a customer asks for. */
export const items = (...lines: Lines) => ({
  items: lines.map(([{ id: productId }, quantity]) => ({ productId, quantity }))
})

export const newOrder = (customer: Caller, ...lines: Lines) =>
  created(customer.post<Order>("/orders", items(...lines)))

export const pay = (customer: Caller, { id }: { readonly id: string }, paymentMethod = "sim_approve") =>
  created(customer.post<Payment>(`/orders/${id}/payments`, { paymentMethod }))

export const advance = ({ admin }: TestShop, { id }: { readonly id: string }, status: string) =>
  ok(admin.patch<Order>(`/orders/${id}`, { status }))

export const cancel = ({ admin }: TestShop, { id }: { readonly id: string }, wanted: object = {}) =>
  ok(admin.post<Order>(`/orders/${id}/cancellations`, wanted))

export const capture = ({ admin }: TestShop, { id }: { readonly id: string }) =>
  created(admin.post<PaymentOperation>(`/orders/${id}/captures`))

export const refund = ({ admin }: TestShop, { id }: { readonly id: string }, wanted: object = {}) =>
  created(admin.post<PaymentOperation>(`/orders/${id}/refunds`, wanted))

/** An order that has come as far as this status. */
export const orderIn = async (status: OrderStatus, shop: TestShop, customer: Customer, ...lines: Lines) => {
  const order = await newOrder(customer, ...lines)
  if (status === "CANCELLED") return cancel(shop, order)
  if (status !== "CREATED") {
    const payment = await pay(customer, order, status === "FAILED" ? "sim_decline" : "sim_approve")
    if (payment.status === "AUTHORIZED") await capture(shop, order)
  }
  if (status === "SHIPPED" || status === "COMPLETED") await advance(shop, order, "SHIPPED")
  if (status === "COMPLETED") await advance(shop, order, "COMPLETED")
  return seen(shop, order)
}

export const seen = ({ admin }: TestShop, { id }: { readonly id: string }) =>
  ok(admin.get<Order>(`/orders/${id}`))

export const historyOf = async ({ admin }: TestShop, { id }: { readonly id: string }) =>
  (await ok(admin.get<Items<OrderEvent>>(`/orders/${id}/history`))).items

export const paymentsOf = async ({ admin }: TestShop, { id }: { readonly id: string }) =>
  (await ok(admin.get<Items<Payment>>(`/orders/${id}/payments`))).items

export const operationsOf = async ({ admin }: TestShop, { id }: { readonly id: string }) =>
  (await ok(admin.get<Items<PaymentOperation>>(`/orders/${id}/payment-operations`))).items

export const refundableOf = ({ admin }: TestShop, { id }: { readonly id: string }) =>
  ok(admin.get<Refundable>(`/orders/${id}/refundable`))

export const productNow = ({ nobody }: TestShop, { id }: { readonly id: string }) =>
  ok(nobody.get<Product>(`/products/${id}`))

/** All that a refused request must leave as it was: products, the customer's orders, their histories, and their money. */
export const books = async (
  shop: TestShop,
  customer: Customer,
  ...products: ReadonlyArray<{ readonly id: string }>
) => {
  const { items: orders } = await ok(
    shop.admin.get<Page<Order>>(`/orders?customerId=${customer.id}&limit=100`)
  )
  return {
    orders,
    products: await Promise.all(products.map((product) => productNow(shop, product))),
    histories: await Promise.all(orders.map((order) => historyOf(shop, order))),
    payments: await Promise.all(orders.map((order) => paymentsOf(shop, order))),
    operations: await Promise.all(orders.map((order) => operationsOf(shop, order)))
  }
}
