/** How a database and a schema in it may be named, for settings. */
import { Schema } from "effect"

/** What a schema may be called. Such a name needs no escaping, and quoting keeps it clear of keywords. */
export const schemaName = /^(?!pg_)[a-z_][a-z0-9_]{0,62}$/

/** The URL of a PostgreSQL server. */
export const DatabaseUrl = Schema.String.check(
  Schema.makeFilter((text) => /^postgres(ql)?:\/\//.test(text) && URL.canParse(text), {
    expected: "postgres://…"
  })
)

/** The name of a PostgreSQL schema. Names that begin with `pg_` are PostgreSQL's own. */
export const SchemaName = Schema.String.check(
  Schema.isPattern(schemaName, {
    expected: "a name such as commerce: up to 63 of a-z, 0-9 and _, without a digit or pg_ at its beginning"
  })
)
