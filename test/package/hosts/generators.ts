/** Generators of clients: each generates from the packed document, compiles strictly, and buys from the packed server. */
import { cpSync } from "node:fs"
import { join } from "node:path"
import { rolldown } from "rolldown"
import { check, equal, versionsOf } from "../support.ts"
import type { Host, Installed, Surroundings } from "./host.ts"
import { versions } from "./versions.ts"

const sources = "test/package/hosts/clients"

/** `skipLibCheck` is off: all that is generated is checked, and the types that it imports. */
const strictly = [
  "--noEmit",
  "--strict",
  "--target",
  "es2024",
  "--lib",
  "es2024,dom,dom.iterable",
  "--module",
  "esnext",
  "--moduleResolution",
  "bundler",
  "--allowImportingTsExtensions",
  "--types",
  "node"
]

interface Generator {
  readonly name: string
  readonly packages: Readonly<Record<string, string>>
  readonly command: ReadonlyArray<string>
  readonly file: string
  readonly config?: string
}

const generators: ReadonlyArray<Generator> = [
  {
    name: "openapi-typescript",
    file: "openapi-typescript.ts",
    packages: { ...versionsOf("openapi-typescript", "openapi-fetch"), typescript: versions["typescript 5"] },
    command: ["openapi-typescript", "openapi.json", "-o", "client.ts"]
  },
  {
    name: "hey-api with zod",
    file: "hey-api.ts",
    config: "openapi-ts.config.mjs",
    packages: { "@hey-api/openapi-ts": versions["@hey-api/openapi-ts"], zod: versions.zod },
    command: ["openapi-ts"]
  },
  {
    name: "orval",
    file: "orval.ts",
    config: "orval.config.mjs",
    packages: { orval: versions.orval, zod: versions.zod },
    command: ["orval", "--config", "orval.config.mjs"]
  },
  {
    name: "openapi-zod-client",
    file: "openapi-zod-client.ts",
    packages: {
      "openapi-zod-client": versions["openapi-zod-client"],
      "@zodios/core": versions["@zodios/core"],
      axios: versions.axios,
      zod: versions["zod 3"]
    },
    command: ["openapi-zod-client", "openapi.json", "-o", "client.ts"]
  },
  {
    name: "swagger-typescript-api",
    file: "swagger-typescript-api.ts",
    packages: { "swagger-typescript-api": versions["swagger-typescript-api"] },
    command: ["swagger-typescript-api", "generate", "-p", "openapi.json", "-o", ".", "-n", "client.ts"]
  },
  {
    name: "kubb",
    file: "kubb.ts",
    config: "kubb.config.mjs",
    packages: Object.fromEntries(
      (
        ["@kubb/cli", "@kubb/core", "@kubb/plugin-client", "@kubb/plugin-oas", "@kubb/plugin-ts"] as const
      ).map((name) => [name, versions[name]])
    ),
    command: ["kubb", "generate", "--config", "kubb.config.mjs"]
  }
]

const bundle = async (cwd: string) => {
  const built = await rolldown({ input: join(cwd, "main.ts"), platform: "node", cwd, logLevel: "silent" })
  await built.write({ format: "esm", dir: join(cwd, "built") })
  await built.close()
}

const tryOut = async (
  { name, cwd, run }: Installed,
  { file, config, command: [command = "", ...args] }: Generator,
  { api }: Surroundings
) => {
  const env = { API_URL: await api() }
  cpSync("dist/openapi.json", join(cwd, "openapi.json"))
  cpSync(join(sources, file), join(cwd, "main.ts"))
  cpSync(join(sources, "shop.ts"), join(cwd, "shop.ts"))
  if (config !== undefined) cpSync(join(sources, config), join(cwd, config))
  const isGenerated = await check(`${name} generates a client`, () => run(command, args, env))
  if (!isGenerated) return
  await check(`${name}: its client compiles strictly`, () => run("tsc", [...strictly, "main.ts"]))
  await check(`${name}: its client buys from the server`, async () => {
    await bundle(cwd)
    equal((await run(process.execPath, ["built/main.js"], env)).trim(), "2 PAID dated")
  })
}

export const clients = (surroundings: Surroundings): ReadonlyArray<Host> =>
  generators.map((generator) => ({
    name: generator.name,
    packages: { ...versionsOf("typescript", "@types/node"), ...generator.packages },
    tryOut: (host) => tryOut(host, generator, surroundings)
  }))
