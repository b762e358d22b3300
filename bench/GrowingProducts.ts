import { Console, Effect } from "effect"
import { Catalog } from "../src/services/Catalog.ts"
import { Orders } from "../src/services/Orders.ts"
import { Bench } from "./Bench.ts"
import { commonWord, fillBySql, idOf, rareWord } from "./Fill.ts"
import { type Deed, inAllSizes } from "./GrowingShops.ts"
import type { Pace } from "./Measure.ts"
import { client, pick, random } from "./Shop.ts"

const customerId = crypto.randomUUID()

const place = (products: number) => {
  const some = Array.from({ length: 10 }, () => idOf("product", random(products)))
  return Orders.use((orders) => orders.place({ customerId, items: pick(some, 3) }))
}

const list = (query: object) => Catalog.use((catalog) => catalog.products({ limit: 50, ...query }))

const deeds: ReadonlyArray<Deed> = [
  { name: "list the newest 50", callers: 16, work: () => list({}) },
  { name: "list the cheapest 50", callers: 16, work: () => list({ sort: "price" }) },
  {
    name: "search a word of every 20th product",
    callers: 16,
    work: () => Effect.suspend(() => list({ q: commonWord(random(20)), limit: 20 }))
  },
  {
    name: "search a word of 10 products",
    callers: 16,
    work: (products) => Effect.suspend(() => list({ q: rareWord(random(products), products), limit: 20 }))
  },
  { name: "place 3", callers: 64, work: (products) => Effect.suspend(() => place(products)) }
]

/** A thousand products to a million. */
export const growingProducts = Effect.fnUntraced(function* (pace: Pace) {
  const { database } = yield* Bench
  const made = Effect.fnUntraced(function* (products: number) {
    yield* Console.error(`filling: ${products} products`)
    const url = yield* database
    yield* Effect.provide(fillBySql({ products, orders: 0 }), client(url))
    return url
  })
  return yield* inAllSizes("products", deeds, made, pace)
})
