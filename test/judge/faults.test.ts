/** What callers were answered is true, whatever happens to the connections. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, type Redacted, References, type Scope } from "effect"
import { type History, judgeShop, makeRecorder, runWorkload } from "../../src/testing/judge/index.ts"
import { proxyTo } from "../outage/Proxy.ts"
import { openShop, type TestShop } from "../race/support.ts"
import { freshDatabase } from "../support/postgres.ts"

const underTest = (shop: TestShop) => ({ ...shop, verify: shop.verification.verify })

interface Faulty {
  /** Where the shop of the workload connects to. */
  readonly url: Redacted.Redacted
  /** Returns the number of connections or COMMITs that met the fault. */
  readonly fault: (n: number) => Effect.Effect<number>
}

/** A workload with a fault every now and then, on connections that are closed before the verdict. */
const survives = (
  name: string,
  make: (direct: TestShop) => Effect.Effect<Faulty, unknown, Scope.Scope>,
  check: (history: History) => void = () => {}
) =>
  it.live(
    name,
    () =>
      Effect.gen(function* () {
        const direct = yield* openShop(yield* freshDatabase)
        const { history, recorded } = makeRecorder()
        let met = 0
        const work = Effect.gen(function* () {
          const { url, fault } = yield* make(direct)
          const shop = yield* openShop(url, { limits: { settleTimeout: 500 } })
          const answered = () => history.filter(({ type }) => type === "ok").length
          const faults = Effect.forEach(
            Array.from({ length: 6 }).keys(),
            (n) =>
              Effect.repeat(Effect.sleep("5 millis"), { while: () => answered() < 20 * (n + 1) }).pipe(
                Effect.andThen(fault(n)),
                Effect.map((count) => (met += count))
              ),
            { discard: true }
          )
          yield* runWorkload(recorded(underTest(shop)), { until: faults, stock: 1000 })
        })
        yield* Effect.scoped(work)
        assert.isAbove(met, 0)
        check(history)
        assert.deepStrictEqual(yield* judgeShop(history, underTest(direct)), [])
      }).pipe(Effect.provideService(References.MinimumLogLevel, "None")),
    300_000
  )

describe("no rule is broken", () => {
  survives(
    "by a network that loses COMMITs, their answers, and connections for a while [V5]",
    ({ url }) =>
      Effect.map(proxyTo(url), ({ url, fates, close, open, commits }) => {
        const lost = Effect.sync(() => fates(...(["answer is lost", "is lost"] as const)))
        const cutOff = Effect.gen(function* () {
          const before = commits()
          yield* Effect.sync(() => fates("answer is lost"))
          yield* Effect.repeat(Effect.yieldNow, { while: () => commits() === before })
          yield* Effect.sync(close)
          yield* Effect.sleep("700 millis")
          yield* Effect.sync(open)
        })
        return { url, fault: (n) => Effect.map(n % 3 === 2 ? cutOff : lost, commits) }
      }),
    (history) => assert.isNotEmpty(history.filter(({ type }) => type === "info"))
  )

  survives("by a database whose sessions are ended all the time [V5]", ({ sql, url }) =>
    Effect.succeed({
      url,
      fault: () =>
        sql`
          SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND pid <> pg_backend_pid() AND random() < 0.3`.pipe(
          Effect.map(({ length }) => length),
          Effect.orDie
        )
    })
  )
})
