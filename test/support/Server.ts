import { Effect, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { layerClient } from "../../src/adapters/postgres/client/PgClient.ts"

/** The PostgreSQL server of this run. The names of all databases that the run makes begin with `prefix`. */
export interface Server {
  readonly url: string
  readonly prefix: string
}

/** Where a database of this server is. */
export const urlOf = ({ url }: Server, database: string): Redacted.Redacted => {
  const location = new URL(url)
  location.pathname = `/${database}`
  return Redacted.make(location.href)
}

/** Runs a statement for the server as a whole, outside any transaction. */
export const administer = <Row extends object>(server: Server, statement: string) =>
  SqlClient.SqlClient.use((sql) => sql.unsafe<Row>(statement).unprepared).pipe(
    Effect.provide(layerClient({ url: Redacted.make(server.url), pool: 1 })),
    Effect.orDie
  )

/** A migrated database, which nobody may be connected to, so that it can be cloned. */
export const templateOf = ({ prefix }: Server) => `${prefix}template`
