/** How a database and a schema in it may be named, for settings. */
import { Schema } from "effect"
import { schemaName } from "../execution/Database.ts"

/** The URL of a PostgreSQL server. */
export const DatabaseUrl = Schema.String.check(
  Schema.makeFilter((text) => /^postgres(ql)?:\/\//.test(text) && URL.canParse(text), {
    expected: "postgres://…"
  })
)

/** The name of a PostgreSQL schema; those that begin with `pg_` are PostgreSQL's own. */
export const SchemaName = Schema.String.check(
  Schema.isPattern(schemaName, {
    expected: "a name such as commerce: up to 63 of a-z, 0-9 and _, without a digit or pg_ at its beginning"
  })
)
