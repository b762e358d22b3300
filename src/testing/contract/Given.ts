/** Initial data of laws, generated from the seed. */
import { Arbitrary, Effect, Random } from "effect"
import type { Category } from "../../domain/catalog/Category.ts"
import type { Product } from "../../domain/catalog/Product.ts"
import type { OrderStatus } from "../../domain/orders/Lifecycle.ts"
import type { Order } from "../../domain/orders/Order.ts"
import type { FulfilmentAttempt } from "../../domain/payments/FulfilWithMoney.ts"
import type { Outcome } from "../../domain/payments/Payment.ts"
import { vouchersOnly } from "../../domain/pricing/Pricing.ts"
import type { Attribution } from "../../domain/shared/Attribution.ts"
import { type IdempotencyClaim, type Operation, resultOf } from "../../domain/shared/Idempotency.ts"
import {
  AccountId,
  CategoryId,
  CustomerId,
  OperationId,
  OrderId,
  PaymentId,
  ProductId
} from "../../domain/shared/Ids.ts"
import { CatalogStore } from "../../ports/CatalogStore.ts"
import { OrderStore, type Placement } from "../../ports/OrderStore.ts"
import { type Attempt, PaymentStore } from "../../ports/PaymentStore.ts"
import { attribution, customerId, name, product as products } from "../Generators.ts"

/** Returns values of a generator. */
export const samples = <A>(
  generator: Arbitrary.Arbitrary<A>,
  count: number
): Effect.Effect<ReadonlyArray<A>> => Effect.orDie(Arbitrary.sampleEffect(generator, { count }))

/** Returns a value of a generator. */
export const sample = <A>(generator: Arbitrary.Arbitrary<A>): Effect.Effect<A> =>
  Effect.map(samples(generator, 1), ([value]) => value as A)

/** Returns 32 unique hexadecimal digits. */
export const newWord: Effect.Effect<string> = Effect.map(
  Effect.replicateEffect(Random.nextIntBetween(0, 2 ** 32, { halfOpen: true }), 4),
  (parts) => parts.map((part) => part.toString(16).padStart(8, "0")).join("")
)

