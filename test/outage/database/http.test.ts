import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import {
  type Asked,
  adminToken,
  ask,
  must,
  newCustomerToken,
  type Order,
  serve,
  stockUp
} from "../../race/Api.ts"
import { freshDatabase } from "../../support/postgres.ts"
import { proxyTo } from "../Proxy.ts"
import { recovers } from "../support.ts"

/** A server whose database is beyond a network, and a customer with an order. */
const start = Effect.gen(function* () {
  const proxy = yield* proxyTo(yield* freshDatabase)
  const server = yield* serve({ DATABASE_URL: Redacted.value(proxy.url) })
  const { url } = server
  const admin = yield* adminToken(url)
  const customer = yield* newCustomerToken(url)
  const [product] = yield* stockUp(url, admin, [10])
  const body = { items: [{ productId: product?.id, quantity: 1 }] }
  const place: Asked = { method: "POST", path: "/orders", token: customer, body }
  const order = yield* must<Order>(201, url, place)
  const get = (path: string, token?: string): Asked => ({ method: "GET", path, token })
  const asked: ReadonlyArray<Asked> = [
    get("/health/ready"),
    get("/products"),
    get("/categories"),
    get("/auth/me", customer),
    get("/orders", customer),
    get("/analytics/summary", admin),
    place,
    { ...place, key: "key" },
    {
      method: "POST",
      path: `/orders/${order.id}/payments`,
      token: customer,
      body: { paymentMethod: "sim_approve" }
    },
    { method: "PATCH", path: `/orders/${order.id}`, token: admin, body: { status: "SHIPPED" } },
    { method: "POST", path: `/orders/${order.id}/expire`, token: admin },
    { method: "POST", path: `/products/${product?.id}/stock-adjustments`, token: admin, body: { delta: 1 } },
    { method: "POST", path: "/auth/login", body: { email: "ada@example.com", password: "correct horse" } },
    { method: "POST", path: "/auth/register", body: { email: "ada@example.com", password: "correct horse" } }
  ]
  return { proxy, server, url, asked, place, order, customer }
})

const isUnavailable = Effect.fnUntraced(function* (url: string, asked: Asked) {
  const what = `${asked.method} ${asked.path}`
  const value = yield* ask(url, asked)
  assert.deepInclude(value.body, { code: "unavailable", status: 503 }, what)
  assert.strictEqual(value.status, 503, what)
  assert.match(value.headers.get("retry-after") ?? "", /^[1-9]\d*$/, what)
})

describe("a server whose database is gone", () => {
  it.live(
    "says so to everybody, with when to try again, and goes on by itself when it is back [F2]",
    () =>
      Effect.gen(function* () {
        const { proxy, url, asked, place, order, customer } = yield* start
        proxy.close()
        yield* Effect.forEach(asked, (one) => isUnavailable(url, one), { concurrency: "unbounded" })
        yield* must(200, url, { method: "GET", path: "/health/live" })
        proxy.open()
        const isReady = Effect.filterOrFail(
          ask(url, { method: "GET", path: "/health/ready" }),
          ({ status }) => status === 200
        )
        yield* recovers(isReady)
        yield* must(201, url, place)
        const { status } = yield* must<Order>(200, url, {
          method: "GET",
          path: `/orders/${order.id}`,
          token: customer
        })
        assert.strictEqual(status, "CREATED")
      }),
    120_000
  )

  it.live(
    "stops within a bounded time after SIGTERM, even if the database is only silent",
    () =>
      Effect.gen(function* () {
        const { proxy, server, url, asked } = yield* start
        proxy.freeze()
        yield* Effect.forkScoped(
          Effect.ignore(Effect.forEach(asked, (one) => ask(url, one), { concurrency: "unbounded" }))
        )
        yield* Effect.sleep("300 millis")
        yield* server.signal("SIGTERM")
        yield* server.end
      }),
    120_000
  )
})
