/** What the failover tests share: callers, what they were answered, and the comparison with what is stored afterwards. */
import { assert, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Redacted, References, Result, type Scope, Stream } from "effect"
import { layerClient } from "../../src/adapters/postgres/client/PgClient.ts"
import { type ExecutionLimits, migrate } from "../../src/adapters/postgres/index.ts"
import type { FeedEvent } from "../../src/domain/orders/Feed.ts"
import type { Order } from "../../src/domain/orders/Order.ts"
import { isRight, openShop, type TestShop } from "../support/TestShop.ts"

/** Limits with which a test need not wait for long. */
export const quick = {
  acquireTimeout: 1_000,
  transactionTimeout: 2_000,
  commitTimeout: 1_000,
  settleTimeout: 500,
  queryTimeout: 2_000,
  healthTimeout: 1_000,
  lockTimeout: 1_000,
  silenceTimeout: 500,
  probeTimeout: 500,
  deadlineCheckInterval: 100
} satisfies Partial<ExecutionLimits>

/** The URL of several servers, of which the one that accepts writes is used. */
export const bothOf = (...servers: ReadonlyArray<{ readonly port: number }>) =>
  Redacted.make(
    `postgres://postgres@${servers.map(({ port }) => `127.0.0.1:${port}`).join()}/postgres?target_session_attrs=read-write`
  )

/** A test that runs for as long as it needs, without the log. */
export const failover = (name: string, body: Effect.Effect<unknown, unknown, Scope.Scope>) =>
  it.live(name, () => Effect.provideService(Effect.scoped(body), References.MinimumLogLevel, "None"), 300_000)

/** Migrates the database of a server. */
export const migrated = (url: Redacted.Redacted) =>
  Effect.orDie(Effect.provide(migrate(), Layer.fresh(layerClient({ url, pool: 1 }))))

/** One call to place an order, for a customer of its own, so that what is stored tells how often it took effect. */
interface Call {
  readonly customerId: string
  readonly key: string | undefined
  readonly quantity: number
  /** Ids of orders with which it, or a replay of it, was answered. */
  readonly answered: Set<string>
  /** Whether every answer so far says that it had no effect. */
  notApplied: boolean
}

/** What the callers were answered. */
export class Ledger {
  readonly calls: Array<Call> = []
  /** Every order that was answered, or shown to a reader, as it was then. */
  readonly seen = new Map<string, Order>()
  readonly paid = new Set<string>()
  readonly unexpected: Array<unknown> = []
  /** Orders that a reader did not find although they had been answered: a standby that lags has answered. */
  readonly missed: Array<string> = []
  /** When the last order was placed, in milliseconds. */
  readonly placedAt: Array<number> = []
  unknown = 0
  /** The longest time that a call took, in milliseconds. */
  slowest = 0
}

const itemsOf = ({ quantity }: Call, productId: string) => [{ productId, quantity }]

/** Places the order of a call, for the first time or again, and records the answer. */
const place = Effect.fnUntraced(function* (ledger: Ledger, shop: TestShop, productId: string, call: Call) {
  const items = itemsOf(call, productId)
  const begun = Date.now()
  const result = yield* Effect.result(
    shop.orders.place({ customerId: call.customerId, items }, { idempotencyKey: call.key })
  )
  ledger.slowest = Math.max(ledger.slowest, Date.now() - begun)
  if (Result.isSuccess(result)) {
    call.notApplied = false
    call.answered.add(result.success.id)
    ledger.seen.set(result.success.id, result.success)
    ledger.placedAt.push(Date.now())
    return
  }
  const { failure } = result
  if (failure._tag !== "StoreUnavailable") return void ledger.unexpected.push(failure)
  if (failure.outcome === "unknown") {
    call.notApplied = false
    ledger.unknown += 1
  }
  yield* Effect.sleep("20 millis")
})

const newCall = (ledger: Ledger, n: number, key: string | undefined): Call => {
  const call: Call = {
    customerId: crypto.randomUUID(),
    key,
    quantity: 1 + (n % 3),
    answered: new Set(),
    notApplied: true
  }
  ledger.calls.push(call)
  return call
}