/** Returns a new id. */
export const newId = <Id extends string>(id: { readonly make: (uuid: string) => Id }): Effect.Effect<Id> =>
  Effect.map(newWord, (word) => id.make(word.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-")))

/** Returns a new customer: the id of an account, or one as hosts have them. */
export const newCustomer: Effect.Effect<CustomerId> = Effect.gen(function* () {
  const [account, word, rest] = [yield* newId(AccountId), yield* newWord, yield* sample(customerId)]
  const ids = [
    account,
    account.toUpperCase(),
    `user_${word}`,
    Array.from(`${word}${rest}`).slice(0, 255).join("")
  ]
  return CustomerId.make(ids[yield* Random.nextIntBetween(0, ids.length, { halfOpen: true })] as string)
})

/** Returns an actor and a time. */
export const newAttribution: Effect.Effect<Attribution> = sample(attribution)

/** Returns an actor, a time, and the id of an operation that a cancellation may begin. */
export const newFulfilmentAttempt: Effect.Effect<FulfilmentAttempt> = Effect.gen(function* () {
  return { ...(yield* newAttribution), operationId: yield* newId(OperationId) }
})

/** Returns an actor, a time, and the id of a payment operation. */
export const newOperation = Effect.gen(function* () {
  return { ...(yield* newAttribution), id: yield* newId(OperationId) }
})

/** Returns a unique text of at most 63 code points: a word, an accent, and special characters. */
export const newLabel: Effect.Effect<string> = Effect.gen(function* () {
  return `${yield* newWord}é${yield* sample(name(30))}`
})

/** Returns the same label in the other case, with its accent as a combining mark. */
export const respelled = (label: string): string =>
  label.slice(0, 32).toUpperCase() + label.slice(32).replace("é", "E\u0301")

const day = 86_400_000

/**
 * Returns noon of a random day between two years. All other data are from 2020 to 2040, so that laws with other
 * years do not see them.
 */
export const newNoon = (from: number, to: number): Effect.Effect<number> =>
  Effect.map(Random.nextIntBetween(Date.UTC(from) / day, Date.UTC(to) / day), (n) => (n + 0.5) * day)

/** Returns a category that is not in the store. */
export const newCategory: Effect.Effect<Category> = Effect.gen(function* () {
  const { at: createdAt } = yield* newAttribution
  return { id: yield* newId(CategoryId), name: yield* newLabel, createdAt }
})

export const category = Effect.tap(newCategory, (category) =>
  CatalogStore.use((store) => store.addCategory(category, undefined))
)

/** Returns an active product with a price in euros that is not in the store. Its category is in the store. */
export const newProduct = Effect.fnUntraced(function* (fields: Partial<Product> = {}) {
  const product = yield* sample(products)
  const categoryId = fields.categoryId ?? (yield* category).id
  const price = { amount: yield* Random.nextIntBetween(0, 1_000_000), currency: "EUR" }
  const own = { id: yield* newId(ProductId), categoryId, sku: null, price, active: true }
  return { ...product, ...own, updatedAt: product.createdAt, ...fields }
})

export const product = (fields: Partial<Product> = {}) =>
  Effect.tap(newProduct(fields), (product) =>
    CatalogStore.use((store) => store.addProduct(product, "the law", undefined))
  )

/** A customer, and products that no other customer orders. */
export interface Fixture {
  readonly customerId: CustomerId
  readonly products: readonly [Product, ...Array<Product>]
}

/** Adds one product per stock, all in one currency. */
export const shop = Effect.fnUntraced(function* (stock: number, ...more: ReadonlyArray<number>) {
  const { id: categoryId } = yield* category
  const first = yield* product({ categoryId, stock })
  const rest = yield* Effect.forEach(more, (stock) => product({ categoryId, stock }))
  const shop: Fixture = { customerId: yield* newCustomer, products: [first, ...rest] }
  return shop
})

/** Products with quantities. */
export type Lines = ReadonlyArray<readonly [product: { readonly id: ProductId }, quantity: number]>

/** Returns a placement that is not in the store. */
export const newPlacement = Effect.fnUntraced(function* (
  { customerId }: Fixture,
  lines: Lines,
  fields: Partial<Pick<Placement, "at" | "idempotency">> = {}
) {
  const items = lines.map(([{ id: productId }, quantity]) => ({ productId, quantity }))
  const draft = { customerId, items }
  const placement: Placement = {
    draft,
    price: vouchersOnly,
    id: yield* newId(OrderId),
    ...(yield* newAttribution),
    idempotency: undefined,
    ...fields
  }
  return placement
})

export const order = (shop: Fixture, lines: Lines, fields?: { readonly at: Date }) =>
  Effect.flatMap(newPlacement(shop, lines, fields), (placement) =>
    OrderStore.use((store) => Effect.map(store.place(placement), resultOf))
  )

export const newAttempt = Effect.fnUntraced(function* (
  { id: orderId }: Pick<Order, "id">,
  fields?: { readonly at: Date }
) {
  const attempt: Attempt = {
    id: yield* newId(PaymentId),
    orderId,
    paymentMethod: yield* sample(name(200)),
    ...(yield* newAttribution),
    ...fields
  }
  return attempt
})

/** Makes a payment with an outcome. */
export const paid = Effect.fnUntraced(function* (order: Pick<Order, "id">, outcome: Outcome) {
  const store = yield* PaymentStore
  const { value: pending } = yield* store.begin(yield* newAttempt(order), undefined)
  return yield* store.settle(pending.id, outcome, yield* newAttribution, undefined)
})

/** Makes an order in the given status. */
export const orderIn = Effect.fnUntraced(function* (
  status: OrderStatus,
  shop: Fixture,
  lines: Lines,
  fields?: { readonly at: Date }
) {
  const store = yield* OrderStore
  const { id } = yield* order(shop, lines, fields)
  if (status !== "CREATED") yield* paid({ id }, status === "FAILED" ? "DECLINED" : "APPROVED")
  if (status === "CANCELLED")
    yield* store.fulfil(id, { kind: "cancel", request: {} }, yield* newFulfilmentAttempt, undefined)
  if (status === "SHIPPED" || status === "COMPLETED")
    yield* store.advance(id, "shipped", yield* newAttribution, undefined)
  if (status === "COMPLETED") yield* store.advance(id, "completed", yield* newAttribution, undefined)
  return yield* Effect.flatMap(store.get(id), Effect.fromOption)
})

/** Returns an unused idempotency key with a unique fingerprint. */
export const newClaim = Effect.fnUntraced(function* (operation: Operation) {
  const [scope, key, fingerprint] = [yield* newWord, yield* newWord, yield* newWord]
  const idempotency: IdempotencyClaim = { scope, operation, key, fingerprint }
  return idempotency
})
