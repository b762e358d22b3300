import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { afterAll, beforeAll } from "vitest"
import { run } from "../examples/support.ts"
import { bundle } from "../support/bundle.ts"
import { emptyDatabase } from "../support/postgres.ts"
import { wasmOptions } from "../support/programs.ts"
import { type Block, blocks, nameOf } from "./blocks.ts"

const typescript = blocks.filter(({ language }) => language === "ts")
const quotes = typescript.filter(({ info }) => info.endsWith(".ts"))
const programs = typescript.filter((block) => !quotes.includes(block))

/** In the package, so that it imports itself by its name. */
const folder = mkdtempSync(".docs-blocks-")
const conditions = ["effect-commerce-source"]
const isTest = ({ code }: Block) => /from "(@effect\/)?vitest"/.test(code)
const programOf = ({ page, line }: Block) => `${page.replaceAll(/\W+/g, "-")}-${line}`
const fileOf = (block: Block) => `${programOf(block)}${isTest(block) ? ".test" : ""}.ts`
const started = programs.filter((block) => block.info !== "check")

const write = (name: string, content: string) => writeFileSync(`${folder}/${name}`, content)

beforeAll(async () => {
  for (const block of programs) write(fileOf(block), block.code)
  const tsconfig = { extends: "../tsconfig.json", files: programs.map(fileOf), include: [], exclude: [] }
  write("tsconfig.json", JSON.stringify(tsconfig))
  const vitest = { ssr: { resolve: { conditions, externalConditions: conditions } }, resolve: { conditions } }
  write(
    "vitest.config.ts",
    `export default ${JSON.stringify({ ...vitest, test: { include: ["*.test.ts"] } })}`
  )
  const plain = started.filter((block) => !isTest(block))
  await bundle(
    Object.fromEntries(plain.map((block) => [programOf(block), `./${folder}/${fileOf(block)}`])),
    `${folder}/bundled`
  )
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

const execute = (block: Block, env: Readonly<Record<string, string>>) =>
  isTest(block)
    ? run("npx", ["vitest", "run", "--root", folder, fileOf(block)], env)
    : run(process.execPath, [...wasmOptions, `${folder}/bundled/${programOf(block)}.js`], env)

describe("the TypeScript of the README and the guides", () => {
  it("is type-checked", async () => {
    assert.isNotEmpty(programs)
    await run("npx", ["tsc", "-p", folder])
  }, 300_000)

  for (const block of started) {
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
