import { PgClient } from "@effect/sql-pg"
import { assert, describe } from "@effect/vitest"
import { Effect, Schedule } from "effect"
import { SqlClient } from "effect/sql"
import { markRestored, migrate, requireMigrated } from "../../../../src/adapters/postgres/index.ts"
import type { FeedEvent } from "../../../../src/domain/orders/Feed.ts"
import { outageOf } from "../../../outage/support.ts"
import { buy, product, race, type TestShop, times } from "../../../race/support.ts"

const on = <A, E>({ sql }: TestShop, work: Effect.Effect<A, E, SqlClient.SqlClient>) =>
  Effect.provideService(work, SqlClient.SqlClient, sql)

/** All events, page by page. */
const read = Effect.fnUntraced(function* ({ orders }: TestShop, after?: string) {
  const events: Array<FeedEvent> = []
  for (;;) {
    const page: ReadonlyArray<FeedEvent> = yield* orders.feed({
      after: events.at(-1)?.position ?? after,
      limit: 3
    })
    events.push(...page)
    if (page.length < 3) return events
  }
})

/** The same, as soon as there are so many: transactions of other tests hold up the feed of the whole server. */
const readUntil = (shop: TestShop, count: number, after?: string) =>
  Effect.repeat(read(shop, after), {
    until: (events) => events.length >= count,
    schedule: Schedule.spaced("20 millis")
  })

/** The events of a server whose transactions had far higher ids, as a restored dump has them. */
const fromAnotherServer = ({ sql }: TestShop) =>
  sql`UPDATE commerce.order_events SET xid = (xid::text::int8 + 4000000000000)::text::xid8`

describe("data from another server", () => {
  race("get an epoch of the feed by the next migration: old events stay, new ones follow [D4]", (shop) =>
    Effect.gen(function* () {
      const item = yield* product(shop, 100)
      yield* Effect.forEach(times(5), () => buy(shop, item))
      yield* fromAnotherServer(shop)
      const outage = yield* outageOf(shop.orders.feed())
      assert.include(String(outage.cause), "run migrate")
      assert.strictEqual((yield* on(shop, Effect.flip(requireMigrated())))._tag, "SchemaOutdated")

      yield* on(shop, migrate())
      const old = yield* readUntil(shop, 5)
      assert.strictEqual(old.length, 5)
      yield* Effect.forEach(times(4), () => buy(shop, item))
      const all = yield* readUntil(shop, 9)
      assert.deepStrictEqual(all.slice(0, 5), old)
      assert.strictEqual(all.length, 9)
      // Positions of before are still those of the same events.
      for (const [index, { position }] of all.entries()) {
        assert.deepStrictEqual(yield* readUntil(shop, 8 - index, position), all.slice(index + 1))
      }
      yield* on(shop, requireMigrated())
    })
  )

  race("are known by the server's identity, too", (shop) =>
    Effect.gen(function* () {
      yield* on(shop, migrate())
      yield* on(shop, requireMigrated())
      yield* shop.sql`UPDATE commerce.feed_epochs SET system_identifier = '1'`
      assert.strictEqual((yield* on(shop, Effect.flip(requireMigrated())))._tag, "SchemaOutdated")
      yield* on(shop, migrate())
      yield* on(shop, requireMigrated())
      const epochs = yield* shop.sql`SELECT epoch FROM commerce.feed_epochs ORDER BY epoch`
      assert.deepStrictEqual(
        epochs.map(({ epoch }) => epoch),
        [1, 2]
      )
    })
  )

  race("are known by their transaction ids where the role may not read the server's identity", (shop) =>
    Effect.gen(function* () {
      const role = `plain_${crypto.randomUUID().replaceAll("-", "")}`
      yield* shop.sql.unsafe("REVOKE EXECUTE ON FUNCTION pg_catalog.pg_control_system() FROM PUBLIC")
      yield* shop.sql.unsafe(`CREATE ROLE ${role}`)
      yield* Effect.addFinalizer(() =>
        Effect.orDie(
          Effect.andThen(shop.sql.unsafe(`DROP OWNED BY ${role}`), shop.sql.unsafe(`DROP ROLE ${role}`))
        )
      )
      yield* shop.sql.unsafe(`GRANT USAGE ON SCHEMA commerce TO ${role}`)
      yield* shop.sql.unsafe(
        `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA commerce TO ${role}`
      )
      const denied = <A, E>(work: Effect.Effect<A, E, SqlClient.SqlClient>) =>
        Effect.provide(work, PgClient.layer({ url: shop.url, startupParameters: { role } }))

      yield* buy(shop, yield* product(shop, 10))
      yield* shop.sql`UPDATE commerce.feed_epochs SET system_identifier = '1'`
      yield* denied(requireMigrated())
      yield* fromAnotherServer(shop)
      assert.strictEqual((yield* denied(Effect.flip(requireMigrated())))._tag, "SchemaOutdated")
      yield* on(shop, migrate())
    })
  )

  race("that lack the end refuse the positions of lost events [D4]", (shop) =>
    Effect.gen(function* () {
      const item = yield* product(shop, 10)
      const orders = yield* Effect.forEach(times(3), () => buy(shop, item))
      const events = yield* readUntil(shop, 3)
      const last = orders[2]?.id ?? ""
      // A failover has lost the last order, and gives the ids of its transaction to others.
      yield* shop.sql`DELETE FROM commerce.order_events WHERE order_id = ${last}`
      yield* shop.sql`DELETE FROM commerce.order_items WHERE order_id = ${last}`
      yield* shop.sql`DELETE FROM commerce.orders WHERE id = ${last}`
      yield* shop.sql`UPDATE commerce.products SET stock = stock + 1 WHERE id = ${item.id}`
      yield* buy(shop, item)
      const refusal = yield* Effect.flip(shop.orders.feed({ after: events[2]?.position }))
      assert.strictEqual(refusal._tag, "PositionUnknown")
      assert.strictEqual((yield* readUntil(shop, 1, events[1]?.position)).length, 1)
    })
  )

  race("are marked as restored by a command, which ends all sessions", (shop) =>
    Effect.gen(function* () {
      const credentials = { email: "ada@example.com", password: "a long password" }
      yield* shop.accounts.register(credentials)
      const { refreshToken } = yield* shop.accounts.login(credentials)
      const item = yield* product(shop, 10)
      yield* buy(shop, item)
      const reset = yield* shop.accounts.requestPasswordReset({ email: credentials.email })
      const done = yield* on(shop, markRestored())
      assert.deepStrictEqual(done, { epoch: 2, endedSessions: 1 })
      assert.strictEqual(
        (yield* Effect.flip(shop.accounts.refresh(refreshToken)))._tag,
        "InvalidRefreshToken"
      )
      const used = shop.accounts.resetPassword({ token: reset?.token ?? "", newPassword: "another password" })
      assert.strictEqual((yield* Effect.flip(used))._tag, "InvalidResetToken")
      yield* buy(shop, item)
      assert.deepStrictEqual(
        (yield* readUntil(shop, 2)).map(({ position }) => position.split(":")[0]),
        ["1", "2"]
      )
    })
  )
})
