import { existsSync, globSync, readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { pages } from "../../scripts/generated-docs.ts"

describe("the generated sections of the documentation", () => {
  it.each(pages())("are up to date in $file; else run npm run docs:generate", ({ actual, expected }) => {
    assert.strictEqual(actual, expected)
  })
})

const roots = ["", "src/", "src/adapters/", "src/adapters/postgres/", "bench/"]

/** Source files that a text names by a path, and that are not there. */
const missing = (text: string): ReadonlyArray<string> =>
  Array.from(text.matchAll(/`([\w.-]+(?:\/[\w.-]+)+\.ts)`/g), ([, path = ""]) => path).filter(
    (path) => !roots.some((root) => existsSync(`${root}${path}`))
  )

describe("the source files that the documentation names", () => {
  it.each(globSync(["*.md", "docs/*.md"]))("are there: %s", (page) => {
    assert.deepStrictEqual(missing(readFileSync(page, "utf8")), [])
  })

  it("would not be there", () => {
    assert.deepStrictEqual(missing("`http/api/OrdersApi.ts`, `http/api/NoSuchApi.ts`"), [
      "http/api/NoSuchApi.ts"
    ])
  })
})
