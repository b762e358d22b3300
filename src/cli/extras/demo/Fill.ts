import { Effect } from "effect"
import type { ProductId } from "../../../domain/shared/Ids.ts"
import { Catalog } from "../../../services/Catalog.ts"
import { Orders } from "../../../services/Orders.ts"
import { Payments } from "../../../services/Payments.ts"
import { categories } from "./Goods.ts"
import { at } from "./PastClock.ts"
import type { Plan, PlannedOrder } from "./Plan.ts"

const minute = 60_000

/** Number of concurrent calls, enough for the store to batch them. */
const concurrency = 512

/** Returns the ids of the categories, and creates missing ones. */
const shelves = Effect.fnUntraced(function* (opening: number) {
  const catalog = yield* Catalog
  const ids = new Map<string, string>()
  let cursor: string | undefined
  do {
    const page = yield* catalog.categories({ limit: 100, cursor })
    for (const { name, id } of page.items) ids.set(name, id)
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  for (const name of categories) {
    if (!ids.has(name)) ids.set(name, (yield* at(opening)(catalog.createCategory({ name }))).id)
  }
  return ids
})

/** Creates the products of a plan, one per minute, ending at the start of its year. */
export const stock = Effect.fnUntraced(function* ({ begin, products }: Plan, done: Effect.Effect<void>) {
  const catalog = yield* Catalog
  const opening = begin - products.length * minute
  const ids = yield* shelves(opening)
  return yield* Effect.forEach(
    products,
    ({ category, price, ...product }, n) =>
      Effect.tap(
        at(opening + n * minute)(
          catalog.createProduct({
            ...product,
            categoryId: ids.get(category) ?? "",
            price: { amount: price, currency: "EUR" }
          })
        ),
        done
      ),
    { concurrency: 16 }
  )
})

/** Places the orders of a plan, and applies their later events, each at its planned time. */
export const sell = Effect.fnUntraced(function* (
  { orders: planned }: Plan,
  products: ReadonlyArray<{ readonly id: ProductId }>,
  done: Effect.Effect<void>
) {
  const orders = yield* Orders
  const payments = yield* Payments

  const live = Effect.fnUntraced(function* (plan: PlannedOrder) {
    const items = plan.lines.map(({ product, quantity }) => ({
      productId: products[product]?.id ?? "",
      quantity
    }))
    const { id: orderId } = yield* at(plan.placed)(orders.place({ customerId: plan.customerId, items }))
    const pay = (paymentMethod: string) => payments.pay({ orderId, paymentMethod })
    if (plan.declined !== undefined) yield* at(plan.declined)(pay("sim_decline"))
    if (plan.expired !== undefined) yield* at(plan.expired)(orders.expire(orderId))
    if (plan.paid !== undefined) yield* at(plan.paid)(pay("sim_approve"))
    if (plan.shipped !== undefined) yield* at(plan.shipped)(orders.ship(orderId))
    if (plan.completed !== undefined) yield* at(plan.completed)(orders.complete(orderId))
    yield* done
  })

  yield* Effect.forEach(planned, live, { concurrency, discard: true })
})
