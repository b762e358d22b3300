import { Record } from "effect"
import { categoryId, customerId, orderId, paymentId, productId, voucherId } from "./Story.ts"

const createdAt = "2026-11-23T16:31:42.562Z"
const eur = (amount: number) => ({ amount, currency: "EUR" })

const login = { email: "ada@example.com", password: "battery staple" }
const image = { url: "https://cdn.example/beans.jpg", alt: "A bag of coffee beans" }
const beans = { categoryId, name: "Espresso beans", description: null, sku: "BEANS-1", price: eur(1850) }
const line = { productId, quantity: 2 }
const item = { ...line, name: beans.name, sku: beans.sku, unitPrice: eur(1850), total: eur(3700) }

const voucher = {
  code: "WELCOME10",
  name: "10 % off the first order",
  rate: 100_000,
  currency: "EUR",
  minimum: 2000,
  uses: 1000,
  perCustomer: 1
}

const feedEvent = {
  sequence: 1,
  event: "placed",
  from: null,
  to: "CREATED",
  at: createdAt,
  actor: customerId,
  orderId,
  position: `1:4711:${orderId}:1`
}
const operation = {
  id: "01a2093f-c7aa-7b0e-9d5c-3f1f8f9d7a10",
  paymentId,
  orderId,
  kind: "refund",
  status: "APPROVED",
  amount: eur(500),
  reason: "A dented tin",
  createdAt
}

const serviceToken = {
  id: "01a2093f-c8f2-7d4b-a3c9-52b1e0a4d6f8",
  name: "warehouse",
  createdAt,
  createdBy: "01a2093f-be11-7c02-8f6a-d1a6cbb0e7a9"
}

/** Examples of all schemas. They tell one consistent story: Ada buys coffee. */
const examples: Readonly<Record<string, object>> = {
  Registration: login,
  Login: login,
  Account: { id: customerId, email: login.email, role: "customer", createdAt },
  Tokens: { accessToken: "eyJhbGciOi…", refreshToken: "9p2k…", tokenType: "Bearer", expiresIn: 900 },
  RefreshTokenRequest: { refreshToken: "9p2k…" },
  PasswordChange: { currentPassword: login.password, newPassword: "correct horse" },
  PasswordResetRequest: { email: login.email },
  PasswordReset: {
    email: login.email,
    token: "Jv3c8Q0n…",
    expiresAt: "2026-11-23T17:31:42.562Z"
  },
  NewPassword: { token: "Jv3c8Q0n…", newPassword: "correct horse" },
  ServiceTokenRequest: { name: "warehouse" },
  ServiceToken: serviceToken,
  NewServiceToken: { ...serviceToken, token: "ecs_5hXw…" },
  NewCategory: { name: "Coffee" },
  CategoryChange: { name: "Coffee and tea" },
  Category: { id: categoryId, name: "Coffee", createdAt },
  NewProduct: { ...beans, images: [image], stock: 10 },
  NewProductImage: image,
  ProductImage: image,
  ProductChange: { price: eur(1950) },
  StockAdjustment: { delta: 5, reason: "A delivery" },
  Product: {
    id: productId,
    ...beans,
    images: [image],
    stock: 10,
    active: true,
    createdAt,
    updatedAt: createdAt
  },
  OrderRequest: { items: [line] },
  OrderChange: { status: "SHIPPED" },
  Order: {
    id: orderId,
    customerId,
    status: "CREATED",
    items: [item],
    total: eur(3700),
    metadata: {},
    version: 1,
    createdAt,
    updatedAt: createdAt
  },
  FeedEvent: feedEvent,
  FeedPage: { items: [feedEvent], nextPosition: feedEvent.position },
  Quote: { items: [item], total: eur(3700) },
  NewVoucher: voucher,
  VoucherChange: { active: false },
  Voucher: {
    id: voucherId,
    ...voucher,
    amount: null,
    currency: "EUR",
    minimum: 2000,
    startsAt: null,
    endsAt: null,
    active: true,
    uses: 1000,
    usesLeft: 999,
    createdAt,
    updatedAt: createdAt
  },
  PaymentRequest: { paymentMethod: "sim_approve" },
  Payment: {
    id: paymentId,
    orderId,
    status: "APPROVED",
    amount: eur(3700),
    paymentMethod: "sim_approve",
    createdAt,
    orderStatus: "PAID"
  },
  PaymentOperation: operation,
  PaymentOperations: { items: [operation] },
  Refundable: {
    captured: eur(3700),
    refunded: eur(500),
    pending: eur(0),
    due: eur(0),
    refundable: eur(3200)
  },
  RefundRequest: { amount: eur(500), reason: "A dented tin" },
  PaymentRecord: { paymentMethod: "invoice-4711", outcome: "APPROVED" },
  OutcomeRecord: { outcome: "APPROVED", reference: "pi_3PqX" },
  OperationRecord: { kind: "chargeback", amount: eur(3700) },
  NextAction: { kind: "redirect", url: "https://bank.example/3ds/7" },
  Sale: { start: "2026-11-22T23:00:00.000Z", orders: 1, revenue: [eur(3700)] },
  TopProduct: { productId, name: beans.name, units: 2, revenue: [eur(3700)] }
}

/** Adds examples to the schemas of an OpenAPI document. Documentation pages fill request forms with them. */
export const giveExamples = (document: Record<string, unknown>): Record<string, unknown> => {
  const components = document.components as { readonly schemas: Record<string, object> }
  const schemas = Record.map(components.schemas, (schema, name) =>
    examples[name] === undefined ? schema : { ...schema, examples: [examples[name]] }
  )
  return { ...document, components: { ...components, schemas } }
}
