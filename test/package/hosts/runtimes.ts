/** Hosts that run on other runtimes than Node: the command and `createCommerce`. */
import { cpSync } from "node:fs"
import { connect } from "node:net"
import { join } from "node:path"
import { check, equal, versionsOf, withVersion } from "../support.ts"
import { addMug, buy, type Host, type Installed, type Surroundings, serverEnv, withServer } from "./host.ts"
import { versions } from "./versions.ts"

const cli = "node_modules/effect-commerce/dist/cli/main.js"

/** Sends bytes, and returns the status of the response. */
const statusOf = async (api: string, request: string) => {
  const socket = connect(Number(new URL(api).port), "127.0.0.1").setEncoding("utf8")
  socket.write(request)
  let response = ""
  for await (const text of socket) response += text
  return response.split(" ")[1]
}

/**
 * What is slow, large or malformed is refused by the HTTP server of the runtime, as Node does it. `slow` holds what a head that never
 * ends may get: a status, or "" for a connection that closes without a response.
 */
const refuses = async (api: string, slow: ReadonlyArray<string>) => {
  const requests = {
    400: "NONSENSE\r\n\r\n",
    413: "POST /auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 3000000\r\n\r\n{",
    431: `GET /products HTTP/1.1\r\nHost: a\r\nX: ${"a".repeat(20_000)}\r\n\r\n`
  }
  const [late, ...statuses] = await Promise.all(
    ["GET /products HTTP/1.1\r\n", ...Object.values(requests)].map((request) => statusOf(api, request))
  )
  equal(statuses.join(), Object.keys(requests).join())
  if (!slow.includes(late ?? "")) throw new Error(`expected ${slow.join(" or ")} for a slow head: ${late}`)
}

const tryOut = async (
  host: Installed,
  [command = "", ...flags]: ReadonlyArray<string>,
  slow: ReadonlyArray<string>,
  { database }: Surroundings
) => {
  const { name, cwd } = host
  const run = (args: ReadonlyArray<string>, env: NodeJS.ProcessEnv = {}, code = 0) =>
    host.run(command, [...flags, ...args], env, code)
  const serve = <A>(env: NodeJS.ProcessEnv, use: (api: string) => Promise<A>) =>
    withServer(
      host,
      [command, ...flags, cli, "serve"],
      { ...serverEnv, ...env },
      /API\s+(http:\S+)[\s\S]*\n\s*try/,
      use
    )
  const schema = { DATABASE_URL: database, DATABASE_SCHEMA: name.toLowerCase() }
  const sold = async (api: string) => buy(api, await addMug(api))

  cpSync("test/package/hosts/bundled/shop.mjs", join(cwd, "shop.mjs"))
  cpSync("test/package/hosts/bundled/main.mjs", join(cwd, "main.mjs"))
  await check(`${name}: createCommerce names PGlite where it is missing`, async () => {
    equal(/npm install @electric-sql\/pglite/.test(await run(["main.mjs"])), true)
  })
  await host.install(withVersion("@electric-sql/pglite"))
  await check(`${name}: the command says how it is called, and refuses what it does not know`, async () => {
    equal(/serve[\s\S]*migrate[\s\S]*verify/.test(await run([cli, "--help"])), true)
    await run([cli, "nonsense"], {}, 1)
  })
  await check(`${name}: migrate, serve, and verify on PostgreSQL`, async () => {
    equal(/Migrated: 0001/.test(await run([cli, "migrate"], schema)), true)
    await serve(schema, (api) => Promise.all([sold(api), refuses(api, slow)]))
    equal(/Every invariant holds/.test(await run([cli, "verify"], schema)), true)
  })
  await check(`${name}: serve on PGlite, in memory`, () => serve({ DATA_DIR: "memory" }, sold))
  await check(`${name}: serve on PGlite, in a directory of one process at a time`, async () => {
    const directory = { DATA_DIR: join(cwd, "data") }
    await serve(directory, async (api) => {
      await sold(api)
      equal(/already in use by process/.test(await run([cli, "stats"], directory, 1)), true)
    })
    equal(/Orders\s+1: CREATED 0, PAID 1/.test(await run([cli, "stats"], directory)), true)
  })
  await check(`${name}: createCommerce on PostgreSQL and on PGlite`, async () => {
    for (const env of [{ SHOP_URL: database }, {}])
      equal((await run(["main.mjs"], env)).trim(), "CREATED, customer")
  })
}

export const runtimes = (surroundings: Surroundings): ReadonlyArray<Host> =>
  [
    {
      name: "Deno",
      packages: { deno: versions.deno },
      command: ["deno", "run", "--allow-all"],
      slow: ["408"]
    },
    { name: "Bun", packages: { bun: versions.bun }, command: ["bun"], slow: ["408", ""] }
  ].map(({ name, packages, command, slow }) => ({
    name,
    packages: {
      "effect-commerce": `file:${surroundings.tarball}`,
      ...versionsOf("effect"),
      ...packages
    },
    tryOut: (host) => tryOut(host, command, slow, surroundings)
  }))
