import { Effect, Equal, Result } from "effect"
import { InsufficientStock } from "../../../domain/catalog/Product.ts"
import { type Order, PaymentInProgress } from "../../../domain/orders/Order.ts"
import type { Outcome, Payment, PaymentSettled } from "../../../domain/payments/Payment.ts"
import { settle } from "../../../domain/payments/SettlePayment.ts"
import type { Attribution } from "../../../domain/shared/Attribution.ts"
import { resultOf } from "../../../domain/shared/Idempotency.ts"
import { CatalogStore } from "../../../ports/CatalogStore.ts"
import { OrderStore } from "../../../ports/OrderStore.ts"
import { PaymentStore } from "../../../ports/PaymentStore.ts"
import {
  type Fixture,
  type Lines,
  newAttempt,
  newAttribution,
  newLabel,
  newPlacement,
  order,
  shop
} from "../Given.ts"
import { concurrently, type Law, law, same } from "../Law.ts"
import { checkIntegrity, readOrder, readProduct } from "../operations/ShopSnapshot.ts"

const placements = (own: Fixture, count: number, lines: (n: number) => Lines) =>
  Effect.forEach(Array.from({ length: count }).keys(), (n) => newPlacement(own, lines(n)))

const pending = Effect.fnUntraced(function* (own: Fixture) {
  const store = yield* PaymentStore
  const placed = yield* order(
    own,
    own.products.map((product) => [product, 1] as const)
  )
  const { value: payment } = yield* store.begin(yield* newAttempt(placed), undefined)
  return { placed, payment }
})

const permutations = (numbers: ReadonlyArray<number>): ReadonlyArray<ReadonlyArray<number>> =>
  numbers.length === 0
    ? [[]]
    : numbers.flatMap((first) =>
        permutations(numbers.filter((other) => other !== first)).map((rest) => [first, ...rest])
      )

/** Settles outcomes in a sequence, as the domain decides. Returns the answers in the order of the outcomes, and what becomes of the order. */
const settledInSequence = (
  payment: Payment,
  order: Order,
  said: ReadonlyArray<Outcome>,
  sequence: ReadonlyArray<number>,
  attribution: Attribution
) => {
  let now = { payment, order }
  const answers = new Map<number, Result.Result<Payment, PaymentSettled>>()
  for (const index of sequence) {
    const settled = settle(now.payment, now.order, said[index] ?? "APPROVED", attribution)
    if (Result.isSuccess(settled)) {
      const order = settled.success.advanced?.order ?? now.order
      now = { payment: { ...settled.success.payment, orderStatus: order.status }, order }
    }
    answers.set(
      index,
      Result.map(settled, () => now.payment)
    )
  }
  return {
    answers: said.flatMap((_, index) => answers.get(index) ?? []),
    order: now.order,
    payments: [now.payment]
  }
}

