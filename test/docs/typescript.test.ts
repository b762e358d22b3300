import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { afterAll, beforeAll } from "vitest"
import { run } from "../examples/support.ts"
import { emptyDatabase } from "../support/postgres.ts"
import { type Block, blocks, nameOf } from "./blocks.ts"

const typescript = blocks.filter(({ language }) => language === "ts")
const quotes = typescript.filter(({ info }) => info.endsWith(".ts"))
const programs = typescript.filter((block) => !quotes.includes(block))

/** In the package, so that it imports itself by its name. */
const folder = mkdtempSync(".docs-blocks-")
const conditions = ["effect-commerce-source"]
const isTest = ({ code }: Block) => /from "(@effect\/)?vitest"/.test(code)
const fileOf = (block: Block) =>
  `${block.page.replaceAll(/\W+/g, "-")}-${block.line}${isTest(block) ? ".test" : ""}.ts`

const write = (name: string, content: string) => writeFileSync(`${folder}/${name}`, content)

beforeAll(() => {
  for (const block of programs) write(fileOf(block), block.code)
  const tsconfig = { extends: "../tsconfig.json", files: programs.map(fileOf), include: [], exclude: [] }
  write("tsconfig.json", JSON.stringify(tsconfig))
  const vitest = { ssr: { resolve: { conditions, externalConditions: conditions } }, resolve: { conditions } }
  write(
    "vitest.config.ts",
    `export default ${JSON.stringify({ ...vitest, test: { include: ["*.test.ts"] } })}`
  )
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

const execute = (block: Block, env: Readonly<Record<string, string>>) =>
  isTest(block)
    ? run("npx", ["vitest", "run", "--root", folder, fileOf(block)], env)
    : run(process.execPath, [`--conditions=${conditions}`, `${folder}/${fileOf(block)}`], env)

describe("the TypeScript of the README and the guides", () => {
  it("is type-checked", async () => {
    assert.isNotEmpty(programs)
    await run("npx", ["tsc", "-p", folder])
  }, 300_000)

  for (const block of programs.filter(({ info }) => info !== "check")) {
    it.live(
      `is run: ${nameOf(block)}`,
      () =>
        Effect.gen(function* () {
          const env = { DATABASE_URL: Redacted.value(yield* emptyDatabase) }
          yield* Effect.promise(() => execute(block, env))
        }),
      300_000
    )
  }

  for (const block of quotes) {
    it(`is what the file says: ${nameOf(block)}`, () => {
      assert.include(readFileSync(block.info, "utf8"), block.code)
    })
  }
})
