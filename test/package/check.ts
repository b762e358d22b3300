/**
 * Packs the package, looks into it, installs it into an empty project, and uses every entry from there: `npm run
 * check:package`. Ends with 1 and says why, if anything is not as a host needs it.
 */
import { spawnSync } from "node:child_process"
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core"
import { publint } from "publint"
import { rolldown } from "rolldown"
import ts from "typescript"
import packageJson from "../../package.json" with { type: "json" }
import { check, conclude, equal, folder, pack, run, withVersion } from "./support.ts"

/** Packages that are part of the command. */
const bundledPackages = [
  "@effect/platform-node",
  "@effect/platform-node-shared",
  "@effect/sql-pg",
  "effect",
  "jose",
  "ws"
]

const isBundled = (source: string) => bundledPackages.some((name) => source.includes(`node_modules/${name}/`))

/** Every source map leads to a source that is in the package too, or in a package that is part of the command. */
const mapsLead = (files: ReadonlySet<string>) => {
  const code = [...files].filter((file) => /^dist\/.*\.(js|d\.ts)$/.test(file))
  equal(code.length > 100, true)
  for (const file of code.filter((file) => !file.startsWith("dist/cli/_"))) {
    const map = JSON.parse(readFileSync(`${file}.map`, "utf8")) as { sources: ReadonlyArray<string> }
    for (const source of map.sources) {
      const isFound = files.has(join(file, "..", source))
      equal(isFound || (file.startsWith("dist/cli/") && isBundled(source)) ? "" : source, "")
    }
  }
}

/** The command is some files that import Node and each other, with the license of everything in them. */
const bundlesTheCommand = (files: ReadonlySet<string>) => {
  const code = [...files].filter((file) => /^dist\/cli\/.*\.js$/.test(file))
  equal(code.length < 10, true)
  const imported = code.flatMap((file) =>
    Array.from(readFileSync(file, "utf8").matchAll(/^import .*?"([^"]+)";$/gm), ([, name = ""]) => name)
  )
  equal(imported.length > 10, true)
  equal(imported.filter((name) => !/^(\.\/|node:)/.test(name)).join(), "")
  const licenses = readFileSync("dist/cli/LICENSES.txt", "utf8")
  equal(files.has("dist/cli/LICENSES.txt"), true)
  equal(
    Array.from(licenses.matchAll(/^(\S+) \d+\.\d+\.\d+$/gm), ([, name]) => name).join(),
    bundledPackages.join()
  )
}

/** CommonJS can `import()` it, and `require` it in the Node versions that it is for; old resolution is not supported. */
const expectedOfEsm = new Set(["CJSResolvesToESM", "NoResolution"])

const typesAreRight = async (tarball: Uint8Array) => {
  const result = await checkPackage(createPackageFromTarballData(tarball))
  if (!result.types) throw new Error("it has no types")
  const problems = result.problems.filter((problem) => {
    const isOld = "resolutionKind" in problem && problem.resolutionKind === "node10"
    return !isOld && !expectedOfEsm.has(problem.kind)
  })
  equal(JSON.stringify(problems), "[]")
}

const consumers = "test/package/consumers"
const printed: Readonly<Record<string, string>> = {
  "core.ts": "InsufficientStock effect-commerce/services/Orders true Mug undefined",
  "ports.ts": "effect-commerce/ports/PaymentGateway notApplied",
  "postgres.ts": "true",
  "pglite.ts": "found 1",
  "memory.ts": "Mugs",
  "bcrypt.ts": "true",
  "jose.ts": "admin",
  "simulated-payments.ts": "true",
  "http-api.ts": "5 true",
  "http.ts": "true",
  "testing.ts": "true",
  "promise.ts": "true true"
}
const names = Object.keys(printed)

const install = (...packages: ReadonlyArray<string>) =>
  run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", ...packages])

const compilerOptions = {
  target: "es2024",
  lib: ["es2024", "dom"],
  types: ["node"],
  strict: true,
  exactOptionalPropertyTypes: true,
  noEmit: true
}

const typeCheck = (module: object) => {
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({ compilerOptions: { ...compilerOptions, ...module }, include: ["*.ts"] })
  )
  run("npx", ["tsc"])
}

const runs = (file: string, expected: string | undefined) =>
  equal(run(process.execPath, [file]).trim(), expected)

const toJavaScript = (name: string) => {
  const options = { target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext }
  const { outputText } = ts.transpileModule(readFileSync(`${consumers}/${name}`, "utf8"), {
    compilerOptions: options
  })
  writeFileSync(join(folder, name.replace(".ts", ".js")), outputText)
}

