/** PostgreSQL servers for the whole run, each with a migrated database that the test files clone; programs to start. */
import { randomBytes } from "node:crypto"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Exit, Scope } from "effect"
import type { TestProject } from "vitest/node"
import { layerClient } from "../../src/adapters/postgres/client/PgClient.ts"
import { migrate } from "../../src/adapters/postgres/index.ts"
import { bundle } from "./bundle.ts"
import { embeddedServer } from "./EmbeddedServer.ts"
import { programs } from "./programs.ts"
import { administer, type Server, templateOf, urlOf } from "./Server.ts"

declare module "vitest" {
  export interface ProvidedContext {
    readonly server: Server
    /** For hosts, whose long transactions would hold up every feed of the other server. The same one with `TEST_DATABASE_URL`. */
    readonly hostServer: Server
    /** The directory of the bundled programs. */
    readonly programs: string
  }
}

const dropAll = Effect.fnUntraced(function* (server: Server) {
  const databases = yield* administer<{ datname: string }>(server, "SELECT datname FROM pg_database")
  for (const { datname } of databases.filter(({ datname }) => datname.startsWith(server.prefix))) {
    yield* administer(server, `DROP DATABASE "${datname}" WITH (FORCE)`)
  }
})

/** `TEST_DATABASE_URL` if it is set, as a user who may create databases; else a server of our own. */
const start = Effect.gen(function* () {
  const url = process.env.TEST_DATABASE_URL ?? (yield* embeddedServer({ durable: false }))
  const server: Server = { url, prefix: `effect_commerce_${randomBytes(4).toString("hex")}_` }
  yield* Effect.addFinalizer(() => dropAll(server))
  const template = templateOf(server)
  yield* administer(server, `CREATE DATABASE "${template}"`)
  yield* Effect.provide(migrate(), layerClient({ url: urlOf(server, template), pool: 1 }))
  return server
})

/** A directory with all programs that tests start, bundled; gone with the scope. */
const bundledPrograms = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "effect-commerce-programs-"))),
  (path) => Effect.promise(() => rm(path, { recursive: true, force: true }))
).pipe(
  Effect.tap((directory) =>
    Effect.promise(() =>
      bundle(
        Object.fromEntries(programs.map((program) => [program.replace(/\.ts$/, ""), program])),
        directory
      )
    )
  )
)

const isShared = process.env.TEST_DATABASE_URL !== undefined

export default async ({ name, provide }: TestProject) => {
  const scope = Scope.makeUnsafe()
  const stop = () => Effect.runPromise(Scope.close(scope, Exit.void))
  try {
    const other = isShared || name !== "database" ? Effect.undefined : start
    const parts = Effect.all([start, other, bundledPrograms], { concurrency: "unbounded" })
    const [server, hostServer = server, directory] = await Effect.runPromise(Scope.provide(parts, scope))
    provide("server", server)
    provide("hostServer", hostServer)
    provide("programs", directory)
  } catch (error) {
    await stop()
    throw error
  }
  return stop
}
