import fs from "node:fs"
import path from "node:path"
import { assert, describe } from "@effect/vitest"
import { Effect, Result } from "effect"
import { PositionUnknown } from "../../src/domain/orders/Feed.ts"
import { machine } from "./Machine.ts"
import { baseBackup, isInstalled, type PostgresServer, primary, program, until } from "./PostgresServer.ts"
import { failover, isRight, lines, migrated, openShop, orders, type TestShop, wholeFeed } from "./support.ts"

/** Uses up transaction ids, so that two servers do not have the same by chance. */
const useIds = (server: PostgresServer, count: number) =>
  server.sql(`DO $$ BEGIN FOR i IN 1..${count} LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$`)

/** Dumps the database of a server and restores it into another. */
const restoreInto = async (from: PostgresServer, to: PostgresServer) => {
  const file = path.join(from.machine.directory, "dump")
  const at = ({ port }: PostgresServer) => ["-h", "127.0.0.1", "-p", `${port}`, "-U", "postgres"]
  await from.machine.run(program("pg_dump"), [...at(from), "-Fc", "-f", file, "postgres"])
  await from.machine.run(program("pg_restore"), [...at(to), "-d", "postgres", file])
}

const feedAfter = (shop: TestShop, after: string | undefined) => Effect.result(shop.orders.feed({ after }))

/** A position that the feed does not have any more is refused, now and after more events: no page is empty instead. */
const isUnknown = Effect.fnUntraced(function* (shop: TestShop, position: string | undefined) {
  assert.isDefined(position)
  const answer = yield* feedAfter(shop, position)
  assert.deepStrictEqual(answer, Result.fail(new PositionUnknown({ position: position ?? "" })))
})

describe.skipIf(!isInstalled)("a restored backup (needs Debian's postgresql)", () => {
  for (const [target, ids] of [
    ["a new server that has given fewer transaction ids", { from: 5_000, to: 0 }],
    ["a new server that has given more transaction ids", { from: 0, to: 5_000 }]
  ] as const) {
    failover(
      `from a dump shows all old events in their order, new ones after them, and knows old positions: ${target}`,
      Effect.gen(function* () {
        const [from, to] = yield* Effect.all([primary(), primary()], { concurrency: 2 })
        yield* Effect.promise(() => Promise.all([useIds(from, ids.from), useIds(to, ids.to)]))
        yield* migrated(from.url)
        const shop = yield* openShop(from.url)
        yield* orders(shop, 20)
        const before = yield* wholeFeed(shop)
        assert.lengthOf(before, 20)
        yield* Effect.promise(() => restoreInto(from, to))

        const restored = yield* openShop(to.url)
        if (ids.from > ids.to) {
          // Until the epoch begins, an empty page would tell a reader that nothing is new.
          const early = yield* feedAfter(restored, undefined)
          assert.isTrue(Result.isFailure(early) && early.failure._tag === "StoreUnavailable")
        }
        yield* migrated(to.url)
        assert.deepStrictEqual(lines(yield* wholeFeed(restored)), lines(before))
        yield* orders(restored, 5)
        const after = yield* wholeFeed(restored)
        assert.deepStrictEqual(lines(after.slice(0, 20)), lines(before))
        assert.lengthOf(after, 25)
        for (const index of [0, 9, 19]) {
          const rest = yield* restored.orders.feed({ after: before[index]?.position })
          assert.deepStrictEqual(lines(rest), lines(after.slice(index + 1)))
        }
        yield* isRight(restored)
      })
    )
  }

  failover(
    "of a point in time refuses the positions after that point, and goes on from those before it",
    Effect.gen(function* () {
      const archive = yield* machine("archive")
      const server = yield* primary({
        archive_mode: "on",
        archive_command: `cp %p ${archive.directory}/%f`
      })
      yield* migrated(server.url)
      const shop = yield* openShop(server.url)
      yield* orders(shop, 5)
      const copy = yield* baseBackup(server, {
        archive_mode: "off",
        restore_command: `cp ${archive.directory}/%f %p`,
        recovery_target_name: "noon",
        recovery_target_action: "promote"
      })
      yield* orders(shop, 5)
      const kept = yield* wholeFeed(shop)
      yield* Effect.promise(() => server.sql("SELECT pg_create_restore_point('noon')"))
      yield* orders(shop, 5)
      const lost = (yield* wholeFeed(shop)).slice(kept.length)
      assert.lengthOf(lost, 5)
      yield* Effect.promise(async () => {
        const segment = await server.sql("SELECT pg_walfile_name(pg_switch_wal())")
        while (!fs.existsSync(path.join(archive.directory, segment))) {
          await new Promise((resolve) => setTimeout(resolve, 50))
        }
        await server.machine.kill()
        copy.machine.write("data/recovery.signal", "")
        await copy.start()
        await until(copy, "SELECT pg_is_in_recovery()", "f")
      })

      yield* migrated(copy.url)
      const restored = yield* openShop(copy.url)
      for (const { position } of lost) yield* isUnknown(restored, position)
      yield* orders(restored, 8)
      for (const { position } of lost) yield* isUnknown(restored, position)
      const after = yield* wholeFeed(restored)
      assert.deepStrictEqual(lines(after.slice(0, kept.length)), lines(kept))
      assert.lengthOf(after, kept.length + 8)
      const rest = yield* restored.orders.feed({ after: kept.at(-1)?.position })
      assert.deepStrictEqual(lines(rest), lines(after.slice(kept.length)))
      yield* isRight(restored)
    })
  )
})