/** One reader of an order that was seen before, or of what an unanswered call may have placed. */
const lookUp = Effect.fnUntraced(function* (ledger: Ledger, shop: TestShop, call: Call) {
  const [id] = call.answered
  const found = yield* Effect.result(
    id === undefined
      ? Effect.map(shop.orders.list({ customerId: call.customerId }), ({ items }) => items)
      : Effect.map(shop.orders.get(id), (order) => [order])
  )
  if (Result.isSuccess(found)) {
    for (const order of found.success) if (!ledger.seen.has(order.id)) ledger.seen.set(order.id, order)
  } else if (found.failure._tag === "OrderNotFound") ledger.missed.push(found.failure.orderId)
  else if (found.failure._tag !== "StoreUnavailable") ledger.unexpected.push(found.failure)
})

const pay = Effect.fnUntraced(function* (ledger: Ledger, shop: TestShop, [id]: ReadonlySet<string>) {
  if (id === undefined) return
  const paid = yield* Effect.result(
    shop.payments.pay({ orderId: id, paymentMethod: "sim_approve" }, { idempotencyKey: `pay-${id}` })
  )
  if (Result.isSuccess(paid) && paid.success.status === "APPROVED") ledger.paid.add(id)
})

/** Calls until it is told to stop, between two calls: orders with and without keys, replays, look-ups and payments. */
const caller = Effect.fnUntraced(function* (
  ledger: Ledger,
  shop: TestShop,
  products: ReadonlyArray<{ readonly id: string }>,
  name: number,
  isStopped: () => boolean
) {
  const own: Array<Call> = []
  for (let n = 0; !isStopped(); n++) {
    const earlier = own[own.length - 1 - (n % Math.min(5, own.length || 1))]
    const productOf = (call: Call) => products[call.quantity % products.length]?.id ?? ""
    switch (earlier === undefined ? 0 : n % 8) {
      case 3:
      case 5:
        if (earlier?.key === undefined) break
        yield* place(ledger, shop, productOf(earlier), earlier)
        break
      case 4:
        if (earlier !== undefined) yield* lookUp(ledger, shop, earlier)
        break
      case 7:
        if (earlier !== undefined) yield* pay(ledger, shop, earlier.answered)
        break
      default: {
        const call = newCall(ledger, n, n % 2 === 0 ? `key-${name}-${n}` : undefined)
        own.push(call)
        yield* place(ledger, shop, productOf(call), call)
      }
    }
  }
})

/** A reader of the feed, who remembers all that it has read. */
export class Reader {
  readonly events: Array<FeedEvent> = []
  readonly refusals: Array<unknown> = []

  /** Reads one page, unless the position was refused. */
  readonly read = (shop: TestShop) =>
    Effect.matchEffect(
      Effect.suspend(() =>
        this.refusals.length > 0
          ? Effect.succeed([])
          : shop.orders.feed({ after: this.events.at(-1)?.position })
      ),
      {
        onSuccess: (page) => {
          this.events.push(...page)
          return page.length === 0 ? Effect.sleep("10 millis") : Effect.void
        },
        onFailure: (error) => {
          if (error._tag !== "StoreUnavailable") this.refusals.push(error)
          return Effect.sleep("50 millis")
        }
      }
    )
}

/** Products of a shop. */
const someProducts = Effect.fnUntraced(function* ({ catalog }: TestShop) {
  const category = yield* catalog.createCategory({ name: crypto.randomUUID() })
  return yield* Effect.forEach([1, 2, 3], (n) =>
    catalog.createProduct({
      categoryId: category.id,
      name: `product ${n}`,
      price: { amount: 1000 * n, currency: "EUR" },
      stock: 1_000_000
    })
  )
})

/** Places orders, one after the other. */
export const orders = Effect.fnUntraced(function* (shop: TestShop, count: number) {
  const [product] = yield* someProducts(shop)
  const items = [{ productId: product?.id ?? "", quantity: 1 }]
  return yield* Effect.forEach(Array(count), () =>
    shop.orders.place({ customerId: crypto.randomUUID(), items })
  )
})

