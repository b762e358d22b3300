import type { Layer } from "effect"
import type { SqlClient } from "effect/sql"
import { pgliteClient } from "./pglite.ts"
import { freshClient } from "./postgres.ts"

/** Everything that runs our SQL, with an empty, migrated database each. */
export const engines: ReadonlyArray<{
  readonly name: string
  readonly client: Layer.Layer<SqlClient.SqlClient, unknown>
}> = [
  { name: "PostgreSQL", client: freshClient },
  { name: "PGlite", client: pgliteClient }
]
