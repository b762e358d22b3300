import { randomBytes } from "node:crypto"
import { Effect, Layer } from "effect"
import { inject } from "vitest"
import { layerClient } from "../../src/adapters/postgres/client/PgClient.ts"
import { layer } from "../../src/adapters/postgres/index.ts"
import { administer, templateOf, urlOf } from "./Server.ts"

const server = inject("server")

const database = (template: string) =>
  Effect.acquireRelease(
    Effect.gen(function* () {
      const name = `${server.prefix}${randomBytes(6).toString("hex")}`
      yield* administer(server, `CREATE DATABASE "${name}" TEMPLATE "${template}"`)
      return name
    }),
    (name) => administer(server, `DROP DATABASE "${name}" WITH (FORCE)`)
  ).pipe(Effect.map((name) => urlOf(server, name)))

/** The URL of a migrated database of one's own, dropped with the scope. */
export const freshDatabase = database(templateOf(server))

/** The URL of a database without any table, dropped with the scope. */
export const emptyDatabase = database("template1")

/** Our own client on a fresh database. */
export const freshClient = Layer.unwrap(Effect.map(freshDatabase, (url) => layerClient({ url })))

/** All stores, and the client below them, on a fresh database. */
export const freshStores = Layer.provideMerge(layer(), freshClient)
