import { Console, Effect } from "effect"
import { Orders } from "../src/services/Orders.ts"
import { Bench } from "./Bench.ts"
import { fillBySql, groups, idOf } from "./Fill.ts"
import { type Deed, inAllSizes } from "./GrowingShops.ts"
import type { Pace } from "./Measure.ts"
import { client, pick, random } from "./Shop.ts"

const products = Array.from({ length: 1000 }, (_, n) => idOf("product", n))

const deeds: ReadonlyArray<Deed> = [
  {
    name: "get an order",
    callers: 16,
    work: (orders) => Orders.use(({ get }) => get(idOf("order", random(orders))))
  },
  {
    name: "list the 10 orders of a customer",
    callers: 16,
    work: (orders) => Orders.use(({ list }) => list({ customerId: idOf("customer", random(groups(orders))) }))
  },
  {
    name: "list the newest 20 of one status",
    callers: 16,
    work: () => Orders.use(({ list }) => list({ status: "PAID" }))
  },
  {
    name: "place 3",
    callers: 64,
    work: () =>
      Orders.use(({ place }) => place({ customerId: idOf("customer", 0), items: pick(products, 3) }))
  }
]

/** A thousand orders to a million, of a thousand products. */
export const growingOrders = Effect.fnUntraced(function* (pace: Pace) {
  const { database, millionOrders } = yield* Bench
  const made = Effect.fnUntraced(function* (orders: number) {
    if (orders === 1e6) return yield* millionOrders
    yield* Console.error(`filling: ${orders} orders`)
    const url = yield* database
    yield* Effect.provide(fillBySql({ products: 1000, orders }), client(url))
    return url
  })
  return yield* inAllSizes("orders", deeds, made, pace)
})
