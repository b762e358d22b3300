import { assert, layer } from "@effect/vitest"
import { Context, Effect, Layer, Redacted, Schedule } from "effect"
import { emptyDatabase } from "../../support/postgres.ts"
import {
  type Answer,
  type Asked,
  adminToken,
  ask,
  command,
  must,
  newCustomerToken,
  type Order,
  type Payment,
  type Product,
  serve,
  stockUp
} from "../Api.ts"
import { isRight, openShop, times } from "../support.ts"

const count = (answers: ReadonlyArray<Answer>) => {
  const counts: Record<number, number> = {}
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

/** Asks again while the servers are too busy, as clients do: 503 says nothing of what is right. */
const insist = <A>(url: string, asked: Asked) =>
  Effect.repeat(ask<A>(url, asked), {
    while: ({ status }) => status === 503,
    schedule: Schedule.spaced("1 second")
  })

const allAtOnce = <A, E, R>(works: ReadonlyArray<Effect.Effect<A, E, R>>) =>
  Effect.all(works, { concurrency: "unbounded" })

/** Two server processes that start at the same moment on a database without any table. */
const start = Effect.gen(function* () {
  const database = yield* emptyDatabase
  const env = { DATABASE_URL: Redacted.value(database) }
  const [one, two] = yield* allAtOnce([serve(env), serve(env)])
  if (one === undefined || two === undefined) return assert.fail()
  const [token, customer] = [yield* adminToken(one.url), yield* newCustomerToken(two.url)]
  const url = (n: number) => (n % 2 === 0 ? one : two).url
  return { env, one, two, token, customer, url, shop: yield* openShop(database) }
})

class Servers extends Context.Service<Servers, Effect.Success<typeof start>>()("test/race/Servers") {
  static readonly layer = Layer.effect(Servers, start)
}

const place = (token: string, products: ReadonlyArray<Product>, key?: string) => ({
  method: "POST" as const,
  path: "/orders",
  token,
  key,
  body: { items: products.map(({ id }) => ({ productId: id, quantity: 1 })) }
})

const pay = (token: string, { id }: Order, paymentMethod: string, key?: string) => ({
  method: "POST" as const,
  path: `/orders/${id}/payments`,
  token,
  key,
  body: { paymentMethod }
})

const inStock = Effect.fnUntraced(function* (...stocks: ReadonlyArray<number>) {
  const { url, token } = yield* Servers
  const products = yield* stockUp(url(0), token, stocks)
  return {
    products,
    left: Effect.forEach(products, ({ id }, n) =>
      Effect.map(must<Product>(200, url(n), { method: "GET", path: `/products/${id}` }), ({ stock }) => stock)
    )
  }
})

layer(Servers.layer, { excludeTestServices: true, timeout: "5 minutes" })(
  "two servers that start at once on an empty database",
  (it) => {
    it.effect("sell 100 units to 400 buyers [S1]", () =>
      Effect.gen(function* () {
        const { url, customer, shop } = yield* Servers
        const { products, left } = yield* inStock(100)
        const bought = yield* allAtOnce(
          times(400).map((n) => insist<Order>(url(n), place(customer, products, crypto.randomUUID())))
        )
        assert.deepStrictEqual(count(bought), { 201: 100, 409: 300 })
        assert.deepStrictEqual(yield* left, [0])
        yield* isRight(shop)
      })
    )

    it.effect("give exactly 1,000 of 1,200 buyers a voucher of 1,000 uses [S12]", () =>
      Effect.gen(function* () {
        const { url, customer, token, shop } = yield* Servers
        // A product for each server: the lock of a common product would keep their orders in turn.
        const { products, left } = yield* inStock(1200, 1200)
        const voucher = { code: "rush", name: "Rush", rate: 100_000, uses: 1000 }
        const create = { method: "POST" as const, path: "/vouchers", token, body: voucher }
        const { id } = yield* must<{ id: string }>(201, url(0), create)
        const order = (n: number) => {
          const request = place(customer, products.slice(n % 2, (n % 2) + 1), crypto.randomUUID())
          return { ...request, body: { ...request.body, codes: ["RUSH"] } }
        }
        const bought = yield* allAtOnce(
          times(1200).map((n) =>
            insist<{ readonly code?: string; readonly reason?: string }>(url(n), order(n))
          )
        )
        assert.deepStrictEqual(count(bought), { 201: 1000, 409: 200 })
        const refused = bought.filter(({ status }) => status === 409).map(({ body }) => body)
        assert.isTrue(
          refused.every(({ code, reason }) => code === "voucher-not-valid" && reason === "used up")
        )
        const path = `/vouchers/${id}`
        const used = yield* must<{ usesLeft: number }>(200, url(1), { method: "GET", path, token })
        assert.strictEqual(used.usesLeft, 0)
        assert.strictEqual(
          (yield* left).reduce((sum, units) => sum + units),
          1400
        )
        yield* isRight(shop)
      })
    )

    it.effect("place, approve, decline, expire and ship the same orders at once", () =>
      Effect.gen(function* () {
        const { url, customer, token, shop } = yield* Servers
        const { products, left } = yield* inStock(400, 400)
        const request = (n: number) =>
          place(customer, n % 4 < 2 ? products : products.toReversed(), `order-${n}`)
        const orders = yield* allAtOnce(times(100).map((n) => must<Order>(201, url(n), request(n))))
        const said = yield* allAtOnce<Answer, unknown, never>(
          orders.flatMap((order, n) => [
            insist<Payment>(url(n), pay(customer, order, "sim_approve", crypto.randomUUID())),
            insist<Payment>(url(n + 1), pay(customer, order, "sim_decline", crypto.randomUUID())),
            insist<Order>(url(n), { method: "POST", path: `/orders/${order.id}/expire`, token })
          ])
        )
        const { 201: settled = 0, 200: expired = 0, 409: refused = 0 } = count(said)
        assert.deepStrictEqual([settled + expired, refused], [100, 200])

        const ends = yield* Effect.forEach(orders, ({ id }, n) =>
          must<Order>(200, url(n), { method: "GET", path: `/orders/${id}`, token })
        )
        const paid = ends.filter(({ status }) => status === "PAID")
        assert.lengthOf(
          ends.filter(({ status }) => status === "FAILED"),
          100 - paid.length
        )
        assert.deepStrictEqual(yield* left, [400 - paid.length, 400 - paid.length])

        const ship = { method: "PATCH" as const, token, body: { status: "SHIPPED" } }
        const shipped = yield* allAtOnce(
          paid.flatMap(({ id }) => times(2).map((n) => insist(url(n), { ...ship, path: `/orders/${id}` })))
        )
        assert.lengthOf(
          shipped.filter(({ status }) => status === 200),
          paid.length
        )
        yield* isRight(shop)
      })
    )

    it.effect("restock what they sell at the same time", () =>
      Effect.gen(function* () {
        const { url, customer, token, shop } = yield* Servers
        const { products, left } = yield* inStock(40)
        const adjust = (n: number) => ({
          method: "POST" as const,
          path: `/products/${products[0]?.id}/stock-adjustments`,
          token,
          key: `adjustment-${n % 10}`,
          body: { delta: -2 }
        })
        const [adjusted, sold] = yield* Effect.all(
          [
            allAtOnce(times(20).map((n) => insist<Product>(url(n), adjust(n)))),
            allAtOnce(
              times(30).map((n) => insist<Order>(url(n), place(customer, products, crypto.randomUUID())))
            )
          ],
          { concurrency: "unbounded" }
        )
        const taken = new Set(adjusted.flatMap(({ status }, n) => (status === 200 ? [n % 10] : [])))
        const { 201: placed = 0, 409: refused = 0 } = count(sold)
        assert.strictEqual(placed + refused, 30)
        assert.deepStrictEqual(yield* left, [40 - 2 * taken.size - placed])
        yield* isRight(shop)
      })
    )

    it.effect("give the same answer to the same request under one key, whichever is asked [I1]", () =>
      Effect.gen(function* () {
        const { url, customer, shop } = yield* Servers
        const { products } = yield* inStock(100)
        const asked = yield* allAtOnce(
          times(50).map((n) => ask<Order>(url(n), place(customer, products, "key")))
        )
        assert.deepStrictEqual(count(asked), { 201: 50 })
        assert.lengthOf([...new Set(asked.map(({ body }) => JSON.stringify(body)))], 1)
        assert.lengthOf(
          asked.filter(({ headers }) => headers.get("idempotent-replayed") === null),
          1
        )
        const order = asked[0]?.body ?? assert.fail()
        const paid = yield* allAtOnce(
          times(20).map((n) => ask<Payment>(url(n), pay(customer, order, "sim_approve", "key")))
        )
        assert.deepStrictEqual(count(paid), { 201: 20 })
        assert.lengthOf([...new Set(paid.map(({ body }) => body.id))], 1)
        const twice = place(customer, [...products, ...products], "key")
        assert.deepStrictEqual(count(yield* allAtOnce(times(10).map((n) => ask(url(n), twice)))), { 422: 10 })
        yield* isRight(shop)
      })
    )

    it.effect("stop on SIGTERM, and leave no violated invariant", () =>
      Effect.gen(function* () {
        const { env, one, two } = yield* Servers
        const stopped = [one, two].map(({ signal, end }) => Effect.andThen(signal("SIGTERM"), end))
        assert.deepStrictEqual(yield* allAtOnce(stopped), [0, 0])
        assert.deepInclude(yield* command("verify", env), { code: 0 })
      })
    )
  }
)
