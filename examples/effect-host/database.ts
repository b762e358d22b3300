import { PgClient } from "@effect/sql-pg"
import { Config, Effect, Layer, Option } from "effect"
import { SqlClient } from "effect/sql"
import * as Embedded from "effect-commerce/pglite"
import * as Postgres from "effect-commerce/postgres"

/** The host's own client: on `DATABASE_URL`, or on a database that ends with the process. */
const Client = Layer.unwrap(
  Effect.map(Config.option(Config.Redacted("DATABASE_URL")), (url) =>
    Option.match(url, {
      onNone: () => Layer.orDie(Embedded.layerClient({ dataDir: "memory" })),
      onSome: (url) => Layer.orDie(PgClient.layer({ url }))
    })
  )
)

/** Our tables in their schema, and the host's own. */
const migrate = Effect.gen(function* () {
  yield* Postgres.migrate()
  const sql = yield* SqlClient.SqlClient
  yield* sql`
    CREATE TABLE IF NOT EXISTS gift_notes (
      order_id uuid PRIMARY KEY,
      note text NOT NULL CHECK (length(note) <= 40)
    )`
})

export const Database = Layer.tap(Client, (client) => Effect.provide(migrate, client))
