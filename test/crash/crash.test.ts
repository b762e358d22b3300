import fs from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted, type Scope } from "effect"
import { ownServer } from "../outage/OwnServer.ts"
import { command, serve } from "../race/Api.ts"
import { openShop } from "../race/support.ts"
import { freshDatabase } from "../support/postgres.ts"
import { load, openMarket } from "./Market.ts"
import { type Reckoned, settleUp } from "./Reckoning.ts"

/** Crashes of each kind; `CRASH_ROUNDS=10` for a long run, which also tells what has happened. */
const rounds = Number(process.env.CRASH_ROUNDS ?? 2)

const timeout = 60_000 + rounds * 30_000

/** Long enough for some hundred requests, and never at the same point of one. */
const aWhile = Effect.suspend(() => Effect.sleep(500 + Math.random() * 600))

const holds = (env: NodeJS.ProcessEnv) =>
  Effect.map(Effect.scoped(command("verify", env)), ({ code, complaints }) =>
    assert.strictEqual(code, 0, complaints)
  )

/** Settles what the crash has left pending, as a server does by itself after a while. */
const recover = (url: Redacted.Redacted) =>
  Effect.gen(function* () {
    const { payments, sql } = yield* openShop(url, { gatewayTimeout: "1 millis" })
    yield* Effect.sleep("5 millis")
    yield* payments.recover
    const pending = yield* sql`SELECT id FROM commerce.payments WHERE status = 'PENDING'`
    assert.lengthOf(pending, 0)
  }).pipe(Effect.scoped)

const inRounds = (
  name: string,
  kind: Effect.Effect<Effect.Effect<Reckoned, unknown, Scope.Scope>, unknown, Scope.Scope>
) =>
  it.live(
    name,
    () =>
      Effect.gen(function* () {
        const round = yield* kind
        const reckoned = yield* Effect.replicateEffect(Effect.scoped(round), rounds)
        const sum = (what: keyof Reckoned) => reckoned.reduce((total, one) => total + one[what], 0)
        assert.isAbove(sum("told"), 0)
        if (process.env.CRASH_ROUNDS === undefined) return
        console.log(
          `${name}: ${rounds} rounds, ${sum("requests")} requests, ${sum("told")} orders told, ` +
            `${sum("unanswered")} unanswered of which ${sum("hadHappened")} had happened, ${sum("pending")} pending`
        )
      }),
    timeout
  )

/** Starts a server, kills it in the middle of load, starts another and settles up. */
const killServer = Effect.fnUntraced(function* (env: NodeJS.ProcessEnv) {
  const dying = yield* serve(env)
  const market = yield* openMarket(dying.url)
  const kill = Effect.andThen(aWhile, Effect.andThen(dying.signal("SIGKILL"), dying.end))
  const log = yield* load(dying.url, market, kill)
  const next = yield* serve(env)
  const reckoned = yield* settleUp(next.url, market, log)
  yield* Effect.andThen(next.signal("SIGTERM"), next.end)
  return reckoned
})

describe("in the middle of load", () => {
  inRounds(
    "a server that is killed loses nothing that it answered, and makes nothing twice",
    Effect.map(freshDatabase, (url) => {
      const env = { DATABASE_URL: Redacted.value(url) }
      return killServer(env).pipe(
        Effect.tap(() => holds(env)),
        Effect.tap(() => recover(url))
      )
    })
  )

  inRounds(
    "a database that is killed and started again loses nothing, and the server goes on by itself",
    Effect.gen(function* () {
      const database = yield* ownServer()
      const env = { DATABASE_URL: Redacted.value(database.url) }
      const server = yield* serve(env)
      return Effect.gen(function* () {
        const market = yield* openMarket(server.url)
        const crash = Effect.gen(function* () {
          yield* aWhile
          yield* database.kill
          yield* Effect.sleep("200 millis")
          yield* database.start
          yield* aWhile
        })
        const log = yield* load(server.url, market, crash)
        const reckoned = yield* settleUp(server.url, market, log)
        assert.isAbove(reckoned.unanswered, 0)
        yield* holds(env)
        yield* recover(database.url)
        return reckoned
      })
    })
  )

  inRounds(
    "a server on its embedded database that is killed has kept what it answered",
    Effect.map(temporaryDirectory(), (directory) => {
      const env = { DATA_DIR: directory }
      return Effect.tap(killServer(env), () => holds(env))
    })
  )

  inRounds(
    "a server that is told to stop answers whatever it has accepted, and ends with 0",
    Effect.map(freshDatabase, (url) =>
      Effect.gen(function* () {
        const env = { DATABASE_URL: Redacted.value(url) }
        const stopping = yield* serve(env)
        const market = yield* openMarket(stopping.url)
        const stop = Effect.gen(function* () {
          yield* aWhile
          const start = performance.now()
          yield* stopping.signal("SIGTERM")
          assert.strictEqual(yield* stopping.end, 0, stopping.complaints())
          assert.isBelow(performance.now() - start, 12_000)
        })
        const log = yield* load(stopping.url, market, stop)
        const next = yield* serve(env)
        const reckoned = yield* settleUp(next.url, market, log)
        assert.strictEqual(reckoned.hadHappened, 0, "what it has done it has answered")
        assert.strictEqual(reckoned.pending, 0)
        yield* holds(env)
        return reckoned
      })
    )
  )
})

function temporaryDirectory() {
  return Effect.acquireRelease(
    Effect.sync(() => fs.mkdtempSync(path.join(tmpdir(), "effect-commerce-crash-"))),
    (directory) => Effect.sync(() => fs.rmSync(directory, { recursive: true, force: true }))
  )
}
