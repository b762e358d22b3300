import { Effect, Option, Schema } from "effect"
import { normalizeEmail } from "../../../domain/accounts/Account.ts"
import { OrderEvent } from "../../../domain/orders/Order.ts"
import { vouchersOnly } from "../../../domain/pricing/Pricing.ts"
import type { IdempotentResult } from "../../../domain/shared/Idempotency.ts"
import { AccountId, CategoryId, CustomerId, OperationId, OrderId } from "../../../domain/shared/Ids.ts"
import { AccountStore } from "../../../ports/AccountStore.ts"
import { AnalyticsStore } from "../../../ports/AnalyticsStore.ts"
import { CatalogStore } from "../../../ports/CatalogStore.ts"
import { OrderStore } from "../../../ports/OrderStore.ts"
import { PaymentStore } from "../../../ports/PaymentStore.ts"
import { newAttempt, newAttribution, newClaim, newId, newProduct, newWord } from "../Given.ts"
import { type Difference, type Law, law, same } from "../Law.ts"

/** Runs a change twice with one key, and checks that both return the same. */
const twice = <A, E, R>(
  change: Effect.Effect<IdempotentResult<A>, E, R>
): Effect.Effect<A, E | Difference, R> =>
  Effect.gen(function* () {
    const first = yield* change
    yield* same(yield* change, { value: first.value, replayed: true })
    return first.value
  })

/**
 * Stores one of everything with text, a currency and sizes that no input may have today, as if they had come in under
 * earlier rules. The order is shipped and paid.
 */
export const storeUnderEarlierRules = Effect.gen(function* () {
  const [accounts, catalog, orders, payments] = [
    yield* AccountStore,
    yield* CatalogStore,
    yield* OrderStore,
    yield* PaymentStore
  ]
  const word = yield* newWord
  const strange = `\u200b\u0001\u202e${word}${"x".repeat(300)}\u3164`
  const { at } = yield* newAttribution
  const attribution = { at, actor: strange }

  const account = {
    id: yield* newId(AccountId),
    email: `\u200b${word} without a sign`,
    role: "customer" as const,
    createdAt: at
  }
  yield* accounts.add(account, "a hash")

  const categoryClaim = yield* newClaim("create category")
  const category = yield* twice(
    catalog.addCategory({ id: yield* newId(CategoryId), name: strange, createdAt: at }, categoryClaim)
  )

  const productClaim = yield* newClaim("create product")
  const given = yield* newProduct({
    categoryId: category.id,
    name: strange,
    sku: strange,
    description: strange.repeat(50),
    price: { amount: 5, currency: "ZZZ" },
    stock: 2_000_000
  })
  const product = yield* twice(catalog.addProduct(given, strange, productClaim))

  const placeClaim = yield* newClaim("place order")
  const draft = {
    customerId: CustomerId.make(word),
    items: [{ productId: product.id, quantity: 1_500_000 }] as const,
    metadata: { [strange]: strange.repeat(20) }
  }
  const customerId = strange as CustomerId
  const placement = {
    draft: { ...draft, customerId },
    price: vouchersOnly,
    id: yield* newId(OrderId),
    ...attribution,
    idempotency: placeClaim
  }
  yield* twice(orders.place(placement))
  const attempt = { ...(yield* newAttempt(placement)), paymentMethod: strange, actor: strange }
  const { value: pending } = yield* payments.begin(attempt, undefined)
  yield* payments.settle(pending.id, "APPROVED", attribution, undefined)
  const shipClaim = yield* newClaim("ship order")
  const shipped = yield* twice(orders.advance(placement.id, "shipped", attribution, shipClaim))
  const completeClaim = yield* newClaim("complete order")
  const completed = yield* twice(orders.advance(shipped.id, "completed", attribution, completeClaim))
  const returned = { ...draft.items[0], restock: 0 }
  const returning = { kind: "return", request: { items: [returned] } } as const
  const returnClaim = yield* newClaim("return items")
  const order = yield* twice(
    orders.fulfil(
      completed.id,
      returning,
      { operationId: yield* newId(OperationId), ...attribution },
      returnClaim
    )
  )
  return { account, category, product, order }
})

export const storedDataLaws: ReadonlyArray<Law> = [
  law(
    "what is stored stays readable, although no input may be like this today",
    Effect.gen(function* () {
      const { account, category, product, order } = yield* storeUnderEarlierRules
      const [accounts, catalog, orders] = [yield* AccountStore, yield* CatalogStore, yield* OrderStore]
      yield* same(yield* accounts.get(account.id), Option.some(account))
      const credentials = yield* accounts.credentials(normalizeEmail(account.email))
      yield* same(
        Option.map(credentials, ({ account: { email } }) => email),
        Option.some(account.email)
      )
      const listing = { categoryId: category.id, q: undefined, inStock: undefined, after: undefined, take: 5 }
      const left = { ...product, stock: 500_000 }
      for (const sort of ["newest", "name", "price", "-price"] as const) {
        yield* same(yield* catalog.products({ ...listing, sort }), [left])
      }
      yield* same(yield* orders.get(order.id), Option.some(order))
      const listed = { customerId: order.customerId, status: undefined, after: undefined, take: 5 }
      yield* same(yield* orders.list(listed), [order])
      const events = yield* orders.history(order.id)
      yield* same(events.filter(Schema.is(OrderEvent)), events)
      const actors = events.map(({ actor }) => actor)
      yield* same(
        actors,
        actors.map(() => product.name)
      )
      const analytics = yield* AnalyticsStore
      const totals = yield* analytics.orderTotals({})
      yield* same(
        totals.some(({ currency, status }) => currency === "ZZZ" && status === "COMPLETED"),
        true
      )
      const sold = yield* analytics.bestSellers({}, 1_000_000)
      yield* same(
        sold.filter(({ productId }) => productId === product.id),
        [
          {
            productId: product.id,
            name: product.name,
            units: 1_500_000,
            revenue: [{ currency: "ZZZ", amount: 7_500_000n }]
          }
        ]
      )
    })
  )
]
