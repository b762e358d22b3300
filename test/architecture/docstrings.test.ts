import { assert, describe, it } from "@effect/vitest"
import packageJson from "../../package.json" with { type: "json" }
import * as Domain from "../../src/domain/index.ts"
import typedoc from "../../typedoc.json" with { type: "json" }
import { undocumented } from "./docstrings.ts"

const entries = Object.values(packageJson.exports).flatMap((file) =>
  typeof file === "string" ? [] : [file["effect-commerce-source"]]
)

const schemas = new Set(Object.keys(Domain).map((name) => name.toLowerCase()))

/** The generator of a schema has its name, which says all that there is to say. */
const isGenerator = ([name = "", file = ""]: ReadonlyArray<string>) =>
  file.startsWith("(src/testing/") && schemas.has(name.toLowerCase())

describe("the API reference", () => {
  it("is made of all entries of the package", () => {
    assert.deepStrictEqual(typedoc.entryPoints, entries)
  })

  it("says something of every exported name", () => {
    const missing = undocumented(entries).filter((line) => !isGenerator(line.split(" ")))
    assert.deepStrictEqual(missing, [])
  }, 300_000)

  it("would miss a docstring", () => {
    const missing = undocumented(["test/fixtures/docstrings.ts"])
    assert.deepStrictEqual(
      missing.map((line) => line.split(" ")[0]),
      ["bare", "nested"]
    )
  }, 300_000)
})
