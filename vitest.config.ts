import { availableParallelism } from "node:os"
import { defineConfig } from "vitest/config"
import { wasmOptions } from "./test/support/programs.ts"
import { SlowestFirst } from "./test/support/SlowestFirst.ts"
import { useMemory } from "./test/support/temporary.ts"

useMemory()

/** Without any database, not even an embedded one: in seconds. */
const fast = [
  "test/domain/**/*.test.ts",
  "test/telemetry/**/*.test.ts",
  "test/settings/**/*.test.ts",
  "test/architecture/**/*.test.ts",
  "test/services/**/*.test.ts",
  "test/promise/promised.test.ts",
  "test/guarantees.test.ts",
  "test/docs/generated.test.ts",
  "test/adapters/memory/*.test.ts",
  "test/adapters/{bcrypt,jose,simulated-payments}.test.ts",
  "test/adapters/postgres/{orders/DecidePlacements,execution/ChangeHook,execution/SharedReads,execution/SqlErrors,replica/ReplicaLag,replica/ReplicatedReads}.test.ts",
  "test/contract/memory.test.ts",
  "test/testing/*.test.ts",
  "test/http/!(postgres)/**/*.test.ts",
  "test/cli/*.test.ts"
]

/**
 * What surrounds the core: commands, crashes, examples, the code of the guides, a browser, the drivers and settings of
 * hosts, poolers, several processes, large tables, databases that fail, any HTTP. In minutes.
 */
const system = [
  "test/{crash,deploy,examples,browser,fuzz}/**/*.test.ts",
  "test/cli/*/**/*.test.ts",
  "test/contract/{bun,hosts,hostile,shared,shops,expanded,pgbouncer,processes}.test.ts",
  "test/{outage/database,race/servers}/*.test.ts",
  "test/{judge/processes,model/pglite,adapters/postgres/plans/plans}.test.ts",
  "test/docs/{typescript,shell,operation,readme}.test.ts",
  "test/adapters/pglite/pglite-directory.test.ts"
]

/** What tests with a PostgreSQL server, embedded databases or processes have in common. */
const database = {
  globalSetup: "test/support/globalSetup.ts",
  setupFiles: "test/support/setup.ts",
  // Its files share workers, so that each loads Effect and the sources once.
  isolate: false,
  execArgv: wasmOptions,
  // No test waits for that long: it tells what hangs, on a machine that is busy with something else too.
  testTimeout: 300_000,
  hookTimeout: 300_000
}

/** `import … from "effect-commerce/…"` in examples and guides means the sources, with no build before. */
const conditions = ["effect-commerce-source"]

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    // One more than there are cores, since many files wait: for limits to pass, and for processes.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: SlowestFirst },
    projects: [
      {
        extends: true,
        test: { name: "fast", include: fast, isolate: false, testTimeout: 60_000, hookTimeout: 60_000 }
      },
      {
        extends: true,
        test: {
          name: "database",
          include: ["test/**/*.test.ts"],
          exclude: [...fast, ...system, "test/failover/**"],
          ...database
        }
      },
      { extends: true, test: { name: "system", include: system, ...database } }
    ]
  }
})
