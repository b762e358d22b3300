import { existsSync, globSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
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

const documents = globSync(["*.md", "docs/*.md", "bench/*.md", "examples/*/*.md"])

/** Anchors of the headings of a page, as GitHub makes them. */
const anchors = (text: string): ReadonlyArray<string> =>
  Array.from(text.matchAll(/^#+ (.+)$/gm), ([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, "")
      .replaceAll(" ", "-")
  )

/** Links of a text to files and headings of ours that are not there. */
const broken = (page: string, text: string): ReadonlyArray<string> =>
  Array.from(text.matchAll(/\]\(([^)\s]+)\)/g), ([, link = ""]) => link).filter((link) => {
    if (/^\w+:/.test(link)) return false
    const [path = "", anchor] = link.split("#")
    const target = path === "" ? page : join(dirname(page), path)
    if (!existsSync(target)) return true
    return (
      anchor !== undefined && !anchors(path === "" ? text : readFileSync(target, "utf8")).includes(anchor)
    )
  })

describe("the links of the documentation", () => {
  it.each(documents)("lead somewhere: %s", (page) => {
    assert.deepStrictEqual(broken(page, readFileSync(page, "utf8")), [])
  })

  it("would lead nowhere", () => {
    const text =
      "# A\n[a](#a) [b](#b) [c](docs/operation.md#pgbouncer) [d](docs/operation.md#d) [e](e.md) [f](https://f)"
    assert.deepStrictEqual(broken("README.md", text), ["#b", "docs/operation.md#d", "e.md"])
  })
})
