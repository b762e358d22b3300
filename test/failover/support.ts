/** What the failover tests share: callers, and the judge of what they were answered. */
import { assert, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer, Redacted, References, type Scope } from "effect"
import { layerClient } from "../../src/adapters/postgres/client/PgClient.ts"
import { type ExecutionLimits, migrate } from "../../src/adapters/postgres/index.ts"
import type { FeedEvent } from "../../src/domain/orders/Feed.ts"
import {
  type History,
  type HistoryEvent,
  judgeShop,
  makeRecorder,
  runWorkload
} from "../../src/testing/judge/index.ts"
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

const underTest = ({ orders, catalog, payments, verification: { verify } }: TestShop) => ({
  orders,
  catalog,
  payments,
  verify
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

/** Callers and a reader of the feed, who go on until they are told to stop. What they are answered is recorded. */
export const workload = Effect.fnUntraced(function* (shop: TestShop, callers = 16) {
  const recorder = makeRecorder()
  const stopping = yield* Deferred.make<void>()
  const working = yield* Effect.forkScoped(
    runWorkload(recorder.recorded(underTest(shop)), {
      callers,
      readers: 1,
      stock: 1_000_000,
      until: Deferred.await(stopping)
    })
  )
  /** Waits until every caller has its answer. */
  const stop = Effect.andThen(Deferred.succeed(stopping, undefined), Fiber.join(working))
  return { history: recorder.history, stop }
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
 * The judge is content: nothing that was answered is lost, doubled, denied or invented, and nobody who reads the feed misses or
 * reorders an event. A pooler may let readers meet a standby that is being promoted; a name that is re-pointed, the former primary for a moment.
 */
export const isJudged = Effect.fnUntraced(function* (
  history: History,
  shop: TestShop,
  { mayMeetOther = false }: { readonly mayMeetOther?: boolean } = {}
) {
  const findings = yield* judgeShop(history, underTest(shop))
  assert.deepStrictEqual(
    findings.filter(({ rule }) => !(mayMeetOther && rule === "recency")),
    []
  )
})

/** The reader of the feed has read every event once, in the order in which the feed has them. */
export const hasReadAll = Effect.fnUntraced(function* (reader: Reader, shop: TestShop) {
  const whole = lines(yield* wholeFeed(shop))
  for (let tries = 0; tries < 200 && reader.events.length < whole.length; tries++) yield* reader.read(shop)
  assert.deepStrictEqual(reader.refusals, [])
  assert.deepStrictEqual(lines(reader.events), whole)
})

/** Ends of calls, with the call that they end. */
const ends = (history: History) => {
  const begun = new Map(
    history.flatMap((event) => (event.type === "invoke" ? [[event.call, event] as const] : []))
  )
  return history.flatMap((end) => {
    const call = begun.get(end.call)
    return end.type === "invoke" || call === undefined
      ? []
      : [{ ...end, method: call.method, took: end.time - call.time }]
  })
}

const count = (history: History, type: HistoryEvent["type"], method = "") =>
  ends(history).filter((end) => end.type === type && end.method.startsWith(method)).length

/** Calls of which the caller was not told whether they took effect. */
export const unknowns = (history: History) => count(history, "info")

/** The longest time that a call took, in milliseconds. */
export const slowest = (history: History) => Math.max(...ends(history).map(({ took }) => took))

/** How many calls were answered, and how many are unknown: a test that had no callers shows nothing. */
export const figures = (history: History) =>
  `${ends(history).length} calls, ${count(history, "ok", "orders.place")} orders placed, ${count(history, "ok", "payments.pay")} payments answered, ${unknowns(history)} outcomes unknown`

/** Waits for an order that is placed after this time. Returns the difference in milliseconds. */
export const firstOrderAfter = Effect.fnUntraced(function* (history: History, since: number) {
  for (let tries = 0; tries < 600; tries++) {
    const first = ends(history).find(
      ({ type, method, time }) => type === "ok" && method === "orders.place" && time > since
    )
    if (first !== undefined) return Math.round(first.time - since)
    yield* Effect.sleep("100 millis")
  }
  return assert.fail("no order is placed within a minute")
})

export { isRight, openShop, type TestShop }
