import { execFile } from "node:child_process"
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { stripTypeScriptTypes } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { Effect } from "effect"

const root = fileURLToPath(new URL("..", import.meta.url))

const toJavaScript = (source: string) =>
  stripTypeScriptTypes(source).replaceAll(/(["'])(\.{1,2}\/[^"']+)\.ts\1/g, "$1$2.js$1")

const build = async () => {
  const cache = join(root, "node_modules", ".cache")
  await mkdir(cache, { recursive: true })
  const built = await mkdtemp(join(cache, "effect-commerce-bench-"))
  const sources = await readdir(join(root, "src"), { recursive: true })
  const files = [
    ...sources.map((name) => join("src", name)),
    "bench/HttpShop.ts",
    "bench/Baselines.ts",
    "bench/FastifyShop.ts",
    "bench/Placer.ts",
    "bench/Measure.ts",
    "bench/Shop.ts"
  ]
  for (const file of files.filter((name) => name.endsWith(".ts"))) {
    const target = join(built, file.replace(/\.ts$/, ".js"))
    await mkdir(dirname(target), { recursive: true })
    await writeFile(target, toJavaScript(await readFile(join(root, file), "utf8")))
  }
  await writeFile(join(built, "package.json"), await readFile(join(root, "package.json")))
  return built
}

/**
 * The servers as JavaScript, as a package has them, in a directory that is gone with the scope. A checkout runs
 * TypeScript, of which Node strips the types at each start.
 */
export const built = Effect.acquireRelease(Effect.promise(build), (directory) =>
  Effect.promise(() => rm(directory, { recursive: true, force: true }))
)

/** Bundles the command as the package has it, and returns its path. */
export const bundledCommand = async (directory: string): Promise<string> => {
  const dist = join(directory, "dist")
  await promisify(execFile)(process.execPath, ["scripts/bundle-cli.ts", dist], { cwd: root })
  return join(dist, "cli/main.js")
}
