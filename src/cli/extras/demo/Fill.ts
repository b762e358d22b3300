import { Effect, Stream } from "effect"
import type { OrderStatus } from "../../../domain/orders/Lifecycle.ts"
import type { Order } from "../../../domain/orders/Order.ts"
import type { OrderId, ProductId } from "../../../domain/shared/Ids.ts"
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
  yield* Stream.runForEach(catalog.allCategories(), ({ name, id }) => Effect.sync(() => ids.set(name, id)))
  for (const name of categories) {
    if (!ids.has(name)) ids.set(name, (yield* at(opening)(catalog.createCategory({ name }))).id)
  }
  return ids
})

/** Returns the products of a plan that are there already, by SKU: an earlier run has made them. */
export const stocked = Effect.fnUntraced(function* ({ products }: Plan) {
  const catalog = yield* Catalog
  const [first] = products
  const found = new Map<string, ProductId>()
  if (first === undefined) return found
  const { items } = yield* catalog.products({ q: first.sku, limit: 100 })
  if (!items.some(({ sku }) => sku === first.sku)) return found
  const skus = new Set(products.map(({ sku }) => sku))
  yield* Stream.runForEach(catalog.allProducts(), ({ id, sku }) =>
    Effect.sync(() => {
      if (sku !== null && skus.has(sku)) found.set(sku, id)
    })
  )
  return found
})

/** Creates the missing products of a plan, one per minute, ending at the start of its year. Returns the ids of all. */
export const stock = Effect.fnUntraced(function* (
  { begin, products }: Plan,
  known: ReadonlyMap<string, ProductId>,
  done: Effect.Effect<void>
) {
  const catalog = yield* Catalog
  const opening = begin - products.length * minute
  const ids = yield* shelves(opening)
  const create = ({ category, price, ...product }: Plan["products"][number], n: number) =>
    at(opening + n * minute)(
      catalog.createProduct({
        ...product,
        categoryId: ids.get(category) ?? "",
        price: { amount: price, currency: "EUR" }
      })
    )
  return yield* Effect.forEach(
    products,
    Effect.fnUntraced(function* (product, n) {
      const id = known.get(product.sku) ?? (yield* create(product, n)).id
      yield* done
      return id
    }),
    { concurrency: 16 }
  )
})

/** The member of an order's metadata that names the order in its plan, so that a later run finds it. */
const demo = "demo"

/** Returns the orders of a plan that are there already, by their names in it. */
const begun = Effect.fnUntraced(function* (plan: Plan) {
  const orders = yield* Orders
  const names = new Set(plan.orders.map(({ name }) => name))
  const found = new Map<string, Order>()
  yield* Stream.runForEach(orders.listAll(), (order) =>
    Effect.sync(() => {
      const name = order.metadata[demo]
      if (name !== undefined && names.has(name)) found.set(name, order)
    })
  )
  return found
})

/** What becomes of an order, oldest first, each with the status afterwards. */
const stepsOf = Effect.gen(function* () {
  const orders = yield* Orders
  const payments = yield* Payments

  /** An earlier run may have been killed between the two steps of a payment. */
  const pay = Effect.fnUntraced(function* (orderId: OrderId, outcome: "APPROVED" | "DECLINED") {
    const pending = (yield* payments.list(orderId)).find(({ status }) => status === "PENDING")
    if (pending !== undefined) return yield* payments.recordOutcome({ paymentId: pending.id, outcome })
    return yield* payments.pay({
      orderId,
      paymentMethod: outcome === "APPROVED" ? "sim_approve" : "sim_decline"
    })
  })

  const step = <E>(
    to: OrderStatus,
    time: number | undefined,
    run: (id: OrderId) => Effect.Effect<unknown, E>
  ) => (time === undefined ? [] : [{ to, run: (id: OrderId) => at(time)(run(id)) }])

  return ({ declined, expired, paid, shipped, completed }: PlannedOrder) => [
    ...step("FAILED", declined, (id) => pay(id, "DECLINED")),
    ...step("FAILED", expired, (id) => orders.expire(id)),
    ...step("PAID", paid, (id) => pay(id, "APPROVED")),
    ...step("SHIPPED", shipped, (id) => orders.ship(id)),
    ...step("COMPLETED", completed, (id) => orders.complete(id))
  ]
})

/**
 * Places the orders of a plan, and applies their later events, each at its planned time. Continues with orders that an earlier run
 * has left on their way. Returns how many it has placed.
 */
export const sell = Effect.fnUntraced(function* (
  plan: Plan,
  products: ReadonlyArray<ProductId>,
  done: Effect.Effect<void>,
  { resumes = false } = {}
) {
  const orders = yield* Orders
  const steps = yield* stepsOf
  const known = resumes ? yield* begun(plan) : new Map<string, Order>()

  const place = ({ name, lines, customerId, placed }: PlannedOrder) => {
    const items = lines.map(({ product, quantity }) => ({ productId: products[product] ?? "", quantity }))
    return at(placed)(orders.place({ customerId, items, metadata: { [demo]: name } }))
  }

  const live = Effect.fnUntraced(function* (planned: PlannedOrder) {
    const { id, status } = known.get(planned.name) ?? (yield* place(planned))
    const all = steps(planned)
    const reached = all.findIndex(({ to }) => to === status)
    // A server that ran meanwhile has expired it.
    const hasEnded = status === "FAILED" && reached < 0
    if (!hasEnded) for (const { run } of all.slice(reached + 1)) yield* run(id)
    yield* done
  })

  yield* Effect.forEach(plan.orders, live, { concurrency, discard: true })
  return plan.orders.length - known.size
})
