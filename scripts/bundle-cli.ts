/**
 * Bundles the command into `dist/cli`, with Effect in it: otherwise a start reads some 600 modules. Writes the licenses of what is bundled beside
 * it. Hosts import unbundled modules, which share the Effect of the host.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import http from "node:http"
import { join } from "node:path"
import { type Plugin, rolldown } from "rolldown"

const directory = join(process.argv[2] ?? "dist", "cli")

/** PGlite is optional and bcrypt has native code: the command names both while it runs, so they are no imports. */
const isBundled = (specifier: string) => /^([./]|effect\b|@effect\/|(jose|ws)$|node:http$)/.test(specifier)

/** An import of `node:http` reads all of its exports, and some of them load undici: an eighth of what loading the command costs. */
const withoutUndici: Plugin = {
  name: "without-undici",
  resolveId: (specifier) => (specifier === "node:http" ? { id: "\0http" } : null),
  load: (id) => {
    if (id !== "\0http") return null
    const names = Object.entries(Object.getOwnPropertyDescriptors(http))
      .filter(([name, { get }]) => get === undefined && name !== "default")
      .map(([name]) => name)
    return `const http = process.getBuiltinModule("node:http")
export default http
export const { ${names.join(", ")} } = http`
  }
}

const build = await rolldown({
  input: { main: "src/cli/main.ts", health: "src/cli/health.ts" },
  platform: "node",
  plugins: [withoutUndici],
  external: (specifier, importer) => importer !== undefined && !isBundled(specifier),
  // package.json says that no module does anything when it is imported. These do.
  treeshake: { moduleSideEffects: [{ test: /\/src\/cli\/(main|run|health)\.ts$/, sideEffects: true }] }
})
rmSync(directory, { recursive: true, force: true })
const { output } = await build.write({
  dir: directory,
  format: "esm",
  entryFileNames: "[name].js",
  chunkFileNames: "[name]-[hash].js",
  // Names and lines stay, so that stack traces can be read. Node decodes ASCII faster.
  comments: { annotation: false, jsdoc: false, legal: true },
  charset: "ascii",
  sourcemap: true,
  sourcemapExcludeSources: true
})
await build.close()

const packages = new Set(
  output.flatMap((file) =>
    file.type === "chunk"
      ? file.moduleIds.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0] ?? [])
      : []
  )
)
const licenses = [...packages].sort().map((folder) => {
  const { name, version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each))
  if (file === undefined) throw new Error(`${name} has no license that could be copied`)
  return `${name} ${version}\n\n${readFileSync(join(folder, file), "utf8").trim()}\n`
})
writeFileSync(join(directory, "LICENSES.txt"), licenses.join(`\n${"-".repeat(80)}\n\n`))
