import { assert, describe, it } from "@effect/vitest"
import { pages } from "../../scripts/generated-docs.ts"

describe("the generated sections of the documentation", () => {
  it.each(pages())("are up to date in $file; else run npm run docs:generate", ({ actual, expected }) => {
    assert.strictEqual(actual, expected)
  })
})
