/**
 * Builds hosts with bundlers from the packed package, and runs them, with and without PGlite and bcrypt: `npm run check:hosts`. It
 * downloads the bundlers, so it is apart from `npm run check:package`. Ends with 1 and says why, if a host does not run.
 */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { cpSync, mkdirSync, renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import { embeddedServer, freePort } from "../support/EmbeddedServer.ts"
import { check, conclude, equal, folder, pack, start, withVersion } from "./support.ts"

const sources = "test/package/hosts"

const install = (cwd: string, ...packages: ReadonlyArray<string>) =>
  start("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", ...packages], cwd)

interface Host {
  readonly name: string
  readonly packages: ReadonlyArray<string>
  readonly build: (cwd: string) => Promise<unknown>
  /** What it says that came of its sale. */
  readonly sell: (cwd: string, env: NodeJS.ProcessEnv) => Promise<string>
}

const npx = (cwd: string, ...args: ReadonlyArray<string>) => start("npx", ["--no-install", ...args], cwd)

const bundler = (
  name: string,
  packages: ReadonlyArray<string>,
  args: ReadonlyArray<string>,
  output: string
): Host => ({
  name,
  packages,
  build: (cwd) => npx(cwd, ...args),
  sell: (cwd, env) => start(process.execPath, [output], cwd, env)
})

const answerOf = async (url: string): Promise<string> => {
  for (let attempt = 0; ; attempt++) {
    try {
      return await (await fetch(url)).text()
    } catch (error) {
      if (attempt === 240) throw error
      await new Promise((resolve) => setTimeout(resolve, 250))
    }
  }
}

const next = (name: string, ...flags: ReadonlyArray<string>): Host => ({
  name,
  packages: ["next@16", "react@19", "react-dom@19"],
  build: async (cwd) => {
    cpSync(join(sources, "next"), cwd, { recursive: true })
    await npx(cwd, "next", "build", ...flags)
  },
  sell: async (cwd, env) => {
    const port = await freePort()
    const child = spawn(process.execPath, ["node_modules/next/dist/bin/next", "start", "-p", `${port}`], {
      cwd,
      env: { ...process.env, ...env },
      stdio: "ignore"
    })
    const ended = once(child, "exit")
    try {
      return await answerOf(`http://127.0.0.1:${port}/sell`)
    } finally {
      child.kill()
      await ended
    }
  }
})

const hosts: ReadonlyArray<Host> = [
  bundler(
    "esbuild",
    ["esbuild@0.28"],
    ["esbuild", "main.mjs", "--bundle", "--platform=node", "--format=esm", "--outfile=esbuild/main.mjs"],
    "esbuild/main.mjs"
  ),
  bundler("webpack 5", ["webpack@5", "webpack-cli@6"], ["webpack"], "webpack/main.mjs"),
  bundler(
    "rolldown",
    [withVersion("rolldown")],
    ["rolldown", "main.mjs", "--platform", "node", "--format", "esm", "--dir", "rolldown"],
    "rolldown/main.js"
  ),
  bundler(
    "Vite",
    [withVersion("vite")],
    ["vite", "build", "--ssr", "main.mjs", "--outDir", "vite"],
    "vite/main.js"
  ),
  next("Next 16 (Turbopack)"),
  next("Next 16 (webpack)", "--webpack")
]

const without = "Passwords need bcrypt, which could not be loaded. Run: npm install bcrypt"
const withoutPGlite =
  "The embedded database needs PGlite, which could not be loaded. Run: npm install @electric-sql/pglite"

const prepare = async (tarball: string, host: Host) => {
  const cwd = join(folder, host.name.replace(/\W+/g, "-"))
  mkdirSync(cwd)
  writeFileSync(
    join(cwd, "package.json"),
    JSON.stringify({ private: true, type: "module", allowScripts: { bcrypt: true, esbuild: true } })
  )
  writeFileSync(join(cwd, "vite.config.mjs"), "export default { ssr: { noExternal: true } }")
  for (const file of ["shop.mjs", "main.mjs", "webpack.config.mjs"])
    cpSync(join(sources, file), join(cwd, file))
  await install(cwd, tarball, withVersion("effect"), ...host.packages)
  return { ...host, cwd }
}

const tryOut = async ({ name, cwd, build, sell }: Awaited<ReturnType<typeof prepare>>, url: string) => {
  const says = async (env: NodeJS.ProcessEnv, said: string) => equal((await sell(cwd, env)).trim(), said)
  const bcrypt = join(cwd, "node_modules/bcrypt")
  renameSync(bcrypt, `${cwd}/bcrypt`)
  await check(`${name} builds without PGlite and bcrypt`, () => build(cwd))
  await check(`${name} sells without them, and says what is missing`, async () => {
    await says({ SHOP_URL: url }, `CREATED, ${without}`)
    await says({}, withoutPGlite)
  })
  renameSync(`${cwd}/bcrypt`, bcrypt)
  await install(cwd, withVersion("@electric-sql/pglite"))
  await check(`${name} builds with both`, () => build(cwd))
  await check(`${name} sells on a server and on PGlite`, async () => {
    await says({ SHOP_URL: url }, "CREATED, customer")
    await says({}, "CREATED, customer")
  })
}

const chosen = hosts.filter(({ name }) => process.argv.length < 3 || process.argv.slice(2).includes(name))

await Effect.gen(function* () {
  const { tarball } = pack()
  const url = yield* embeddedServer({ durable: false })
  const prepared = yield* Effect.promise(() => Promise.all(chosen.map((host) => prepare(tarball, host))))
  for (const host of prepared) yield* Effect.promise(() => tryOut(host, url))
}).pipe(Effect.scoped, Effect.ensuring(Effect.sync(conclude)), Effect.runPromise)
