import { Schema, SchemaTransformation } from "effect"

const text = Schema.String.check(
  Schema.makeFilter(() => true, { toJsonSchema: () => ({ format: "date-time" }) })
)

/** Schema of a moment: a `Date`, in JSON an RFC 3339 date-time in UTC. */
export const Instant = Schema.Date.annotate({
  toCodecJson: () => Schema.link<Date>()(text, SchemaTransformation.dateFromString)
})

/** A time in the years 1 to 9999, the range of RFC 3339. */
export const Moment = Schema.Date.check(
  Schema.isBetweenDate(
    { minimum: new Date("0001-01-01T00:00:00Z"), maximum: new Date("9999-12-31T23:59:59.999Z") },
    { expected: "a date of the years 1 to 9999" }
  )
)