export const racingLaws: ReadonlyArray<Law> = [
  ...[
    [4, 1],
    [20, 10]
  ].map(([customers = 0, stock = 0]) =>
    law(
      `${customers} concurrent orders of a unit from a stock of ${stock}: ${stock} succeed and the others are refused`,
      Effect.gen(function* () {
        const store = yield* OrderStore
        const own = yield* shop(stock)
        const [hot] = own.products
        const buyers = yield* placements(own, customers, () => [[hot, 1]])
        const [, refusals] = yield* concurrently(buyers.map(store.place))
        const none = { productId: hot.id, requested: 1, available: 0 }
        const shortage = new InsufficientStock({ shortages: [none] })
        yield* same(
          refusals,
          Array.from({ length: customers - stock }, () => shortage)
        )
        yield* same((yield* readProduct(hot.id)).stock, 0)
        yield* checkIntegrity(own)
      })
    )
  ),

  law(
    "concurrent orders with the same products in opposite order are all placed",
    Effect.gen(function* () {
      const store = yield* OrderStore
      const own = yield* shop(100, 100, 100, 100)
      const lines = own.products.map((product) => [product, 1] as const)
      const buyers = yield* placements(own, 30, (n) => (n % 2 === 0 ? lines : lines.toReversed()))
      const [placed, refusals] = yield* concurrently(buyers.map(store.place))
      yield* same<unknown>({ placed: placed.length, refusals }, { placed: 30, refusals: [] })
      yield* checkIntegrity(own)
    })
  ),

  law(
    "no unit is lost while products are bought, restocked, adjusted and changed concurrently",
    Effect.gen(function* () {
      const [catalog, orders, payments] = [yield* CatalogStore, yield* OrderStore, yield* PaymentStore]
      const own = yield* shop(50, 50)
      const [one, two] = own.products
      const lines = own.products.map((product) => [product, 2] as const)
      const failing = yield* Effect.replicateEffect(pending(own), 8)
      const buyers = yield* placements(own, 8, (n) => (n % 2 === 0 ? lines : lines.toReversed()))
      const attribution = yield* newAttribution
      const [sku, adjustment] = [yield* newLabel, { delta: 3, reason: null, ...attribution }]
      const [, refusals] = yield* concurrently<unknown, unknown, never>([
        ...failing.map(({ payment }) => payments.settle(payment.id, "DECLINED", attribution, undefined)),
        ...buyers.map(orders.place),
        ...own.products.map(({ id }) => catalog.adjustStock(id, adjustment, undefined)),
        ...own.products.map(({ id }) =>
          catalog.changeProduct(id, { name: "changed" }, attribution.at, undefined)
        ),
        catalog.changeProduct(one.id, { sku }, attribution.at, undefined)
      ])
      yield* same<unknown>(refusals, [])
      const { name, sku: found, stock } = yield* readProduct(one.id)
      yield* same({ name, sku: found, stock }, { name: "changed", sku, stock: 50 - 16 + 3 })
      yield* checkIntegrity(own, two === undefined ? [53] : [53, 53])
    })
  ),

  law(
    "ten concurrent payments of one order: one is pending and nine are refused",
    Effect.gen(function* () {
      const store = yield* PaymentStore
      const own = yield* shop(10)
      const placed = yield* order(own, [[own.products[0], 1]])
      const attempts = yield* Effect.replicateEffect(newAttempt(placed), 10)
      const [begun, refusals] = yield* concurrently(
        attempts.map((attempt) => store.begin(attempt, undefined))
      )
      const inProgress = new PaymentInProgress({ orderId: placed.id })
      yield* same(
        refusals,
        Array.from({ length: 9 }, () => inProgress)
      )
      yield* same(
        yield* store.list(placed.id),
        begun.map(({ value }) => value)
      )
      yield* checkIntegrity(own)
    })
  ),

  law(
    "concurrent outcomes of one payment are settled one after another: the order follows the first, and an approval after it is due back",
    Effect.gen(function* () {
      const store = yield* PaymentStore
      const outcomes: ReadonlyArray<ReadonlyArray<Outcome>> = [
        ["APPROVED", "DECLINED", "APPROVED", "DECLINED", "DECLINED"],
        ["DECLINED", "CANCELLED", "DECLINED", "CANCELLED", "CANCELLED"],
        ["APPROVED", "CANCELLED", "DECLINED"]
      ]
      const rounds = outcomes.flatMap((said) =>
        said.map((_, round) => [...said.slice(round), ...said.slice(0, round)])
      )
      for (const said of rounds) {
        const own = yield* shop(10, 10)
        const { placed, payment } = yield* pending(own)
        const attribution = yield* newAttribution
        const answers = yield* Effect.forEach(
          said,
          (outcome) => Effect.result(store.settle(payment.id, outcome, attribution, undefined)),
          { concurrency: "unbounded" }
        )
        const found = {
          answers: answers.map(Result.map(resultOf)),
          order: yield* readOrder(placed.id),
          payments: yield* store.list(placed.id)
        }
        const decided = permutations([...said.keys()]).map((sequence) =>
          settledInSequence(payment, placed, said, sequence, attribution)
        )
        const match = decided.find((one) => Equal.equals(one, found))
        yield* same<unknown>(found, match ?? "the outcomes in some sequence")
        yield* checkIntegrity(own)
      }
    })
  ),

  law(
    "ten concurrent declines of one payment restock its order once [O2]",
    Effect.gen(function* () {
      const store = yield* PaymentStore
      const own = yield* shop(10, 10)
      const { placed, payment } = yield* pending(own)
      const attribution = yield* newAttribution
      yield* concurrently(
        Array.from({ length: 10 }, () => store.settle(payment.id, "DECLINED", attribution, undefined))
      )
      yield* same((yield* readOrder(placed.id)).version, 2)
      yield* checkIntegrity(own)
    })
  )
]
