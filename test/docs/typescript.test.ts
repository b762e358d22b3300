import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { resolve } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { afterAll, beforeAll } from "vitest"
import { run } from "../examples/support.ts"
import { bundle } from "../support/bundle.ts"
import { preparedMemory } from "../support/dataDirectory.ts"
import { emptyDatabase } from "../support/postgres.ts"
import { wasmOptions } from "../support/programs.ts"
import { typeErrors } from "../support/types.ts"
import { type Block, blocks, nameOf } from "./blocks.ts"

const typescript = blocks.filter(({ language }) => language === "ts")
const quotes = typescript.filter(({ info }) => info.endsWith(".ts"))
const programs = typescript.filter((block) => !quotes.includes(block))

/** In the package, so that it imports itself by its name. */
const folder = mkdtempSync(".docs-blocks-")
const isTest = ({ code }: Block) => /from "(@effect\/)?vitest"/.test(code)
const programOf = ({ page, line }: Block) => `${page.replaceAll(/\W+/g, "-")}-${line}`
const fileOf = (block: Block) => `${programOf(block)}${isTest(block) ? ".test" : ""}.ts`
const started = programs.filter((block) => block.info !== "check")

const write = (name: string, content: string) => writeFileSync(`${folder}/${name}`, content)

// What `prisma generate` writes for a host.
cpSync("test/support/prisma/generated", `${folder}/generated/prisma`, { recursive: true })
for (const block of programs) write(fileOf(block), block.code)
const tsconfig = { extends: "../tsconfig.json", files: programs.map(fileOf), include: [], exclude: [] }
write("tsconfig.json", JSON.stringify(tsconfig))

beforeAll(() => {
  const plain = started.filter((block) => !isTest(block))
  return bundle(
    Object.fromEntries(plain.map((block) => [programOf(block), `./${folder}/${fileOf(block)}`])),
    `${folder}/bundled`
  )
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

const execute = async (block: Block, env: Readonly<Record<string, string>>) => {
  const memory = await preparedMemory()
  const program = `${folder}/bundled/${programOf(block)}.js`
  return run(process.execPath, [...wasmOptions, ...memory.args, program], { ...memory.env, ...env })
}

describe("the TypeScript of the README and the guides", () => {
  it("is type-checked", () => {
    assert.isNotEmpty(programs)
    assert.strictEqual(typeErrors(`${folder}/tsconfig.json`), "")
  })

  for (const block of started) {
    if (isTest(block)) describe(`is run: ${nameOf(block)}`, () => import(resolve(folder, fileOf(block))))
    else {
      it.live(`is run: ${nameOf(block)}`, () =>
        Effect.gen(function* () {
          const env = { DATABASE_URL: Redacted.value(yield* emptyDatabase) }
          yield* Effect.promise(() => execute(block, env))
        })
      )
    }
  }

  for (const block of quotes) {
    it(`is what the file says: ${nameOf(block)}`, () => {
      assert.include(readFileSync(block.info, "utf8"), block.code)
    })
  }
})
