import { Effect } from "effect"
import { Bench, type Group, progress } from "../Bench.ts"
import type { Client } from "../Client.ts"
import { type Case, measure } from "../Measure.ts"
import { fastifyShop, httpShop } from "../Server.ts"
import { fill, pick, random, shop, verified } from "../Shop.ts"

const callers = 64

/** Our server beside what a team would write with Fastify and `pg`, on the same tables. */
export const fastify: Group = Effect.gen(function* () {
  const { database, pace } = yield* Bench
  const url = yield* database
  const products = yield* Effect.provide(fill(1000), shop(url))
  const { client: ours, token, adminToken } = yield* httpShop(url)
  const theirs = yield* fastifyShop(url)

  const place = (client: Client, count: number, of = products, headers?: Record<string, string>) =>
    client.json<{ id: string }>(201, {
      method: "POST",
      path: "/orders",
      token,
      headers,
      body: { items: pick(of, count) }
    })
  const { id: orderId } = yield* place(ours, 3)
  const anyProduct = () => `/products/${products[random(products.length)]}`
  const get = (client: Client, path: () => string, own?: string) =>
    Effect.suspend(() => client.ask(200, { method: "GET", path: path(), token: own }))

  const life = (client: Client) =>
    Effect.gen(function* () {
      const { id } = yield* place(client, 3)
      const path = `/orders/${id}`
      const paymentMethod = "sim_approve"
      yield* client.ask(201, { method: "POST", path: `${path}/payments`, token, body: { paymentMethod } })
      yield* client.ask(200, { method: "PATCH", path, token: adminToken, body: { status: "SHIPPED" } })
      yield* client.ask(200, { method: "PATCH", path, token: adminToken, body: { status: "COMPLETED" } })
    })

  /** Both answer alike, or the comparison means nothing. */
  for (const path of [anyProduct(), "/products?limit=50", `/orders/${orderId}`, "/auth/me"]) {
    const [one, other] = yield* Effect.forEach([theirs, ours], (client) =>
      client.json<{ nextCursor?: unknown }>(200, { method: "GET", path, token })
    )
    const same = JSON.stringify({ ...one, nextCursor: 0 }) === JSON.stringify({ ...other, nextCursor: 0 })
    if (!same) yield* Effect.die(new Error(`Fastify answers something else: ${JSON.stringify([one, other])}`))
  }

  const caseOf = (name: string, goal: number, work: (client: Client) => Effect.Effect<unknown, Error>) => ({
    name: `Fastify: ${name}`,
    callers,
    ratio: "rate" as const,
    goal,
    baseline: work(theirs),
    ours: work(ours)
  })
  const hot = products.slice(0, 1)
  const cases: ReadonlyArray<Case<Error>> = [
    caseOf("GET /auth/me", 1, (client) => get(client, () => "/auth/me", token)),
    caseOf("GET /products/{id}", 1, (client) => get(client, anyProduct)),
    caseOf("GET /orders/{id}", 1, (client) => get(client, () => `/orders/${orderId}`, token)),
    caseOf("GET /products?limit=50", 1, (client) => get(client, () => "/products?limit=50")),
    caseOf("POST /orders, 3 of 1,000 products", 4, (client) => Effect.suspend(() => place(client, 3))),
    caseOf("POST /orders, one hot product", 12, (client) => Effect.suspend(() => place(client, 1, hot))),
    {
      ...caseOf("POST /orders, with a key (Fastify without)", 3, (client) =>
        Effect.suspend(() => place(client, 3))
      ),
      ours: Effect.suspend(() => place(ours, 3, products, { "Idempotency-Key": crypto.randomUUID() }))
    },
    caseOf("place, pay, ship, complete", 2, life)
  ]
  const chosen = cases.filter(({ name }) => name.includes(process.env.BENCH_CASE ?? ""))
  const comparisons = yield* Effect.forEach(chosen, (one) =>
    Effect.andThen(progress(`${one.name}, ${callers} connections`), measure(one, pace))
  )
  yield* Effect.provide(verified, shop(url))
  return comparisons
})
