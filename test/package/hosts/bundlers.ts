/** Hosts that bundlers build. Each is built and run without PGlite and bcrypt, and then with both. */
import { cpSync, renameSync } from "node:fs"
import { join } from "node:path"
import { freePort } from "../../support/EmbeddedServer.ts"
import { check, equal, versionsOf, withVersion } from "../support.ts"
import { ask, buy, type Host, type Installed, type Surroundings, withServer } from "./host.ts"
import { versions } from "./versions.ts"

const sources = "test/package/hosts"
const withoutBcrypt = "Passwords need bcrypt, which could not be loaded. Run: npm install bcrypt"
const withoutPGlite =
  "The embedded database needs PGlite, which could not be loaded. Run: npm install @electric-sql/pglite"

interface Bundler {
  readonly build: (host: Installed) => Promise<unknown>
  /** Returns what the host says that came of its sale. */
  readonly sell: (host: Installed, env: NodeJS.ProcessEnv) => Promise<string>
  readonly sellOverHttp?: (host: Installed, env: NodeJS.ProcessEnv) => Promise<unknown>
}

const tryOut = async (
  host: Installed,
  { database }: Surroundings,
  variants: Readonly<Record<string, Bundler>>
) => {
  cpSync(join(sources, "bundled"), host.cwd, { recursive: true })
  const bcrypt = join(host.cwd, "node_modules/bcrypt")
  const says = async ({ sell }: Bundler, env: NodeJS.ProcessEnv, said: string) =>
    equal((await sell(host, env)).trim(), said)
  renameSync(bcrypt, `${host.cwd}/bcrypt`)
  for (const [name, bundler] of Object.entries(variants)) {
    if (!(await check(`${name} builds without PGlite and bcrypt`, () => bundler.build(host)))) continue
    await check(`${name} sells without them, and says what is missing`, async () => {
      await says(bundler, { SHOP_URL: database }, `CREATED, ${withoutBcrypt}`)
      await says(bundler, {}, withoutPGlite)
    })
  }
  renameSync(`${host.cwd}/bcrypt`, bcrypt)
  await host.install(withVersion("@electric-sql/pglite"))
  for (const [name, bundler] of Object.entries(variants)) {
    if (!(await check(`${name} builds with both`, () => bundler.build(host)))) continue
    await check(`${name} sells on PostgreSQL and on PGlite`, async () => {
      await says(bundler, { SHOP_URL: database }, "CREATED, customer")
      await says(bundler, {}, "CREATED, customer")
    })
    const { sellOverHttp } = bundler
    if (sellOverHttp !== undefined) {
      await check(`${name} sells over HTTP, on PostgreSQL and on PGlite`, async () => {
        await sellOverHttp(host, { SHOP_URL: database })
        await sellOverHttp(host, {})
      })
    }
  }
}

const bundler = (
  name: string,
  packages: Readonly<Record<string, string>>,
  [command = "", ...args]: ReadonlyArray<string>,
  output: string
) => ({
  name,
  packages,
  variants: {
    [name]: {
      build: ({ run }: Installed) => run(command, args),
      sell: ({ run }: Installed, env: NodeJS.ProcessEnv) => run(process.execPath, [output], env)
    }
  }
})

const next = (...flags: ReadonlyArray<string>): Bundler => {
  const serve = async <A>(host: Installed, env: NodeJS.ProcessEnv, use: (url: string) => Promise<A>) => {
    const command = ["next", "start", "--hostname", "127.0.0.1", "--port", `${await freePort()}`]
    return withServer(host, command, env, /Local:\s+(http:\S+)[\s\S]*Ready/, use)
  }
  return {
    build: async ({ cwd, run }) => {
      cpSync(join(sources, "next"), cwd, { recursive: true })
      await run("next", ["build", ...flags], { NEXT_TELEMETRY_DISABLED: "1" })
    },
    sell: (host, env) => serve(host, env, (url) => ask(`${url}/sell`)),
    sellOverHttp: (host, env) =>
      serve(host, env, async (url) => {
        const { productId } = JSON.parse(await ask(`${url}/mug`, "POST")) as { productId: string }
        await buy(`${url}/shop`, productId)
      })
  }
}

const pick = (...names: ReadonlyArray<keyof typeof versions>) =>
  Object.fromEntries(names.map((name) => [name, versions[name]]))

export const bundlers = (surroundings: Surroundings): ReadonlyArray<Host> => {
  const shared = { "effect-commerce": `file:${surroundings.tarball}`, ...versionsOf("effect") }
  return [
    bundler(
      "esbuild",
      pick("esbuild"),
      ["esbuild", "main.mjs", "--bundle", "--platform=node", "--format=esm", "--outfile=built/main.mjs"],
      "built/main.mjs"
    ),
    bundler("webpack 5", pick("webpack", "webpack-cli"), ["webpack"], "built/main.mjs"),
    bundler(
      "rolldown",
      versionsOf("rolldown"),
      ["rolldown", "main.mjs", "--platform", "node", "--format", "esm", "--dir", "built"],
      "built/main.js"
    ),
    bundler(
      "Vite",
      versionsOf("vite"),
      ["vite", "build", "--ssr", "main.mjs", "--outDir", "built"],
      "built/main.js"
    ),
    {
      name: "Next 16",
      packages: {
        ...pick("next", "react", "react-dom", "@types/react"),
        ...versionsOf("typescript", "@types/node")
      },
      variants: { "Next 16 (Turbopack)": next(), "Next 16 (webpack)": next("--webpack") }
    }
  ].map(({ name, packages, variants }) => ({
    name,
    packages: { ...shared, ...packages },
    tryOut: (host) => tryOut(host, surroundings, variants)
  }))
}
