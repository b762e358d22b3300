import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"

/** What the sources call by a name like that, or the guide does. */
const named = (pattern: RegExp, ...files: ReadonlyArray<string>) =>
  [...new Set(files.flatMap((file) => readFileSync(file, "utf8").match(pattern) ?? []))].sort()

const guide = "docs/operation.md"

describe("the guide to operation", () => {
  it("names every metric, and none that is not there", () => {
    const metrics = /\bcommerce_[a-z_]+/g
    assert.deepStrictEqual(
      named(metrics, guide),
      named(metrics, "src/telemetry/Metrics.ts", "src/http/boundary/RequestLog.ts")
    )
  })

  it("names the limits that sessions have", () => {
    const limits = /\b[a-z_]+_timeout\b/g
    assert.deepStrictEqual(
      named(limits, guide),
      named(limits, "src/adapters/postgres/client/SessionLimits.ts")
    )
  })
})
