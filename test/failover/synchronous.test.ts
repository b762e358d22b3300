import { assert, describe } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { proxyTo } from "../outage/Proxy.ts"
import { isInstalled, type PostgresServer, primary, standbyOf, untilStreaming } from "./PostgresServer.ts"
import {
  bothOf,
  failover,
  figures,
  firstOrderAfter,
  isJudged,
  migrated,
  openShop,
  quick,
  unknowns,
  workload
} from "./support.ts"

/** A standby behind a network that can fall silent, which its primary waits for at each COMMIT. */
const synchronousStandby = Effect.fnUntraced(function* (
  server: PostgresServer,
  level: "on" | "remote_apply",
  port?: number
) {
  const network = yield* proxyTo(server.url)
  const through = Number(new URL(Redacted.value(network.url)).port)
  const standby = yield* standbyOf(
    server,
    { synchronous_standby_names: "" },
    { through, ...(port === undefined ? {} : { port }) }
  )
  yield* Effect.promise(async () => {
    await server.set({ synchronous_standby_names: "*", synchronous_commit: level })
    await untilStreaming(server, "sync")
  })
  /** The standby and its network fall silent. */
  const freeze = Effect.sync(() => {
    network.freeze()
    standby.machine.freeze()
  })
  /** The primary is gone, with all that was on its way to the standby. */
  const killPrimary = Effect.promise(async () => {
    await server.machine.kill()
    network.close()
  })
  const promote = Effect.promise(async () => {
    standby.machine.wake()
    await standby.promote()
    return Date.now()
  })
  return { standby, freeze, killPrimary, promote }
})

describe.skipIf(!isInstalled)("a synchronous standby (needs Debian's postgresql)", () => {
  for (const [level, rounds] of [
    ["on", 3],
    ["remote_apply", 1]
  ] as const) {
    failover(
      `has all that was answered while it was silent, also replays and look-ups: synchronous_commit is ${level} [D2]`,
      Effect.gen(function* () {
        let server = yield* primary()
        yield* migrated(server.url)
        let old: number | undefined
        for (let round = 0; round < rounds; round++) {
          const { standby, freeze, killPrimary, promote } = yield* synchronousStandby(server, level, old)
          const shop = yield* openShop(bothOf(server, standby), { limits: quick })
          const { history, stop } = yield* workload(shop)
          yield* Effect.sleep("1 second")
          yield* freeze
          yield* Effect.sleep("3 seconds")
          yield* killPrimary
          const promoted = yield* promote
          const recovery = yield* firstOrderAfter(history, promoted)
          yield* Effect.sleep("500 millis")
          yield* stop
          console.log(`${figures(history)}; first order ${recovery} ms after the promotion`)
          yield* isJudged(history, shop)
          assert.isAbove(unknowns(history), 0)
          old = server.port
          server = standby
        }
      })
    )
  }
})
