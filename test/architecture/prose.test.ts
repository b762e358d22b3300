import { globSync, readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { bannedWordsIn, proseOf } from "./prose.ts"

const sources = globSync("src/**/*.ts")
const guides = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", ...globSync("docs/*.md")]

const read = (file: string) => readFileSync(file, "utf8")

const countIn = (texts: ReadonlyArray<string>) => texts.flatMap(bannedWordsIn).length

const counts = (): Record<string, number> =>
  Object.fromEntries(
    [
      ...sources.map((file) => [file, countIn(proseOf(read(file)))] as const),
      ...guides.map((file) => [file, countIn([read(file)])] as const)
    ].filter(([, count]) => count > 0)
  )

describe("the prose of the project", () => {
  it("contains none of the banned words", () => {
    assert.deepStrictEqual(counts(), {})
  }, 300_000)

  it("is read from comments and strings, not from identifiers", () => {
    const found = (source: string) => proseOf(source).flatMap(bannedWordsIn)
    assert.deepStrictEqual(found("const told = somebody.anew"), [])
    assert.deepStrictEqual(found("/** Whoever\n * waits. */\nconst a = 1 // for\n// which"), [
      "Whoever",
      "for which"
    ])
    assert.deepStrictEqual(found(`const a = "Nobody" + \`of which \${b} told \${c} alike\``), [
      "Nobody",
      "of which",
      "told",
      "alike"
    ])
    assert.deepStrictEqual(found("f(/* somebody */ 1)"), ["somebody"])
  })
})
