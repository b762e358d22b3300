/** Operations that accept an idempotency key, as the laws on idempotency run them. */
import { Effect } from "effect"
import type { IdempotencyClaim, IdempotentResult, Operation } from "../../../domain/shared/Idempotency.ts"
import type { ProductId } from "../../../domain/shared/Ids.ts"
import { CatalogStore } from "../../../ports/CatalogStore.ts"
import { OrderStore } from "../../../ports/OrderStore.ts"
import { type Attempt, PaymentStore } from "../../../ports/PaymentStore.ts"
import type { Stores } from "../../../ports/Stores.ts"
import {
  type Fixture,
  newAttempt,
  newAttribution,
  newLabel,
  newPlacement,
  newProduct,
  order,
  paid,
  shop
} from "../Given.ts"
import { readProduct } from "../operations/ShopSnapshot.ts"

type Work<A> = Effect.Effect<A, unknown, Stores>

export interface IdempotencyCase {
  readonly shop: Fixture
  /** Calls the operation with a new id and time, as a client that retries does. */
  readonly call: (idempotency: IdempotencyClaim) => Work<IdempotentResult<unknown>>
  /** Counts the effects of the operation. */
  readonly effects: Work<number>
  /** Makes the operation impossible. Returns an effect that makes it possible again. */
  readonly block: Work<Work<unknown>>
  /** Changes what the operation has created. */
  readonly changeLater: Work<unknown>
  /** Current state of the effect, if a replay returns it. `undefined` if a replay returns the first result. */
  readonly currentState: Work<unknown> | undefined
}

const adjust = Effect.fnUntraced(function* (id: ProductId, delta: number, idempotency?: IdempotencyClaim) {
  const store = yield* CatalogStore
  return yield* store.adjustStock(id, { delta, reason: null, ...(yield* newAttribution) }, idempotency)
})

const change = Effect.fnUntraced(function* (id: ProductId, sku: string | null) {
  const store = yield* CatalogStore
  return yield* store.changeProduct(id, { name: "changed", sku }, (yield* newAttribution).at)
})

const placing: Work<IdempotencyCase> = Effect.gen(function* () {
  const store = yield* OrderStore
  const own = yield* shop(10)
  const [first] = own.products
  const orders = store.list({ customerId: own.customerId, status: undefined, after: undefined, take: 100 })
  return {
    shop: own,
    call: (idempotency) => Effect.flatMap(newPlacement(own, [[first, 2]], { idempotency }), store.place),
    effects: Effect.map(orders, (orders) => orders.length),
    block: Effect.as(adjust(first.id, -9), adjust(first.id, 9)),
    changeLater: Effect.gen(function* () {
      for (const order of yield* orders) {
        yield* paid(order, "APPROVED")
        yield* store.advance(order.id, "shipped", yield* newAttribution)
      }
    }),
    currentState: undefined
  }
})

const paying = (
  call: (
    attempt: Attempt,
    idempotency: IdempotencyClaim
  ) => Effect.Effect<IdempotentResult<unknown>, unknown, PaymentStore>
): Work<IdempotencyCase> =>
  Effect.gen(function* () {
    const store = yield* PaymentStore
    const orders = yield* OrderStore
    const own = yield* shop(10)
    const placed = yield* order(own, [[own.products[0], 1]])
    const payments = Effect.map(store.list(placed.id), (all) =>
      all.filter(({ status }) => status !== "CANCELLED")
    )
    const other = Effect.flatMap(newAttempt(placed), (attempt) => store.begin(attempt, undefined))
    return {
      shop: own,
      call: (idempotency) => Effect.flatMap(newAttempt(placed), (attempt) => call(attempt, idempotency)),
      effects: Effect.map(payments, (payments) => payments.length),
      block: Effect.map(other, ({ value }) =>
        Effect.flatMap(newAttribution, (attribution) => store.settle(value.id, "CANCELLED", attribution))
      ),
      changeLater: Effect.gen(function* () {
        for (const { id } of yield* payments) yield* store.settle(id, "APPROVED", yield* newAttribution)
        yield* orders.advance(placed.id, "shipped", yield* newAttribution)
      }),
      currentState: Effect.map(payments, ([payment]) => payment)
    }
  })

const creating: Work<IdempotencyCase> = Effect.gen(function* () {
  const store = yield* CatalogStore
  const own = yield* shop(10)
  const [{ categoryId, ...first }] = own.products
  const sku = yield* newLabel
  const created = Effect.map(
    store.products({
      categoryId,
      q: undefined,
      inStock: undefined,
      sort: "newest",
      after: undefined,
      take: 100
    }),
    (all) => all.filter(({ id }) => id !== first.id)
  )
  return {
    shop: own,
    call: (idempotency) =>
      Effect.flatMap(newProduct({ categoryId, sku, stock: 3 }), (own) =>
        store.addProduct(own, "the law", idempotency)
      ),
    effects: Effect.map(created, (created) => created.length),
    block: Effect.as(change(first.id, sku), change(first.id, null)),
    changeLater: Effect.flatMap(
      created,
      Effect.forEach(({ id }) => Effect.andThen(change(id, null), adjust(id, 1)))
    ),
    currentState: undefined
  }
})

const adjusting: Work<IdempotencyCase> = Effect.gen(function* () {
  const own = yield* shop(10)
  const [{ id }] = own.products
  return {
    shop: own,
    call: (idempotency) => adjust(id, -2, idempotency),
    effects: Effect.map(readProduct(id), ({ stock }) => (10 - stock) / 2),
    block: Effect.as(adjust(id, -9), adjust(id, 9)),
    changeLater: Effect.andThen(change(id, null), Effect.andThen(adjust(id, 5), adjust(id, -5))),
    currentState: undefined
  }
})

const begin = paying((attempt, idempotency) => PaymentStore.use((store) => store.begin(attempt, idempotency)))
const record = paying((attempt, idempotency) =>
  PaymentStore.use((store) => store.record(attempt, "APPROVED", idempotency))
)

export const idempotencyCases: ReadonlyArray<{
  readonly name: string
  readonly operation: Operation
  readonly prepare: Work<IdempotencyCase>
}> = [
  { name: "place an order", operation: "place order", prepare: placing },
  { name: "begin a payment", operation: "pay order", prepare: begin },
  { name: "record a charge", operation: "pay order", prepare: record },
  { name: "create a product", operation: "create product", prepare: creating },
  { name: "adjust a stock", operation: "adjust stock", prepare: adjusting }
]