/** Many callers and a reader of the feed, who go on until they are told to stop. */
export const workload = Effect.fnUntraced(function* (shop: TestShop, callers = 16) {
  const ledger = new Ledger()
  const reader = new Reader()
  const products = yield* someProducts(shop)
  let stopped = false
  const isStopped = () => stopped
  const fibers = yield* Effect.forEach(Array(callers).keys(), (name) =>
    Effect.forkScoped(caller(ledger, shop, products, name, isStopped))
  )
  const reading = yield* Effect.forkScoped(Effect.repeat(reader.read(shop), { until: isStopped }))
  /** Waits until every caller has its answer. */
  const stop = Effect.gen(function* () {
    stopped = true
    yield* Fiber.joinAll([...fibers, reading])
  })
  return { ledger, reader, stop }
})

/** Events as text that tells them apart. */
export const lines = (events: ReadonlyArray<FeedEvent>) =>
  events.map(({ position, event }) => `${position} ${event}`)

/** Reads the whole feed, with a reader of its own. */
export const wholeFeed = Effect.fnUntraced(function* (shop: TestShop) {
  const reader = new Reader()
  for (let before = -1; before < reader.events.length; ) {
    before = reader.events.length
    yield* reader.read(shop)
    assert.deepStrictEqual(reader.refusals, [])
  }
  return reader.events
})

/**
 * What is stored agrees with what was answered: nothing is lost, doubled, denied or invented. A pooler may let readers meet a
 * standby that is being promoted, and has not replayed all yet.
 */
export const agrees = Effect.fnUntraced(function* (
  ledger: Ledger,
  shop: TestShop,
  { mayMeetStandby = false }: { readonly mayMeetStandby?: boolean } = {}
) {
  const stored = new Map<string, Order>()
  const byCustomer = new Map<string, Array<string>>()
  yield* Stream.runForEach(shop.orders.listAll(), (order) =>
    Effect.sync(() => {
      stored.set(order.id, order)
      byCustomer.set(order.customerId, [...(byCustomer.get(order.customerId) ?? []), order.id])
    })
  )
  const of = ({ customerId }: Call) => byCustomer.get(customerId) ?? []
  const lost = [...ledger.seen.keys()].filter((id) => !stored.has(id))
  const changed = [...ledger.seen].filter(([id, { items, total }]) => {
    const order = stored.get(id)
    return (
      order !== undefined && JSON.stringify([order.items, order.total]) !== JSON.stringify([items, total])
    )
  })
  const doubled = ledger.calls.filter((call) => call.answered.size > 1 || of(call).length > 1)
  const denied = ledger.calls.filter((call) => call.notApplied && of(call).length > 0)
  const missed = mayMeetStandby ? [] : ledger.missed
  const unpaid = [...ledger.paid].filter((id) => stored.get(id)?.status !== "PAID")
  assert.deepStrictEqual(
    { lost, changed, doubled, denied, unpaid, missed, unexpected: ledger.unexpected },
    { lost: [], changed: [], doubled: [], denied: [], unpaid: [], missed: [], unexpected: [] }
  )
})

/** The reader of the feed has read every event once, in the order in which the feed has them. */
export const hasReadAll = Effect.fnUntraced(function* (reader: Reader, shop: TestShop) {
  const whole = lines(yield* wholeFeed(shop))
  for (let tries = 0; tries < 200 && reader.events.length < whole.length; tries++) yield* reader.read(shop)
  assert.deepStrictEqual(reader.refusals, [])
  assert.deepStrictEqual(lines(reader.events), whole)
})

/** How many calls were answered, and how many are unknown: a test that had no callers shows nothing. */
export const figures = ({ seen, calls, unknown, paid, missed }: Ledger) =>
  `${calls.length} calls, ${seen.size} orders seen, ${unknown} outcomes unknown, ${missed.length} stale reads, ${paid.size} paid`

export { isRight, openShop, type TestShop }

/** Waits for an order that is placed after this time. Returns the difference in milliseconds. */
export const firstOrderAfter = Effect.fnUntraced(function* ({ placedAt }: Ledger, since: number) {
  for (let tries = 0; tries < 3_000; tries++) {
    const first = placedAt.find((at) => at > since)
    if (first !== undefined) return first - since
    yield* Effect.sleep("20 millis")
  }
  return assert.fail("no order is placed within a minute")
})
