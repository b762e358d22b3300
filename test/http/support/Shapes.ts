/** What the answers of the contract look like, field by field, written down apart from the schemas of the code. */

export type Shape =
  | ((value: unknown) => boolean)
  | readonly [Shape]
  | { readonly [field: string]: Shape }
  | { readonly anyOf: ReadonlyArray<Shape> }

const text = (value: unknown) => typeof value === "string"
const bool = (value: unknown) => typeof value === "boolean"
const whole = (value: unknown) => Number.isSafeInteger(value)
const count = (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 0
const like = (pattern: RegExp) => (value: unknown) => typeof value === "string" && pattern.test(value)
const oneOf =
  (...values: ReadonlyArray<unknown>) =>
  (value: unknown) =>
    values.includes(value)
const orNull = (shape: Shape): Shape => ({ anyOf: [oneOf(null), shape] })

const uuid = like(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
const utc = like(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/)
const money: Shape = { amount: count, currency: like(/^[A-Z]{3}$/) }
const either =
  (...shapes: ReadonlyArray<Shape>) =>
  (value: unknown) =>
    shapes.some((shape) => misfits(shape, value).length === 0)
const strings = (value: unknown) =>
  typeof value === "object" && value !== null && Object.values(value).every(text)

const status = oneOf("CREATED", "PAID", "SHIPPED", "COMPLETED", "FAILED", "CANCELLED")

export const Account: Shape = {
  id: uuid,
  email: text,
  role: oneOf("customer", "admin"),
  createdAt: utc,
  "disabledAt?": utc
}
export const PasswordReset: Shape = { email: text, token: like(/^[\w-]{43}$/), expiresAt: utc }
export const ServiceToken: Shape = { id: uuid, name: text, createdAt: utc, createdBy: text }
export const NewServiceToken: Shape = { ...ServiceToken, token: like(/^ecs_[\w-]{43}$/) }
export const Tokens: Shape = {
  accessToken: like(/^[\w-]+\.[\w-]+\.[\w-]+$/),
  refreshToken: like(/^\S{20,}$/),
  tokenType: oneOf("Bearer"),
  expiresIn: count
}
export const Category: Shape = { id: uuid, name: text, createdAt: utc }
export const Product: Shape = {
  id: uuid,
  categoryId: uuid,
  name: text,
  description: orNull(text),
  sku: orNull(text),
  price: money,
  "taxClass?": text,
  "images?": [{ url: like(/^https?:/), "alt?": text }],
  stock: count,
  active: bool,
  createdAt: utc,
  updatedAt: utc
}
const item: Shape = {
  productId: uuid,
  name: text,
  sku: orNull(text),
  unitPrice: money,
  quantity: count,
  total: money
}
const named = { code: text, name: text, amount: money }
const discount = {
  kind: oneOf("discount"),
  ...named,
  "voucherId?": uuid,
  "rate?": count,
  shares: [count]
} as const
const tax = { kind: oneOf("tax"), ...named, "rate?": count, included: bool, shares: [count] } as const
const adjustments: Shape = [either({ kind: oneOf("fee"), ...named }, discount, tax)]
export const Quote: Shape = { items: [item], "adjustments?": adjustments, total: money }
export const Voucher: Shape = {
  id: uuid,
  code: text,
  name: text,
  rate: orNull(count),
  amount: orNull(count),
  currency: orNull(text),
  minimum: orNull(count),
  startsAt: orNull(utc),
  endsAt: orNull(utc),
  active: bool,
  uses: orNull(count),
  usesLeft: orNull(count),
  perCustomer: orNull(count),
  createdAt: utc,
  updatedAt: utc
}
export const Order: Shape = {
  id: uuid,
  customerId: text,
  status,
  "stage?": text,
  items: [item],
  "adjustments?": adjustments,
  total: money,
  "units?": [{ shipped: count, cancelled: count, returned: count, restocked: count }],
  "currentTotal?": money,
  metadata: strings,
  version: count,
  createdAt: utc,
  updatedAt: utc
}
const event: Shape = {
  sequence: count,
  event: text,
  from: orNull(status),
  to: status,
  at: utc,
  actor: text,
  "stage?": text,
  "items?": [{ productId: uuid, quantity: count, "restocked?": count }],
  "fees?": [text],
  "carrier?": text,
  "trackingCode?": text,
  "reason?": text,
  "amount?": money
}
export const History: Shape = { items: [event], "nextCursor?": text }
const position = like(/^\d+:\d+:[0-9a-f-]{36}:\d+$/)
export const FeedPage: Shape = {
  items: [{ ...event, orderId: uuid, position }],
  nextPosition: orNull(position)
}
const nextAction: Shape = {
  anyOf: [
    { kind: oneOf("redirect"), url: text },
    { kind: oneOf("confirm"), clientSecret: text }
  ]
}
const positive: Shape = {
  amount: (value) => count(value) && value !== 0,
  currency: like(/^[A-Z]{3}$/)
}
export const Payment: Shape = {
  id: uuid,
  orderId: uuid,
  status: oneOf("PENDING", "AUTHORIZED", "APPROVED", "DECLINED", "CANCELLED"),
  amount: money,
  paymentMethod: text,
  createdAt: utc,
  orderStatus: status,
  "nextAction?": nextAction,
  "reference?": text,
  "authorizedAt?": utc,
  "captured?": money,
  "refunded?": positive
}
export const PaymentOperation: Shape = {
  id: uuid,
  paymentId: uuid,
  orderId: uuid,
  kind: oneOf("capture", "void", "refund", "chargeback"),
  status: oneOf("PENDING", "APPROVED", "DECLINED", "CANCELLED"),
  amount: money,
  "reason?": text,
  "reference?": text,
  createdAt: utc
}
export const PaymentOperations: Shape = { items: [PaymentOperation], "nextCursor?": text }
export const Refundable: Shape = {
  captured: money,
  refunded: money,
  pending: money,
  "chargedBack?": positive,
  due: money,
  refundable: money
}
export const Payments: Shape = { items: [Payment], "nextCursor?": text }
const largeSums: Shape = [{ amount: like(/^[1-9]\d{15,}$/), currency: like(/^[A-Z]{3}$/) }]
export const Summary: Shape = {
  orders: count,
  revenue: [money],
  "revenueOverflow?": largeSums,
  inTransit: [money],
  "inTransitOverflow?": largeSums,
  "refunds?": [money],
  "refundsOverflow?": largeSums,
  ordersByStatus: {
    CREATED: count,
    PAID: count,
    SHIPPED: count,
    COMPLETED: count,
    FAILED: count,
    "CANCELLED?": (value) => count(value) && value !== 0
  }
}
export const Sales: Shape = {
  items: [
    {
      start: utc,
      orders: count,
      revenue: [money],
      "revenueOverflow?": largeSums,
      "refunds?": [money],
      "refundsOverflow?": largeSums
    }
  ]
}
export const TopProducts: Shape = {
  items: [{ productId: uuid, name: text, units: count, revenue: [money], "revenueOverflow?": largeSums }]
}
/** No body at all. */
export const nothing: Shape = (value) => value === undefined
export const Health: Shape = { status: oneOf("ok") }
export const pageOf = (shape: Shape): Shape => ({ items: [shape], nextCursor: orNull(text) })

const shortage: Shape = { productId: uuid, requested: whole, available: count }

/** Every error code: its status, and what its document says besides the members that all have. */
export const problems = {
  "invalid-request": { status: 400, says: { errors: [{ path: like(/^(\/|$)/), message: text }] } },
  unauthenticated: { status: 401, says: {} },
  "invalid-credentials": { status: 401, says: {} },
  "invalid-refresh-token": { status: 401, says: {} },
  forbidden: { status: 403, says: {} },
  "invalid-reset-token": { status: 403, says: {} },
  "wrong-password": { status: 403, says: {} },
  "not-found": { status: 404, says: {} },
  "product-not-found": { status: 404, says: { productId: uuid } },
  "category-not-found": { status: 404, says: { categoryId: uuid } },
  "voucher-not-found": { status: 404, says: { voucherId: uuid } },
  "account-not-found": { status: 404, says: { accountId: uuid } },
  "email-not-found": { status: 404, says: { email: text } },
  "service-token-not-found": { status: 404, says: { serviceTokenId: uuid } },
  "order-not-found": { status: 404, says: { orderId: uuid } },
  "payment-not-found": { status: 404, says: { paymentId: uuid } },
  "method-not-allowed": { status: 405, says: {} },
  "email-taken": { status: 409, says: { email: text } },
  "disable-refused": { status: 409, says: { accountId: uuid, reason: oneOf("own account", "last admin") } },
  "service-token-name-taken": { status: 409, says: { name: text } },
  "category-name-taken": { status: 409, says: { name: text } },
  "sku-taken": { status: 409, says: { sku: text } },
  "insufficient-stock": { status: 409, says: { shortages: [shortage] } },
  "product-unavailable": { status: 409, says: { productId: uuid } },
  "mixed-currencies": { status: 409, says: { currencies: [text] } },
  "amount-overflow": { status: 409, says: {} },
  "price-changed": { status: 409, says: { total: money } },
  "voucher-not-valid": { status: 409, says: { voucherCode: text, reason: text } },
  "pricing-refused": { status: 409, says: { reason: text } },
  "voucher-code-taken": { status: 409, says: { voucherCode: text } },
  "insufficient-units": {
    status: 409,
    says: { items: [{ "productId?": uuid, "fee?": text, requested: count, available: count }] }
  },
  "illegal-stage": { status: 409, says: { orderId: uuid, "from?": text, to: text } },
  "illegal-transition": { status: 409, says: { orderId: uuid, from: status, to: status } },
  "order-not-payable": { status: 409, says: { orderId: uuid, orderStatus: status } },
  "payment-in-progress": { status: 409, says: { orderId: uuid } },
  "payment-settled": { status: 409, says: { paymentId: uuid, paymentStatus: text } },
  "payment-not-authorized": { status: 409, says: { orderId: uuid } },
  "nothing-to-refund": { status: 409, says: { orderId: uuid } },
  "refund-too-large": { status: 409, says: { orderId: uuid, refundable: money } },
  "position-unknown": { status: 410, says: { position: text } },
  "payload-too-large": { status: 413, says: {} },
  "unsupported-media-type": { status: 415, says: {} },
  "idempotency-key-reused": { status: 422, says: { key: text } },
  "too-many-requests": { status: 429, says: {} },
  internal: { status: 500, says: {} },
  unavailable: { status: 503, says: { outcome: oneOf("notApplied", "unknown") } }
} as const satisfies Record<string, { readonly status: number; readonly says: Shape }>
export type Code = keyof typeof problems

/** The document of a problem, whole. */
export const problemOf = (code: Code): Shape => ({
  type: oneOf(`urn:effect-commerce:problem:${code}`),
  title: text,
  status: oneOf(problems[code].status),
  detail: text,
  code: oneOf(code),
  ...problems[code].says
})

const isList = (shape: Shape): shape is readonly [Shape] => Array.isArray(shape)
const isAnyOf = (shape: Shape): shape is { readonly anyOf: ReadonlyArray<Shape> } =>
  "anyOf" in shape && Array.isArray(shape.anyOf)

/** Where a value is not as the shape says; a field whose name ends with `?` may be absent, or has more or less than it. */
export const misfits = (shape: Shape, value: unknown, path = ""): ReadonlyArray<string> => {
  if (typeof shape === "function") return shape(value) ? [] : [`${path}: ${JSON.stringify(value)}`]
  if (isAnyOf(shape)) {
    return shape.anyOf.some((one) => misfits(one, value).length === 0) ? [] : [`${path}: no alternative`]
  }
  if (isList(shape)) {
    return Array.isArray(value)
      ? value.flatMap((element, index) => misfits(shape[0], element, `${path}/${index}`))
      : [`${path}: not a list`]
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [`${path}: not an object`]
  const fields: Readonly<Record<string, Shape>> = shape
  const own: Readonly<Record<string, unknown>> = { ...value }
  const names = Object.keys(fields).map((name) => name.replace(/\?$/, ""))
  return [...new Set([...names, ...Object.keys(own)])].flatMap((name) => {
    const field = fields[name] ?? fields[`${name}?`]
    if (field === undefined) return [`${path}/${name}: too much`]
    if (name in own) return misfits(field, own[name], `${path}/${name}`)
    return `${name}?` in fields ? [] : [`${path}/${name}: missing`]
  })
}
