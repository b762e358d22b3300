import { Effect } from "effect"
import { statuses } from "../../../domain/orders/Lifecycle.ts"
import type { Order } from "../../../domain/orders/Order.ts"
import { CustomerId, type OrderId } from "../../../domain/shared/Ids.ts"
import { type OrderListing, OrderStore } from "../../../ports/OrderStore.ts"
import { newCustomer, newWord, order, orderIn, shop } from "../Given.ts"
import { type Law, law, same } from "../Law.ts"

/** Returns all orders of a listing, page by page. */
const walk = Effect.fnUntraced(function* (query: Omit<OrderListing, "after" | "take">, take: number) {
  const store = yield* OrderStore
  const listed: Array<Order> = []
  for (;;) {
    const after: OrderId | undefined = listed.at(-1)?.id
    const page = yield* store.list({ ...query, after, take })
    listed.push(...page)
    if (page.length < take) return listed
  }
})

export const orderListingLaws: ReadonlyArray<Law> = [
  law(
    "orders are listed by descending id, by status and customer, across pages",
    Effect.gen(function* () {
      const [first, second] = [yield* shop(100, 100), yield* shop(100)]
      const placed: Array<Order> = []
      for (const status of [...statuses, ...statuses]) {
        for (const own of [first, second]) {
          const lines = own.products.map((product) => [product, 1] as const)
          placed.push(yield* orderIn(status, own, lines))
        }
      }
      const expected = placed.sort((a, b) => (a.id < b.id ? 1 : -1))
      const ids = placed.map(({ id }) => id)
      for (const status of [undefined, ...statuses]) {
        const withStatus = expected.filter((order) => status === undefined || order.status === status)
        for (const { customerId } of [first, second]) {
          const own = withStatus.filter((order) => order.customerId === customerId)
          for (const take of [1, 3, 100]) yield* same(yield* walk({ status, customerId }, take), own)
        }
        const all = yield* walk({ status, customerId: undefined }, 50)
        yield* same(
          all.filter(({ id }) => ids.includes(id)),
          withStatus
        )
      }
    })
  ),

  law(
    "customers differ by every character of their id: case, white space and Unicode form",
    Effect.gen(function* () {
      const [own, word] = [yield* shop(1000), yield* newWord]
      const ids = [`${word}é`, `${word}É`, `${word}e\u0301`, `${word}é `, ` ${word}é`, `${word}é\u200b`]
      const longest = Array.from(`${word}${"🛒".repeat(255)}`)
        .slice(0, 255)
        .join("")
      const placed: Array<Order> = []
      for (const id of [...ids, longest, longest.toUpperCase()]) {
        const customerId = CustomerId.make(id)
        const kept = yield* order({ ...own, customerId }, [[own.products[0], 1]])
        yield* same(kept.customerId, customerId)
        placed.push(kept)
      }
      for (const kept of placed) {
        yield* same(yield* walk({ status: undefined, customerId: kept.customerId }, 3), [kept])
      }
    })
  ),

  law(
    "a customer without orders has an empty list",
    Effect.gen(function* () {
      yield* same(yield* walk({ status: undefined, customerId: yield* newCustomer }, 10), [])
    })
  )
]
