import { Schema, SchemaTransformation } from "effect"

const text = Schema.String.check(
  Schema.makeFilter(() => true, { toJsonSchema: () => ({ format: "date-time" }) })
)

/** Schema of a moment: a `Date`, in JSON an RFC 3339 date-time in UTC. */
export const Instant = Schema.Date.annotate({
  toCodecJson: () => Schema.link<Date>()(text, SchemaTransformation.dateFromString)
})
