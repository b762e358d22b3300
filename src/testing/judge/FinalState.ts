import { Array as Arr, Clock, Duration, Effect, Option } from "effect"
import type { Account } from "../../domain/accounts/Account.ts"
import type { Product } from "../../domain/catalog/Product.ts"
import type { Violation } from "../../domain/operations/Invariants.ts"
import type { FeedEvent } from "../../domain/orders/Feed.ts"
import type { Order, OrderEvent } from "../../domain/orders/Order.ts"
import type { Payment } from "../../domain/payments/Payment.ts"
import { maxLimit, type Page } from "../../domain/shared/Page.ts"
import type { Json } from "./Calls.ts"
import { canonical, type Evidence, evidenceOf } from "./Evidence.ts"
import type { History } from "./History.ts"
import { observedOrders } from "./Observations.ts"
import { ask, type ShopUnderTest } from "./ShopUnderTest.ts"

/** An order with its history and its payments. */
export interface FinalOrder {
  readonly order: Json<Order>
  readonly events: ReadonlyArray<Json<OrderEvent>>
  readonly payments: ReadonlyArray<Json<Payment>>
}

/** What a shop has after the last call of a history, as JSON. */
export interface FinalState {
  /** All orders of the customers of the history. */
  readonly orders: ReadonlyArray<FinalOrder>
  /** The products that the history names. */
  readonly products: ReadonlyArray<Json<Product>>
  /** The accounts that were registered. `null` if the shop was given without its accounts. */
  readonly accounts: ReadonlyArray<Json<Account>> | null
  /** The feed, after `feedAfter`. */
  readonly feed: ReadonlyArray<Json<FeedEvent>>
  readonly feedAfter: string | undefined
  /** What `verify` found. */
  readonly violations: ReadonlyArray<Violation>
}

/** How to read a final state. */
export interface FinalStateSettings {
  /** A position before the first order of the history, to read less of a long feed. Defaults to the start of the feed. */
  readonly feedAfter?: string | undefined
  /**
   * Maximum time to wait until the feed has all events and nothing changes any more: longer than the longest transaction on the
   * database. Defaults to 60 seconds.
   */
  readonly settleTimeout?: Duration.Input | undefined
}

const concurrency = 8

const json = <A>(value: A): Json<A> => JSON.parse(JSON.stringify(value))

const allItems = Effect.fnUntraced(function* <A>(
  read: (page: { readonly limit: number; readonly cursor?: string }) => Effect.Effect<Page<A>, unknown>
) {
  const items: Array<A> = []
  let page: { readonly limit: number; readonly cursor?: string } = { limit: maxLimit }
  for (;;) {
    const { items: more, nextCursor } = yield* read(page)
    items.push(...more)
    if (nextCursor === null) return items
    page = { limit: maxLimit, cursor: nextCursor }
  }
})

const feedOf = Effect.fnUntraced(function* ({ orders }: ShopUnderTest, start: string | undefined) {
  const events: Array<FeedEvent> = []
  for (;;) {
    const after = events.at(-1)?.position ?? start
    const page = yield* ask(() => orders.feed({ after, limit: maxLimit }))
    if (page.length === 0) return events
    events.push(...page)
  }
})

/** Returns what exists of some ids. An error other than that it does not exist fails. */
const existing = <A>(
  ids: ReadonlyArray<string>,
  notFound: string,
  get: (id: string) => Effect.Effect<A, unknown>
) =>
  Effect.map(
    Effect.forEach(
      ids,
      (id) =>
        get(id).pipe(
          Effect.asSome,
          Effect.catchIf(
            (error) => (error as { readonly _tag?: string })._tag === notFound,
            () => Effect.succeed(Option.none<A>())
          )
        ),
      { concurrency }
    ),
    Arr.getSomes
  )

/** Lists the orders of the customers of a history, and gets those that an answer shows and no list has. */
const listOrders = Effect.fnUntraced(function* ({ orders }: ShopUnderTest, evidence: Evidence) {
  const customers = new Set(evidence.of("orders.place").map(({ input }) => input.customerId))
  const listed = yield* Effect.forEach(
    customers,
    (customerId) => allItems((page) => ask(() => orders.list({ ...page, customerId }))),
    { concurrency }
  )
  const found = new Set<string>(listed.flat().map(({ id }) => id))
  const others = [...observedOrders(evidence)].filter((id) => !found.has(id))
  return [...listed.flat(), ...(yield* existing(others, "OrderNotFound", (id) => ask(() => orders.get(id))))]
})

const ordersOf = ({ orders, payments }: ShopUnderTest, listed: ReadonlyArray<Order>) =>
  Effect.forEach(
    listed,
    (order) =>
      Effect.all({
        order: Effect.succeed(order),
        events: ask(() => orders.history(order.id)),
        payments: ask(() => payments.list(order.id))
      }),
    { concurrency }
  )

const productsOf = ({ of, answered }: Evidence): ReadonlyArray<string> => [
  ...new Set(
    [
      ...answered("catalog.createProduct").map(({ value }) => value.id),
      ...of("catalog.adjustStock", "catalog.changeProduct").map(({ input }) => input.productId),
      ...of("orders.place").flatMap(({ input }) => input.items.map(({ productId }) => productId))
    ].map((id) => id.toLowerCase())
  )
]

const accountsOf = (accounts: NonNullable<ShopUnderTest["accounts"]>, { answered }: Evidence) =>
  existing(
    answered("accounts.register").map(({ value }) => value.id),
    "Unauthenticated",
    (id) => ask(() => accounts.get(id))
  )

const read = Effect.fnUntraced(function* (
  shop: ShopUnderTest,
  evidence: Evidence,
  feedAfter: string | undefined
) {
  const listed = yield* listOrders(shop, evidence)
  const orders = yield* ordersOf(shop, listed)
  const feed = yield* feedOf(shop, feedAfter)
  const products = yield* existing(productsOf(evidence), "ProductNotFound", (id) =>
    ask(() => shop.catalog.product(id))
  )
  const accounts = shop.accounts === undefined ? null : yield* accountsOf(shop.accounts, evidence)
  const { violations } = yield* ask(() => shop.verify())
  const inFeed = new Set(feed.map(({ orderId, sequence }) => `${orderId} ${sequence}`))
  const isInFeed = orders.every(({ order, events }) =>
    events.every(({ sequence }) => inFeed.has(`${order.id} ${sequence}`))
  )
  const isUnchanged = canonical(yield* listOrders(shop, evidence)) === canonical(listed)
  const state: FinalState = { ...json({ orders, products, accounts, feed, violations }), feedAfter }
  return { state, isSettled: isInFeed && isUnchanged }
})

/**
 * Reads what a shop has after a history: all orders of its customers, its products and accounts, the feed, and what `verify` finds.
 * Call it when the faults and all callers of the history have ended. Fails with the error of any call.
 */
export const readFinalState = (
  history: History,
  shop: ShopUnderTest,
  { feedAfter, settleTimeout = "60 seconds" }: FinalStateSettings = {}
): Effect.Effect<FinalState, unknown> =>
  Effect.gen(function* () {
    const evidence = evidenceOf(history)
    const end = (yield* Clock.currentTimeMillis) + Duration.toMillis(settleTimeout)
    for (;;) {
      const { state, isSettled } = yield* read(shop, evidence, feedAfter)
      if (isSettled || (yield* Clock.currentTimeMillis) >= end) return state
      yield* Effect.sleep("20 millis")
    }
  })
