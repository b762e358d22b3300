import { defineConfig } from "vitest/config"

/** Servers of their own, most of whose time is waiting: `npm run test:failover`, never a part of `npm test`. */
export default defineConfig({
  resolve: { conditions: ["effect-commerce-source"] },
  ssr: { resolve: { conditions: ["effect-commerce-source"] } },
  test: {
    name: "failover",
    root: import.meta.dirname,
    include: ["**/*.test.ts"],
    maxWorkers: 2,
    isolate: false,
    testTimeout: 300_000,
    hookTimeout: 300_000
  }
})
