import { assert, describe } from "@effect/vitest"
import { Effect, Fiber, Redacted } from "effect"
import * as Postgres from "../../../src/adapters/postgres/index.ts"
import { PositionUnknown, toPosition } from "../../../src/domain/orders/Feed.ts"
import { atOnce, buy, openShop, patient, product, race, times, unitsOf } from "../../race/support.ts"
import { emptyDatabase } from "../../support/postgres.ts"
import { proxyTo } from "../Proxy.ts"
import { outageOf, recovers } from "../support.ts"

/** Changes the URL of a database. */
const changed = (url: Redacted.Redacted, change: (url: URL) => void) => {
  const location = new URL(Redacted.value(url))
  change(location)
  return Redacted.make(location.href)
}

/** The URL with a server before its own. */
const preceded = (url: Redacted.Redacted, host: string, attrs: string) => {
  const location = new URL(Redacted.value(url))
  const { password, pathname, username } = location
  return Redacted.make(
    `postgres://${username}:${password}@${host},${location.host}${pathname}?target_session_attrs=${attrs}`
  )
}

/** The codes of an error and of its causes. */
const codesOf = (error: unknown): ReadonlyArray<unknown> => {
  const { cause, code, reason } = Object(error)
  return [
    code,
    ...(cause === undefined ? [] : codesOf(cause)),
    ...(reason === undefined ? [] : codesOf(reason))
  ]
}

/** Nothing but the watch of silence ends a statement. */
const watchful = {
  ...patient,
  acquireTimeout: 1_000,
  maxRetries: 0,
  commitTimeout: 600_000,
  queryTimeout: 600_000,
  settleTimeout: 200,
  deadlineCheckInterval: 20,
  silenceTimeout: 100,
  probeTimeout: 300
}

describe("a server that vanishes without closing its connections", { concurrent: true }, () => {
  race("is noticed by asking for it, and no call hangs [D1]", (shop) =>
    Effect.gen(function* () {
      const proxy = yield* proxyTo(shop.url)
      const client = Postgres.layerClient({ url: proxy.url, connectTimeout: "300 millis" })
      const own = yield* openShop(proxy.url, { client, limits: watchful })
      const item = yield* product(shop, 1000)
      yield* atOnce(times(20).map(() => buy(own, item)))
      proxy.freeze()
      const calls = yield* Effect.forkChild(
        atOnce([
          ...times(20).map(() => outageOf(buy(own, item))),
          ...times(20).map(() => outageOf(own.orders.list())),
          ...times(20).map(() => outageOf(own.catalog.adjustStock({ productId: item.id, delta: 1 })))
        ])
      )
      yield* Fiber.join(calls)
      proxy.thaw()
      yield* recovers(buy(own, item))
    })
  )

  race("is not seen in a statement that works for long: the server says that it is there", (shop) =>
    Effect.gen(function* () {
      const own = yield* openShop(shop.url, { limits: { ...watchful, probeTimeout: 600_000 } })
      yield* own.sql`SELECT pg_sleep(1)`
    })
  )
})

describe("a COMMIT without an answer", { concurrent: true }, () => {
  race(
    "keeps its place in the pool: further changes are refused before they begin, and reads go on",
    (shop) =>
      Effect.gen(function* () {
        const proxy = yield* proxyTo(shop.url)
        const limits = { ...watchful, commitTimeout: 200, silenceTimeout: 600_000 }
        const own = yield* openShop(proxy.url, { pool: 3, limits })
        const item = yield* product(shop, 10)
        proxy.fates("is followed by silence")
        // The server has answered this by the time that its transaction is asked for, unless it is busy.
        yield* Effect.ignore(own.catalog.adjustStock({ productId: item.id, delta: 1 }))
        const refused = yield* outageOf(own.catalog.adjustStock({ productId: item.id, delta: 1 }))
        assert.strictEqual(refused.outcome, "notApplied")
        assert.include(String(Object(refused.cause).reason.message), "Too many COMMITs")
        yield* own.orders.list()
        proxy.cut()
        yield* recovers(own.catalog.adjustStock({ productId: item.id, delta: 1 }))
      })
  )
})

