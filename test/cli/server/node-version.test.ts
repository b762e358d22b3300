import { execFile, execFileSync } from "node:child_process"
import { existsSync } from "node:fs"
import { mkdir, readFile, writeFile } from "node:fs/promises"
import { delimiter, join } from "node:path"
import ts from "typescript"
import { describe, expect, test } from "vitest"
import packageJson from "../../../package.json" with { type: "json" }
import { complaint } from "../../../src/cli/NodeVersion.ts"
import { newDirectory } from "../../support/lasting.ts"

const needed = packageJson.engines.node

const versionOf = (node: string) => execFileSync(node, ["--version"], { encoding: "utf8" }).trim().slice(1)

/** A Node on this machine that is too old, if there is one. */
const old = (process.env.PATH ?? "")
  .split(delimiter)
  .map((folder) => join(folder, "node"))
  .filter(existsSync)
  .find((node) => complaint(versionOf(node), needed) !== undefined)

/** The beginning of the command as it is in a package, and nothing of what it leads to. */
const built = async () => {
  const folder = await newDirectory()
  await mkdir(join(folder, "dist/cli"), { recursive: true })
  await writeFile(join(folder, "package.json"), JSON.stringify(packageJson))
  const compilerOptions = {
    module: ts.ModuleKind.ESNext,
    target: ts.ScriptTarget.ES2024,
    rewriteRelativeImportExtensions: true
  }
  for (const name of ["main", "NodeFlags", "NodeVersion", "version"]) {
    const source = await readFile(`src/cli/${name}.ts`, "utf8")
    const { outputText } = ts.transpileModule(source, { compilerOptions })
    await writeFile(join(folder, `dist/cli/${name}.js`), outputText)
  }
  return join(folder, "dist/cli/main.js")
}

describe("The command on a Node", () => {
  test.each([
    ["20.20.2", "needs Node 22.19 or newer; this is 20.20.2"],
    ["22.18.0", "needs Node 22.19 or newer; this is 22.18.0"],
    ["9.99.0", "needs Node 22.19 or newer; this is 9.99.0"],
    ["22.19.0", undefined],
    ["22.20.1", undefined],
    ["24.0.0", undefined],
    ["100.1.0-pre", undefined]
  ])("of version %s", (version, said) => {
    expect(complaint(version, ">=22.19")).toBe(said)
  })

  test.skipIf(old === undefined)("that is too old says so before it looks at anything else", async () => {
    const main = await built()
    const env = { PATH: process.env.PATH, DATABASE_URL: "nonsense" }
    const ended = await new Promise((resolve) =>
      execFile(old ?? "", [main, "serve"], { env }, (error, stdout, stderr) =>
        resolve({ code: error?.code, stdout, stderr })
      )
    )
    const said = `effect-commerce ${complaint(versionOf(old ?? ""), needed)}\n`
    expect(ended).toEqual({ code: 1, stdout: "", stderr: said })
  })
})
