import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted, References, Scope } from "effect"
import { ownServer } from "../outage/OwnServer.ts"
import { command, serve } from "../race/Api.ts"
import { isRight, openShop } from "../race/support.ts"
import { emptyDataDirectory } from "../support/dataDirectory.ts"
import { freshDatabase } from "../support/postgres.ts"
import { type CrashReport, settleUp } from "./CrashReport.ts"
import { load, openWorkload } from "./Workload.ts"

/** Crashes of each kind; `CRASH_ROUNDS=10` for a long run, which also tells what has happened. */
const rounds = Number(process.env.CRASH_ROUNDS ?? 1)

const timeout = 300_000 + rounds * 60_000

/** Settles what the crash has left pending, as a server does by itself after a while; then all is right. */
const recovers = (url: Redacted.Redacted) =>
  Effect.gen(function* () {
    const shop = yield* openShop(url, { gatewayTimeout: "1 millis" })
    yield* Effect.sleep("5 millis")
    yield* shop.payments.recover
    assert.lengthOf(yield* shop.sql`SELECT id FROM commerce.payments WHERE status = 'PENDING'`, 0)
    yield* isRight(shop)
  }).pipe(Effect.scoped)

const inRounds = (
  name: string,
  kind: Effect.Effect<Effect.Effect<CrashReport, unknown, Scope.Scope>, unknown, Scope.Scope>
) =>
  it.live(
    name,
    () =>
      Effect.gen(function* () {
        const round = yield* kind
        const reckoned = yield* Effect.replicateEffect(Effect.scoped(round), rounds)
        const sum = (what: keyof CrashReport) => reckoned.reduce((total, one) => total + one[what], 0)
        assert.isAbove(sum("told"), 0)
        if (process.env.CRASH_ROUNDS === undefined) return
        console.log(
          `${name}: ${rounds} rounds, ${sum("requests")} requests, ${sum("told")} orders told, ` +
            `${sum("unanswered")} unanswered of which ${sum("hadHappened")} had happened, ${sum("pending")} pending`
        )
      }).pipe(Effect.provideService(References.MinimumLogLevel, "None")),
    timeout
  )

/** A server that is killed in the middle of load in every round, and another one after it, which settles up. */
const killed = Effect.fnUntraced(function* (env: NodeJS.ProcessEnv) {
  const scope = yield* Effect.scope
  const start = Scope.provide(serve(env), scope)
  let server = yield* start
  const round = Effect.gen(function* () {
    const workload = yield* openWorkload(server.url)
    const log = yield* load(server.url, workload, Effect.andThen(server.signal("SIGKILL"), server.end))
    server = yield* start
    return yield* settleUp(server.url, workload, log)
  })
  return { round, stop: Effect.suspend(() => Effect.andThen(server.signal("SIGTERM"), server.end)) }
})

const databaseOf = (url: Redacted.Redacted) => ({ DATABASE_URL: Redacted.value(url) })

describe("in the middle of load", () => {
  inRounds(
    "a server that is killed loses nothing that it answered, and makes nothing twice [F6]",
    Effect.flatMap(freshDatabase, (url) =>
      Effect.map(killed(databaseOf(url)), ({ round }) => Effect.tap(round, () => recovers(url)))
    )
  )

  inRounds(
    "a database that is killed and started again loses nothing, and the server goes on by itself [F7]",
    Effect.gen(function* () {
      const database = yield* ownServer()
      const server = yield* serve(databaseOf(database.url))
      const crash = Effect.gen(function* () {
        yield* database.kill
        yield* Effect.sleep("200 millis")
        yield* database.start
        yield* Effect.sleep("200 millis")
      })
      return Effect.gen(function* () {
        const workload = yield* openWorkload(server.url)
        const log = yield* load(server.url, workload, crash)
        const reckoned = yield* settleUp(server.url, workload, log)
        assert.isAbove(reckoned.unanswered, 0)
        yield* recovers(database.url)
        return reckoned
      })
    })
  )

  inRounds(
    "a server on its embedded database that is killed has kept what it answered [F8]",
    Effect.gen(function* () {
      const env = { DATA_DIR: yield* emptyDataDirectory }
      const { round, stop } = yield* killed(env)
      let left = rounds
      const atLast = Effect.gen(function* () {
        yield* stop
        assert.deepInclude(yield* command("verify", env), { code: 0 })
      })
      return Effect.tap(round, () => (--left === 0 ? atLast : Effect.void))
    })
  )

  inRounds(
    "a server that gets SIGTERM answers every request that it accepted, and ends with 0 [F9]",
    Effect.map(freshDatabase, (url) =>
      Effect.gen(function* () {
        const stopping = yield* serve(databaseOf(url))
        const workload = yield* openWorkload(stopping.url)
        const stop = Effect.gen(function* () {
          yield* stopping.signal("SIGTERM")
          assert.strictEqual(yield* stopping.end, 0, stopping.complaints())
        })
        const log = yield* load(stopping.url, workload, stop)
        const next = yield* serve(databaseOf(url))
        const reckoned = yield* settleUp(next.url, workload, log)
        assert.strictEqual(reckoned.hadHappened, 0, "what it has done it has answered")
        assert.strictEqual(reckoned.pending, 0)
        yield* recovers(url)
        return reckoned
      })
    )
  )
})
