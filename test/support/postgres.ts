import { randomBytes } from "node:crypto"
import { Effect, Layer } from "effect"
import { inject } from "vitest"
import { layerClient } from "../../src/adapters/postgres/client/PgClient.ts"
import { layer } from "../../src/adapters/postgres/index.ts"
import { poolOf } from "./poolOf.ts"
import { type Server, templateOf, urlOf } from "./Server.ts"

/** Shared by all files of a worker, since a connection costs as much as a database. Does not keep the worker alive. */
const administrationOf = ({ url }: Server) =>
  poolOf({ connectionString: url, max: 2, idleTimeoutMillis: 0, allowExitOnIdle: true })

/** The URL of a database of a server that is dropped with the scope. */
const databasesOf = (server: Server) => {
  const administration = administrationOf(server)
  /** Runs a statement for the server as a whole. */
  const administer = (statement: string) => Effect.promise(() => administration.query(statement))
  return (template: string) =>
    Effect.acquireRelease(
      Effect.gen(function* () {
        const name = `${server.prefix}${randomBytes(6).toString("hex")}`
        // The log of a database that no test crashes with is not worth writing.
        yield* administer(`CREATE DATABASE "${name}" TEMPLATE "${template}" STRATEGY file_copy`)
        return name
      }),
      (name) => administer(`DROP DATABASE "${name}" WITH (FORCE)`)
    ).pipe(Effect.map((name) => urlOf(server, name)))
}

const [server, hostServer] = [inject("server"), inject("hostServer")]
const database = databasesOf(server)

/** The URL of a migrated database of one's own, dropped with the scope. */
export const freshDatabase = database(templateOf(server))

/** The same for a host that holds a transaction for long. */
export const hostDatabase = databasesOf(hostServer)(templateOf(hostServer))

/** The URL of a database without any table, dropped with the scope. */
export const emptyDatabase = database("template1")

/** Our own client on a fresh database. */
export const freshClient = Layer.unwrap(Effect.map(freshDatabase, (url) => layerClient({ url })))

/** All stores, and the client below them, on a fresh database. */
export const freshStores = Layer.provideMerge(layer(), freshClient)
