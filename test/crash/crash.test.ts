import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { ownServer } from "../outage/OwnServer.ts"
import { command, serve } from "../race/Api.ts"
import { freshDatabase } from "../support/postgres.ts"
import { load, openMarket, settleUp } from "./load.ts"

/** Crashes of each kind; `CRASH_ROUNDS=10` for a long run. */
const rounds = Number(process.env.CRASH_ROUNDS ?? 2)

const timeout = 60_000 + rounds * 30_000

/** Long enough for some hundred requests, and never at the same point of one. */
const aWhile = Effect.suspend(() => Effect.sleep(700 + Math.random() * 600))

const holds = (env: NodeJS.ProcessEnv) =>
  Effect.map(command("verify", env), ({ code, complaints }) => assert.strictEqual(code, 0, complaints))

describe("in the middle of load", () => {
  it.live(
    "a server that is killed loses no order that it answered, and makes none twice",
    () =>
      Effect.gen(function* () {
        const env = { DATABASE_URL: Redacted.value(yield* freshDatabase) }
        for (let round = 0; round < rounds; round++) {
          yield* Effect.scoped(
            Effect.gen(function* () {
              const dying = yield* serve(env)
              const market = yield* openMarket(dying.url)
              const kill = Effect.andThen(aWhile, Effect.andThen(dying.signal("SIGKILL"), dying.end))
              const log = yield* load(dying.url, market, kill)
              const next = yield* serve(env)
              const { told } = yield* settleUp(next.url, market, log)
              assert.isAbove(told, 0)
            })
          )
          yield* holds(env)
        }
      }).pipe(Effect.scoped),
    timeout
  )

  it.live(
    "a database that is killed and started again loses nothing, and the server goes on by itself",
    () =>
      Effect.gen(function* () {
        const database = yield* ownServer()
        const env = { DATABASE_URL: Redacted.value(database.url) }
        const server = yield* serve(env)
        for (let round = 0; round < rounds; round++) {
          const market = yield* openMarket(server.url)
          const crash = Effect.gen(function* () {
            yield* aWhile
            yield* database.kill
            yield* Effect.sleep("300 millis")
            yield* database.start
            yield* aWhile
          })
          const log = yield* load(server.url, market, crash)
          const { told, unanswered } = yield* settleUp(server.url, market, log)
          assert.isAbove(told, 0)
          assert.isAbove(unanswered, 0)
          yield* holds(env)
        }
      }).pipe(Effect.scoped),
    timeout
  )

  it.live(
    "a server on its embedded database that is killed has kept what it answered",
    () =>
      Effect.gen(function* () {
        const env = { DATA_DIR: yield* temporaryDirectory }
        for (let round = 0; round < rounds; round++) {
          yield* Effect.scoped(
            Effect.gen(function* () {
              const dying = yield* serve(env)
              const market = yield* openMarket(dying.url)
              const kill = Effect.andThen(aWhile, Effect.andThen(dying.signal("SIGKILL"), dying.end))
              const log = yield* load(dying.url, market, kill)
              const next = yield* serve(env)
              const { told } = yield* settleUp(next.url, market, log)
              assert.isAbove(told, 0)
            })
          )
          yield* holds(env)
        }
      }).pipe(Effect.scoped),
    timeout
  )

  it.live(
    "a server that is told to stop answers whatever it has accepted, and ends with 0",
    () =>
      Effect.gen(function* () {
        const env = { DATABASE_URL: Redacted.value(yield* freshDatabase) }
        const stopping = yield* serve(env)
        const market = yield* openMarket(stopping.url)
        const stop = Effect.andThen(aWhile, Effect.andThen(stopping.signal("SIGTERM"), stopping.end))
        let code: number | NodeJS.Signals | undefined
        const log = yield* load(
          stopping.url,
          market,
          Effect.tap(stop, (end) => Effect.sync(() => (code = end)))
        )
        assert.strictEqual(code, 0)
        const refused = log.filter(({ broken }) => broken)
        assert.deepStrictEqual(refused, [])
        const next = yield* serve(env)
        yield* settleUp(next.url, market, log)
        yield* holds(env)
      }).pipe(Effect.scoped),
    timeout
  )
})

const temporaryDirectory = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "effect-commerce-crash-"))),
  (directory) => Effect.promise(() => rm(directory, { recursive: true, force: true }))
)
