import { assert, describe } from "@effect/vitest"
import { Effect, Fiber, Redacted, Result, Stream } from "effect"
import { PositionUnknown } from "../../src/domain/orders/Feed.ts"
import { proxyTo } from "../outage/Proxy.ts"
import { nameOf } from "./Name.ts"
import { isInstalled, primary, standbyOf, until, untilStreaming } from "./PostgresServer.ts"
import {
  bothOf,
  failover,
  figures,
  firstOrderAfter,
  hasReadAll,
  isJudged,
  isRight,
  lines,
  migrated,
  openShop,
  orders,
  Reader,
  slowest,
  wholeFeed,
  workload
} from "./support.ts"

/** A standby has everything that its primary has written. */
const caughtUp = "SELECT bool_and(replay_lsn = pg_current_wal_lsn()) FROM pg_stat_replication"

/** No transaction is open any more that began before: it may still write on a server that has become read-only. */
const noneBefore = (time: string) =>
  `SELECT now() > '${time}' AND NOT EXISTS (
    SELECT FROM pg_stat_activity WHERE backend_type = 'client backend' AND xact_start < '${time}')`

describe.skipIf(!isInstalled)("an asynchronous standby (needs Debian's postgresql)", () => {
  failover(
    "that is promoted refuses positions of events that it does not have, and never answers them with an empty page",
    Effect.gen(function* () {
      const server = yield* primary()
      yield* migrated(server.url)
      const network = yield* proxyTo(server.url)
      const through = Number(new URL(Redacted.value(network.url)).port)
      const standby = yield* standbyOf(server, {}, { through })
      const shop = yield* openShop(bothOf(server, standby))
      yield* orders(shop, 10)
      yield* Effect.promise(() => until(server, caughtUp, "t"))
      const kept = yield* wholeFeed(shop)
      const slow = new Reader()
      yield* slow.read(shop)

      network.freeze()
      yield* orders(shop, 10)
      const fast = yield* wholeFeed(shop)
      assert.lengthOf(fast, 20)
      const lost = fast.slice(10)
      const following = yield* Effect.forkScoped(
        Effect.result(
          Stream.runDrain(shop.orders.follow({ after: lost.at(-1)?.position, every: "50 millis" })).pipe(
            Effect.retry({ while: ({ _tag }) => _tag === "StoreUnavailable" })
          )
        )
      )
      yield* Effect.promise(async () => {
        await server.machine.kill()
        network.close()
        await standby.promote()
      })

      assert.deepStrictEqual(
        yield* Fiber.join(following),
        Result.fail(new PositionUnknown({ position: lost.at(-1)?.position ?? "" }))
      )
      for (const more of [0, 15]) {
        yield* orders(shop, more)
        for (const { position } of lost) {
          const answer = yield* Effect.result(shop.orders.feed({ after: position }))
          assert.deepStrictEqual(answer, Result.fail(new PositionUnknown({ position })))
        }
      }
      const whole = yield* wholeFeed(shop)
      assert.lengthOf(whole, 25)
      assert.deepStrictEqual(lines(whole.slice(0, 10)), lines(kept))
      yield* hasReadAll(slow, shop)
      yield* isRight(shop)
    })
  )

  failover(
    "that is read while it lags does not say of positions of its primary that they are lost",
    Effect.gen(function* () {
      const server = yield* primary()
      yield* migrated(server.url)
      const standby = yield* standbyOf(server)
      const shop = yield* openShop(server.url)
      const lagging = yield* openShop(standby.url)
      yield* orders(shop, 5)
      yield* Effect.promise(() => until(server, caughtUp, "t"))
      assert.deepStrictEqual(lines(yield* wholeFeed(lagging)), lines(yield* wholeFeed(shop)))
      yield* Effect.promise(() => standby.sql("SELECT pg_wal_replay_pause()"))
      yield* orders(shop, 5)
      const whole = yield* wholeFeed(shop)
      for (const { position } of whole.slice(5)) {
        assert.deepInclude(yield* Effect.flip(lagging.orders.feed({ after: position })), {
          _tag: "StoreUnavailable",
          outcome: "notApplied"
        })
      }
      yield* Effect.promise(async () => {
        await standby.sql("SELECT pg_wal_replay_resume()")
        await until(server, caughtUp, "t")
      })
      const rest = yield* lagging.orders.feed({ after: whole[6]?.position })
      assert.deepStrictEqual(lines(rest), lines(whole.slice(7)))
      const unknown = whole[6]?.position.replace(/^(\d+):(\d+):.{8}/, "$1:$2:00000000") ?? ""
      const answer = yield* Effect.result(lagging.orders.feed({ after: unknown }))
      assert.deepStrictEqual(answer, Result.fail(new PositionUnknown({ position: unknown })))
      yield* isRight(lagging)
    })
  )

  failover(
    "takes over when its primary becomes read-only and the name points to it, without a restart [D3]",
    Effect.gen(function* () {
      const server = yield* primary()
      yield* migrated(server.url)
      const standby = yield* standbyOf(server)
      const name = yield* nameOf(server)
      const shop = yield* openShop(name.url)
      const { history, stop } = yield* workload(shop)
      yield* Effect.sleep("1 second")
      const promoted = yield* Effect.promise(async () => {
        await untilStreaming(server, "async")
        await server.set({ default_transaction_read_only: "on" })
        await until(server, noneBefore(await server.sql("SELECT now() + interval '200 ms'")), "t")
        await until(server, caughtUp, "t")
        await standby.promote()
        name.pointTo(standby)
        return Date.now()
      })
      const recovery = yield* firstOrderAfter(history, promoted)
      yield* shop.health.check
      yield* Effect.sleep("1 second")
      yield* stop
      console.log(`switchover by hand: first order ${recovery} ms after the promotion; ${figures(history)}`)
      assert.isBelow(recovery, 10_000)
      yield* isJudged(history, shop, { mayMeetOther: true })
    })
  )

  failover(
    "takes over from a primary that is frozen: no call waits for long, and orders are placed without a restart [D3]",
    Effect.gen(function* () {
      const server = yield* primary()
      yield* migrated(server.url)
      const standby = yield* standbyOf(server, { synchronous_standby_names: "" })
      yield* Effect.promise(async () => {
        await server.set({ synchronous_standby_names: "*" })
        await untilStreaming(server, "sync")
      })
      const shop = yield* openShop(bothOf(server, standby))
      const { history, stop } = yield* workload(shop, 60)
      yield* Effect.sleep("1 second")
      server.machine.freeze()
      yield* Effect.sleep("1 second")
      const promoted = yield* Effect.promise(async () => {
        await standby.promote()
        return Date.now()
      })
      const recovery = yield* firstOrderAfter(history, promoted)
      yield* Effect.promise(() => server.machine.kill())
      yield* Effect.sleep("1 second")
      yield* stop
      console.log(
        `frozen primary: first order ${recovery} ms after the promotion, slowest call ${Math.round(slowest(history))} ms; ${figures(history)}`
      )
      assert.isBelow(recovery, 10_000)
      assert.isBelow(slowest(history), 30_000)
      yield* isJudged(history, shop)
    })
  )
})
