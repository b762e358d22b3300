import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { Effect } from "effect"
import { type Plugin, rolldown } from "rolldown"
import { programs } from "./programs.ts"

/** Packages that load files of their own, which lie beside them. */
const withFiles = ["bcrypt", "@electric-sql/pglite"]

/** Lets a module find the files beside it and those packages, wherever its bundle lies. */
const keepLocations: Plugin = {
  name: "keep-locations",
  async resolveId(specifier, importer) {
    if (!withFiles.includes(specifier)) return null
    const resolved = await this.resolve(specifier, importer, { skipSelf: true })
    return resolved && { id: pathToFileURL(resolved.id).href, external: "absolute" }
  },
  transform: (code, id) =>
    code.includes("import.meta.url")
      ? { code: code.replaceAll("import.meta.url", JSON.stringify(pathToFileURL(id).href)), map: null }
      : null
}

const build = async (directory: string) => {
  const bundle = await rolldown({
    cwd: join(import.meta.dirname, "../.."),
    input: Object.fromEntries(programs.map((program) => [program.replace(/\.ts$/, ""), program])),
    platform: "node",
    plugins: [keepLocations],
    // package.json says that no module does anything when it is imported; programs do.
    treeshake: { moduleSideEffects: [{ test: /\/(src\/cli|test\/fixtures)\//, sideEffects: true }] }
  })
  await bundle.write({ dir: directory, format: "esm", entryFileNames: "[name].js" })
  await bundle.close()
}

/**
 * Bundles the programs that tests start as processes, and answers with the directory that they are in, which is gone
 * with the scope. A start from the sources reads some thousand modules, and takes six times as long.
 */
export const bundlePrograms = Effect.gen(function* () {
  const directory = yield* Effect.acquireRelease(
    Effect.promise(() => mkdtemp(join(tmpdir(), "effect-commerce-programs-"))),
    (path) => Effect.promise(() => rm(path, { recursive: true, force: true }))
  )
  yield* Effect.promise(() => build(directory))
  return directory
})