/** What a page may load: the description of the API, what it is made of, and Effect without its SQL. */
const isForBrowsers = (id: string) =>
  /\/effect-commerce\/dist\/(domain|ports|http\/api)\//.test(id) ||
  (/\/node_modules\/effect\//.test(id) && !/\/effect\/dist\/(sql|cli|cluster|workflow)\//.test(id))

const bundled = async (file: string) => {
  const bundle = await rolldown({ input: join(folder, file), platform: "browser", cwd: folder })
  const { output } = await bundle.generate({ format: "esm", minify: true })
  await bundle.close()
  return { ...output[0], moduleIds: output[0].moduleIds.filter((id) => !id.endsWith(`/${file}`)) }
}

const bundleForBrowser = async () => {
  const { code, imports, moduleIds } = await bundled("browser.ts")
  equal(imports.join(), "")
  equal(moduleIds.filter((id) => !isForBrowsers(id)).join(), "")
  console.log(`    ${Math.round(code.length / 1024)} KiB minified, the client of Effect included`)
  writeFileSync(join(folder, "browser.js"), code)
  runs("browser.js", "HttpClientError")
}

const shakeOff = async () => {
  const one = `export { InsufficientStock } from "effect-commerce"`
  writeFileSync(join(folder, "shaken.js"), one)
  const { moduleIds } = await bundled("shaken.js")
  const ours = moduleIds.filter((id) => id.includes("/effect-commerce/"))
  equal(ours.length > 0 && ours.every((id) => id.includes("/effect-commerce/dist/domain/")), true)
}

/** Imports of a host, and how many KiB they may make of its bundle: minified, compressed, with all of Effect that they use. */
const sizes: Readonly<Record<string, number>> = {
  'import { InsufficientStock } from "effect-commerce"': 32,
  'import { isCommerceError } from "effect-commerce"': 40,
  'import { Domain } from "effect-commerce"': 57,
  'import { Api } from "effect-commerce/http-api"': 57
}

const measure = async () => {
  for (const [statement, most] of Object.entries(sizes)) {
    const name = /\{ (\w+) \}/.exec(statement)?.[1]
    writeFileSync(join(folder, "measured.js"), `${statement}\nconsole.log(${name})`)
    const kibibytes = gzipSync((await bundled("measured.js")).code).length / 1024
    console.log(`    ${kibibytes.toFixed(1)} KiB: ${statement}`)
    if (kibibytes > most) throw new Error(`${statement} makes ${kibibytes} KiB, more than ${most}`)
  }
}

const importsNoBarrel = (files: ReadonlySet<string>) => {
  const barrel = /from "effect(\/[a-z-]+)?"/
  const built = [...files].filter((file) => /^dist\/.*\.js$/.test(file))
  equal(built.filter((file) => barrel.test(readFileSync(file, "utf8"))).join(), "")
}

/** A host that bundles everything, where neither PGlite nor the native bcrypt are part of the bundle. */
const bundleForServer = async () => {
  writeFileSync(
    join(folder, "server.js"),
    `import { createCommerce } from "effect-commerce/promise"
     createCommerce({ database: { embedded: "memory" } }).catch((error) => console.log(error.message))`
  )
  const bundle = await rolldown({ input: join(folder, "server.js"), platform: "node", cwd: folder })
  await bundle.write({ format: "esm", dir: join(folder, "bundled") })
  await bundle.close()
  equal(/npm install @electric-sql\/pglite/.test(run(process.execPath, ["bundled/server.js"])), true)
}

const holdsItsDocuments = (files: ReadonlySet<string>) => {
  for (const file of ["README.md", "CHANGELOG.md", "docs/embedding.md", "docs/http-api.md"])
    equal(files.has(file), true)
  const { openapi } = JSON.parse(readFileSync("dist/openapi.json", "utf8")) as { openapi: string }
  equal(files.has("dist/openapi.json") && openapi.startsWith("3.1."), true)
  equal([...files].filter((file) => file.startsWith("docs/api/")).join(), "")
}

try {
  const { tarball, files } = pack()
  const bytes = readFileSync(tarball)
  await check("publint has nothing to say", async () => {
    const { messages } = await publint({ pack: { tarball: new Uint8Array(bytes).buffer }, strict: true })
    equal(JSON.stringify(messages), "[]")
  })
  await check("arethetypeswrong has nothing to say", () => typesAreRight(new Uint8Array(bytes)))
  await check("source maps lead to sources", () => mapsLead(files))
  await check("the command is a bundle with its licenses", () => bundlesTheCommand(files))
  await check("built files import modules, and no barrel of Effect", () => importsNoBarrel(files))
  await check("it holds its guides and the OpenAPI document", () => holdsItsDocuments(files))
  await check("each entry has a consumer", () => {
    const entries = Object.keys(packageJson.exports).filter((name) => !name.endsWith(".json"))
    equal(names.length, entries.length)
    equal(readdirSync(consumers).length, names.length + 1)
  })

  cpSync(consumers, folder, { recursive: true })
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }))
  await check("it installs into an empty project", () =>
    install(tarball, ...(["effect", "typescript", "@types/node"] as const).map(withVersion))
  )
  await check("without PGlite its entry says what to install", () =>
    equal(/npm install @electric-sql\/pglite/.test(run(process.execPath, ["pglite.ts"])), true)
  )
  await check("a bundle of a server needs no PGlite, and says what to install", bundleForServer)
  const main = "node_modules/effect-commerce/dist/cli/main.js"
  await check("the command runs", () =>
    equal(run(process.execPath, [main, "--version"]).includes(packageJson.version), true)
  )
  await check("PGlite installs", () => install(withVersion("@electric-sql/pglite")))
  await check("the command fills an embedded database, and says how it is called", () => {
    const fill = (seed: string) => {
      const args = [main, "demo-data", "--orders", "1", "--products", "1", "--seed", seed]
      const env = { ...process.env, DATA_DIR: "data" }
      return spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8", env })
    }
    equal(fill("1").status, 0)
    const { status, stderr } = fill("2")
    equal(status, 1)
    equal(/npx effect-commerce demo-data --add/.test(stderr), true)
  })
  await check("TypeScript resolves it as nodenext", () => typeCheck({ module: "nodenext" }))
  await check("TypeScript resolves it as bundlers do", () =>
    typeCheck({ module: "esnext", moduleResolution: "bundler" })
  )
  for (const name of names) {
    await check(`${name} runs as TypeScript`, () => runs(name, printed[name]))
    await check(`${name} runs as JavaScript`, () => {
      toJavaScript(name)
      runs(name.replace(".ts", ".js"), printed[name])
    })
  }
  await check("http-api bundles for a browser without server code", bundleForBrowser)
  await check("what is not used is left out of a bundle", shakeOff)
  await check("bundles are as small as published", measure)
} finally {
  conclude()
}
