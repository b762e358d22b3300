import { existsSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import packageJson from "../../package.json" with { type: "json" }
import { blocks, nameOf } from "./blocks.ts"

const shell = blocks.filter(({ language }) => language === "sh")
const scripts = new Set(Object.keys(packageJson.scripts))

/** npm scripts and files of ours that a command names, and that are not there. */
const missing = (code: string): ReadonlyArray<string> => {
  const named = Array.from(code.matchAll(/\bnpm (?:run (?:-s )?)?([a-z][\w:-]*)/g), ([, name = ""]) => name)
  const files = Array.from(
    code.matchAll(/(?<![\w./-])(?:src|test|demo|bench|examples)\/[\w./-]+\.ts/g),
    ([file]) => file
  )
  return [
    ...named.filter(
      (name) => !scripts.has(name) && !["ci", "install", "i", "init", "pack", "pkg"].includes(name)
    ),
    ...files.filter((file) => !existsSync(file) && !file.endsWith("/api.d.ts"))
  ]
}

describe("the commands of the README and the guides", () => {
  it.each(shell.map((block) => ({ name: nameOf(block), code: block.code })))("exist: $name", ({ code }) => {
    assert.deepStrictEqual(missing(code), [])
  })

  it("would not exist", () => {
    assert.deepStrictEqual(missing("npm run nothing && npx vitest run test/no/such.test.ts && npm test"), [
      "nothing",
      "test/no/such.test.ts"
    ])
  })
})
