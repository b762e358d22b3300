import { defineConfig } from "vitest/config"

/** Without any database, not even an embedded one: in seconds. */
const fast = [
  "test/domain/**/*.test.ts",
  "test/telemetry/**/*.test.ts",
  "test/architecture/**/*.test.ts",
  "test/services/**/*.test.ts",
  "test/guarantees.test.ts",
  "test/docs/generated.test.ts",
  "test/adapters/{bcrypt,jose,simulated-payments}.test.ts",
  "test/adapters/postgres/{orders/DecidePlacements,execution/SqlErrors}.test.ts",
  "test/contract/memory.test.ts",
  "test/testing/*.test.ts",
  "test/http/{openapi/lint,boundary/timestamps}.test.ts"
]

/** `import … from "effect-commerce/…"` in examples and guides means the sources, with no build before. */
const conditions = ["effect-commerce-source"]

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    maxWorkers: "100%",
    projects: [
      { extends: true, test: { name: "fast", include: fast, isolate: false } },
      {
        extends: true,
        test: {
          name: "database",
          include: ["test/**/*.test.ts"],
          exclude: fast,
          globalSetup: "test/support/globalSetup.ts",
          testTimeout: 30_000,
          hookTimeout: 60_000
        }
      }
    ]
  }
})
