import { Effect } from "effect"
import { Bench, type Group, progress } from "../Bench.ts"
import { type Case, measure } from "../Measure.ts"
import { httpShop } from "../Server.ts"
import { fill, pick, shop, verified } from "../Shop.ts"

const callers = 64

/** Placing and listing over HTTP, beside what the same server does without the work. */
export const http: Group = Effect.gen(function* () {
  const { database, pace } = yield* Bench
  const url = yield* database
  const products = yield* Effect.provide(fill(1000), shop(url))
  const { client, token } = yield* httpShop(url)

  const post = (path: string, expected: number) =>
    Effect.suspend(() =>
      client.ask(expected, { method: "POST", path, token, body: { items: pick(products, 3) } })
    )
  const get = (path: string) => client.ask(200, { method: "GET", path })
  /** The same for who has the answer. Its tag is read when it is needed: placing changes the stock. */
  const getAgain = (path: string) =>
    Effect.map(Effect.cached(get(path)), (first) =>
      Effect.flatMap(first, ({ head }) => {
        const etag = /\r\netag: (.+)/i.exec(head)?.[1] ?? ""
        return client.ask(304, { method: "GET", path, headers: { "If-None-Match": etag } })
      })
    )

  const listing = { memory: get("/bench/products"), ours: get("/products?limit=50") }
  const [fromMemory, listed] = yield* Effect.all([listing.memory, listing.ours])
  if (!fromMemory.body.equals(listed.body)) yield* Effect.die(new Error("The baseline sends other bytes"))

  const one = `/products/${products[0]}`
  const known = { products: yield* getAgain("/products?limit=50"), one: yield* getAgain(one) }

  const cases: ReadonlyArray<Case<Error>> = [
    {
      name: "HTTP: place, 3 of 1,000 products",
      callers,
      ratio: "rate",
      goal: 0.3,
      baseline: post("/bench/echo", 200),
      ours: post("/orders", 201)
    },
    {
      name: "HTTP: list 50 of 1,000 products",
      callers,
      ratio: "rate",
      goal: 0.25,
      baseline: listing.memory,
      ours: listing.ours
    },
    {
      name: "HTTP: list 50, a 304 beside a 200",
      callers,
      ratio: "rate",
      goal: 2,
      baseline: listing.ours,
      ours: known.products
    },
    {
      name: "HTTP: one product, a 304 beside a 200",
      callers,
      ratio: "rate",
      goal: 1,
      baseline: get(one),
      ours: known.one
    }
  ]
  const comparisons = yield* Effect.forEach(cases, (one) =>
    Effect.andThen(progress(`${one.name}, ${callers} connections`), measure(one, pace))
  )
  yield* Effect.provide(verified, shop(url))
  return comparisons
})