describe("connecting", { concurrent: true }, () => {
  race("that is refused is an outage that has applied nothing, whatever the reason", (shop) =>
    Effect.gen(function* () {
      const faults: Record<string, Redacted.Redacted> = {
        "28P01": changed(shop.url, (url) => (url.password = "wrong")),
        "3D000": changed(shop.url, (url) => (url.pathname = "/nowhere")),
        ECONNREFUSED: changed(shop.url, (url) => (url.port = "1"))
      }
      for (const [fault, url] of Object.entries(faults)) {
        const own = yield* openShop(url, { limits: { maxRetries: 0 } })
        const item = { id: "0197f3a0-0000-7000-8000-000000000000" }
        for (const work of [own.health.check, own.orders.list(), buy(own, item)]) {
          const outage = yield* outageOf(work)
          assert.strictEqual(outage.outcome, "notApplied", fault)
          assert.include(codesOf(outage.cause), fault)
        }
      }
    })
  )

  race("tries the servers of a URL in their order until one suits", (shop) =>
    Effect.gen(function* () {
      const item = yield* product(shop, 10)
      const own = yield* openShop(preceded(shop.url, "127.0.0.1:1", "read-write"))
      yield* buy(own, item)
      yield* own.health.check
      const primary = yield* openShop(preceded(shop.url, "127.0.0.1:1", "prefer-standby"))
      yield* buy(primary, item)
      const none = yield* openShop(preceded(shop.url, "127.0.0.1:1", "standby"))
      const outage = yield* outageOf(buy(none, item))
      assert.strictEqual(outage.outcome, "notApplied")
      assert.include(String(Object(outage.cause).reason.message), "standby")
      assert.strictEqual(yield* unitsOf(shop, item), 8)
    })
  )

  race("to a database without the tables is not ready", () =>
    Effect.gen(function* () {
      const own = yield* openShop(yield* emptyDatabase)
      const outage = yield* outageOf(own.health.check)
      assert.include(String(outage.cause), "is not migrated")
    })
  )
})

describe("a database that accepts no writes any more", () => {
  race("is not ready, and loses its connections, so that its name is looked up again", (shop) =>
    Effect.gen(function* () {
      const item = yield* product(shop, 10)
      const own = yield* openShop(shop.url, { pool: 2 })
      yield* buy(own, item)
      const sessions = Effect.map(
        own.sql<{ pid: number }>`SELECT pg_backend_pid() AS pid`,
        ([row]) => row?.pid
      )
      const earlier = yield* sessions
      // Sessions that are open have the setting of their start; this one changes its own.
      yield* own.sql`SET default_transaction_read_only = on`
      yield* Effect.ignore(own.sql`INSERT INTO commerce.feed_epochs VALUES (9, NULL, now())`)
      yield* recovers(buy(own, item))
      assert.notStrictEqual(yield* sessions, earlier)
    })
  )

  race("does not say of positions of the server that took over that they are lost [D4]", (shop) =>
    Effect.gen(function* () {
      const order = yield* buy(shop, yield* product(shop, 10))
      const [newest] = yield* shop.sql<{
        epoch: number
      }>`SELECT max(epoch) AS epoch FROM commerce.feed_epochs`
      const epoch = newest?.epoch ?? 0
      const position = (transaction: string) =>
        toPosition({ epoch, transaction, orderId: order.id, sequence: 1 })
      const client = Postgres.layerClient({ url: shop.url, readOnly: true })
      const former = yield* openShop(shop.url, { client })
      const later = yield* outageOf(former.orders.feed({ after: position("999999999999") }))
      assert.strictEqual(later.outcome, "notApplied")
      // It gives out ids itself, and the next events of the other server have ids between its events and these.
      const [event] = yield* shop.sql<{
        next: string
      }>`SELECT (max(xid::text::int8) + 1)::text AS next FROM commerce.order_events`
      for (const _ of times(3)) yield* shop.sql`SELECT pg_current_xact_id()::text`
      const next = yield* outageOf(former.orders.feed({ after: position(event?.next ?? "") }))
      assert.strictEqual(next.outcome, "notApplied")
      assert.instanceOf(yield* Effect.flip(former.orders.feed({ after: position("1") })), PositionUnknown)
      const writes = yield* Effect.flip(shop.orders.feed({ after: position("999999999999") }))
      assert.instanceOf(writes, PositionUnknown)
    })
  )
})
