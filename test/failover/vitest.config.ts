import { defineConfig } from "vitest/config"

/** Servers of their own, one after the other: `npm run test:failover`, never a part of `npm test`. */
export default defineConfig({
  resolve: { conditions: ["effect-commerce-source"] },
  ssr: { resolve: { conditions: ["effect-commerce-source"] } },
  test: {
    name: "failover",
    root: import.meta.dirname,
    include: ["**/*.test.ts"],
    fileParallelism: false,
    isolate: false,
    testTimeout: 300_000,
    hookTimeout: 300_000
  }
})
