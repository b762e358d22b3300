import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { type Plugin, rolldown } from "rolldown"

/** Effect is in the bundle, since most of what a start reads is its modules; other packages may need their own files. */
const isBundled = (specifier: string) => /^([./]|node:|effect-commerce\b|effect\b|@effect\/)/.test(specifier)

/** Imports a package that a module names while it runs, from where the module lies. */
const importFrom = (url: string, name: string) =>
  `import(process.getBuiltinModule("node:module").createRequire(${url}).resolve(${name}))`

/** Lets a module find the files beside it, and the packages, wherever its bundle lies. */
const keepLocations: Plugin = {
  name: "keep-locations",
  async resolveId(specifier, importer) {
    if (importer === undefined || importer.includes("/node_modules/") || isBundled(specifier)) return null
    const resolved = await this.resolve(specifier, importer, { skipSelf: true })
    return resolved && { id: pathToFileURL(resolved.id).href, external: "absolute" }
  },
  transform: (code, id) => {
    const url = JSON.stringify(pathToFileURL(id).href)
    const located = code
      .replaceAll("import.meta.url", url)
      .replace(/import\(\/\* webpackIgnore.*\*\/ (\w+)\)/, (_, name) => importFrom(url, name))
    return located === code ? null : { code: located, map: null }
  }
}

/**
 * Bundles programs of this repository into a directory, each under its name with `.js`. A start from the sources
 * reads some thousand modules, and takes six times as long.
 */
export const bundle = async (
  programs: Readonly<Record<string, string>>,
  directory: string
): Promise<void> => {
  const built = await rolldown({
    cwd: join(import.meta.dirname, "../.."),
    input: programs,
    platform: "node",
    plugins: [keepLocations],
    resolve: { conditionNames: ["effect-commerce-source", "node", "import", "default"] },
    // package.json says that no module does anything when it is imported; programs do.
    treeshake: { moduleSideEffects: [{ test: /\/(src\/cli|test\/fixtures)\//, sideEffects: true }] }
  })
  await built.write({ dir: directory, format: "esm", entryFileNames: "[name].js" })
  await built.close()
  // Node would have to find out that each file is a module, which is a quarter of the work of a start.
  await writeFile(join(directory, "package.json"), JSON.stringify({ type: "module" }))
}
