/** Customers who buy and pay without pause while something dies, and what they know of it afterwards. */
import { assert } from "@effect/vitest"
import { Effect, Schedule } from "effect"
import {
  type Asked,
  adminToken,
  ask,
  must,
  newCustomerToken,
  type Order,
  type Product,
  stockUp,
  type Unanswered
} from "../race/Api.ts"

/** A request with its key, and how it was answered; never answered: the connection broke, or the store was away. */
interface Sent {
  readonly asked: Asked
  readonly status: number | undefined
  readonly id: string | undefined
  /** The connection was there and broke before the answer came. */
  readonly broken: boolean
}

export interface Market {
  readonly admin: string
  readonly customers: ReadonlyArray<string>
  readonly products: ReadonlyArray<Product>
}

const stockOfEach = 1_000_000

export const openMarket = Effect.fnUntraced(function* (url: string) {
  const admin = yield* adminToken(url)
  const products = yield* stockUp(url, admin, [stockOfEach, stockOfEach, stockOfEach])
  const customers = yield* Effect.all([newCustomerToken(url), newCustomerToken(url)])
  const market: Market = { admin, customers, products }
  return market
})

/** `ECONNREFUSED`: nobody has listened any more, and nothing was accepted. */
const wasRefused = ({ cause }: Unanswered) =>
  cause instanceof Error &&
  cause.cause instanceof Error &&
  "code" in cause.cause &&
  cause.cause.code === "ECONNREFUSED"

const send = (url: string, asked: Asked): Effect.Effect<Sent> =>
  Effect.match(ask<{ id?: string }>(url, asked), {
    onFailure: (unanswered) => ({
      asked,
      status: undefined,
      id: undefined,
      broken: !wasRefused(unanswered)
    }),
    onSuccess: ({ status, body }) =>
      status === 503
        ? { asked, status: undefined, id: undefined, broken: false }
        : { asked, status, id: body.id, broken: false }
  })

const post = (path: string, token: string, body: unknown): Asked => ({
  method: "POST",
  path,
  token,
  body,
  key: crypto.randomUUID()
})

type Log = Map<string, Sent>

/** One customer: places an order of two products and pays for it, again and again. */
const customer = (url: string, { products }: Market, token: string, log: Log) => {
  // What is cut off on its way was sent all the same.
  const sendAndKeep = Effect.fnUntraced(function* (asked: Asked) {
    log.set(asked.key ?? "", { asked, status: undefined, id: undefined, broken: false })
    const sent = yield* send(url, asked)
    log.set(asked.key ?? "", sent)
    return sent
  })
  return Effect.gen(function* () {
    const items = products
      .slice(Math.floor(Math.random() * 2))
      .map(({ id }) => ({ productId: id, quantity: 1 }))
    const placed = yield* sendAndKeep(post("/orders", token, { items }))
    if (placed.id === undefined) return yield* Effect.sleep("20 millis")
    const paymentMethod = Math.random() < 0.7 ? "sim_approve" : "sim_decline"
    yield* sendAndKeep(post(`/orders/${placed.id}/payments`, token, { paymentMethod }))
  }).pipe(Effect.forever)
}

/** Lets some callers work until something has happened; answers with all that they have sent. */
export const load = Effect.fnUntraced(function* (url: string, market: Market, until: Effect.Effect<unknown>) {
  const log: Log = new Map()
  const callers = Array.from({ length: 8 }, (_, n) => market.customers[n % market.customers.length] ?? "")
  yield* Effect.raceFirst(
    Effect.all(
      callers.map((token) => customer(url, market, token, log)),
      { concurrency: "unbounded" }
    ),
    until
  )
  return [...log.values()]
})

/** Asks again, with the same key, until there is an answer. */
const insist = (url: string, { asked }: Sent) =>
  Effect.flatMap(send(url, asked), (sent) =>
    sent.status === undefined ? Effect.fail("no answer yet" as const) : Effect.succeed(sent)
  ).pipe(Effect.retry(Schedule.spaced("100 millis")), Effect.timeout("20 seconds"), Effect.orDie)

const allOrders = Effect.fnUntraced(function* (url: string, { admin }: Market) {
  const orders: Array<Order> = []
  let cursor = ""
  do {
    const page = yield* must<{ items: ReadonlyArray<Order>; nextCursor: string | null }>(200, url, {
      method: "GET",
      path: `/orders?limit=100${cursor}`,
      token: admin
    })
    orders.push(...page.items)
    cursor = page.nextCursor === null ? "" : `&cursor=${page.nextCursor}`
  } while (cursor !== "")
  return orders
})

/**
 * What must be true after a crash: whoever was told of an order finds it; whoever asks again with the same key gets
 * the one answer; and there are no orders besides.
 */
export const settleUp = Effect.fnUntraced(function* (url: string, market: Market, log: ReadonlyArray<Sent>) {
  const asked = log.filter(({ asked }) => asked.path === "/orders")
  const told = asked.filter(({ status }) => status === 201)
  const retried = yield* Effect.forEach(log, (sent) => insist(url, sent), { concurrency: 8 })
  for (const [n, { status, id }] of log.entries()) {
    if (status === 201) assert.deepStrictEqual(retried[n]?.id, id)
    assert.include([201, 409], retried[n]?.status, JSON.stringify(retried[n]))
  }
  const orders = yield* allOrders(url, market)
  const wanted = retried.filter(({ asked }) => asked.path === "/orders").map(({ id }) => id)
  assert.deepStrictEqual(new Set(orders.map(({ id }): string | undefined => id)), new Set(wanted))
  assert.strictEqual(orders.length, wanted.length)
  return {
    asked: log.length,
    told: told.length,
    unanswered: log.filter(({ status }) => status === undefined).length
  }
})
