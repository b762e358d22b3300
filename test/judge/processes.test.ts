import { existsSync, readFileSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, it } from "@effect/vitest"
import { Effect, References } from "effect"
import { fromJsonLines, judgeShop } from "../../src/testing/judge/index.ts"
import { runFixture } from "../race/Processes.ts"
import { openShop } from "../race/support.ts"
import { freshDatabase } from "../support/postgres.ts"

const newDirectory = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "effect-commerce-judge-"))),
  (path) => Effect.promise(() => rm(path, { recursive: true, force: true }))
)

/** Waits until the sessions of processes that are gone have ended, and with them what they were doing. */
const sessionsEnded = ({ sql }: Effect.Success<ReturnType<typeof openShop>>) =>
  Effect.repeat(
    sql`SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    { while: (others) => others.length > 0 }
  )

it.live("the histories of processes that are killed break no rule [V5]", () =>
  Effect.gen(function* () {
    const url = yield* freshDatabase
    const directory = yield* newDirectory
    const historyIn = (name: string) => {
      const file = join(directory, name)
      return existsSync(file) ? fromJsonLines(readFileSync(file, "utf8")) : []
    }
    const answered = (name: string) => historyIn(name).filter(({ type }) => type === "ok").length
    const start = (name: string) => runFixture("judge-workload.ts", url, join(directory, name))
    const until = (name: string, count: number) =>
      Effect.repeat(Effect.sleep("20 millis"), { while: () => answered(name) < count })

    const [first, second] = [yield* start("first"), yield* start("second")]
    yield* Effect.all([until("first", 100), until("second", 100)], { concurrency: "unbounded" })
    yield* first.signal("SIGKILL")
    yield* first.end
    yield* until("second", answered("second") + 50)
    yield* second.signal("SIGKILL")
    yield* second.end

    const history = [...historyIn("first"), ...historyIn("second")]
    const begun = history.filter(({ type }) => type === "invoke").length
    assert.isBelow(history.length - begun, begun, "some calls have no end")
    const shop = yield* openShop(url, { pool: 1 })
    yield* sessionsEnded(shop)
    const { orders, catalog, payments, verification } = shop
    const { verify } = verification
    assert.deepStrictEqual(yield* judgeShop(history, { orders, catalog, payments, verify }), [])
  }).pipe(Effect.provideService(References.MinimumLogLevel, "None"))
)
