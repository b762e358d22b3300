/** Schemas of settings that name a database and a schema. */
import { Schema } from "effect"
import { schemaName } from "../execution/Database.ts"

/** URL of a PostgreSQL server. */
export const DatabaseUrl = Schema.String.check(
  Schema.makeFilter((text) => /^postgres(ql)?:\/\//.test(text) && URL.canParse(text), {
    expected: "postgres://…"
  })
)

/** Name of a PostgreSQL schema. Names that begin with `pg_` are reserved by PostgreSQL. */
export const SchemaName = Schema.String.check(
  Schema.isPattern(schemaName, {
    expected: "a name such as commerce: up to 63 of a-z, 0-9 and _, without a digit or pg_ at its beginning"
  })
)
