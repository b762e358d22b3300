import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { layerClient } from "../../src/adapters/postgres/client/PgClient.ts"
import { laws, Seed } from "../../src/testing/contract/index.ts"
import { FeedPatience } from "../../src/testing/FeedPatience.ts"
import { onProcessTime } from "../support/contract.ts"
import { freshDatabase } from "../support/postgres.ts"
import { fourProcesses } from "../support/processes.ts"

/** What many do at once: here they do it in several processes, so that only the database can keep them in order. */
const races = laws.filter(({ name }) => name.includes("concurrent"))

describe("four processes on one PostgreSQL", () => {
  it.live(
    "obey the laws on what happens at once, and never wait for each other in a circle",
    () =>
      Effect.gen(function* () {
        assert.isAbove(races.length, 10)
        const url = yield* freshDatabase
        const checks = Effect.forEach(races, ({ check }) => Effect.replicateEffect(check, 2))
        yield* checks.pipe(
          Effect.provide(onProcessTime(fourProcesses(url))),
          Effect.provideService(Seed, process.env.TEST_SEED),
          Effect.provideService(FeedPatience, 60_000)
        )
        const counted = yield* SqlClient.SqlClient.use(
          (sql) => sql`SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()`
        ).pipe(Effect.provide(layerClient({ url })))
        assert.deepStrictEqual(counted, [{ deadlocks: 0 }])
      }),
    300_000
  )
})
