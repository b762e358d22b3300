/** One PostgreSQL server for the whole run, with a migrated database that the test files clone; programs to start. */
import { randomBytes } from "node:crypto"
import { Effect, Exit, Scope } from "effect"
import type { TestProject } from "vitest/node"
import { layerClient } from "../../src/adapters/postgres/client/PgClient.ts"
import { migrate } from "../../src/adapters/postgres/index.ts"
import { bundlePrograms } from "./bundlePrograms.ts"
import { embeddedServer } from "./EmbeddedServer.ts"
import { administer, type Server, templateOf, urlOf } from "./Server.ts"

declare module "vitest" {
  export interface ProvidedContext {
    readonly server: Server
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

export default async ({ provide }: TestProject) => {
  const scope = Scope.makeUnsafe()
  const stop = () => Effect.runPromise(Scope.close(scope, Exit.void))
  try {
    const parts = Effect.all([start, bundlePrograms], { concurrency: "unbounded" })
    const [server, programs] = await Effect.runPromise(Scope.provide(parts, scope))
    provide("server", server)
    provide("programs", programs)
  } catch (error) {
    await stop()
    throw error
  }
  return stop
}
