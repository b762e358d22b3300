import { Schema } from "effect"
import { HttpApiMiddleware, HttpApiSchema } from "effect/http-api"
import { IdempotencyKey } from "../../domain/shared/Idempotency.ts"
import { Limit } from "../../domain/shared/Page.ts"
import { InvalidInput } from "./Problems.ts"

/** Turns whatever does not decode into a problem document that lists every fault. */
export class Validation extends HttpApiMiddleware.Service<Validation>()("effect-commerce/http/Validation", {
  error: InvalidInput
}) {}

/** Tells the log why the store could not answer; the client only hears that it could not. */
export class OutageLog extends HttpApiMiddleware.Service<OutageLog>()("effect-commerce/http/OutageLog") {}

/** The header of requests that take effect once per key. */
export const onceHeaders = { "idempotency-key": Schema.optional(IdempotencyKey) }

/** 201 with the address of what was made. */
export const created = <A extends Schema.Top>(schema: A) =>
  HttpApiSchema.WithHeaders(schema.pipe(HttpApiSchema.status(201)), { location: Schema.String })

const replayedHeader = { "idempotent-replayed": Schema.optionalKey(Schema.Literal("true")) }

/** The same; a replay says so. */
export const createdOnce = <A extends Schema.Top>(schema: A) =>
  HttpApiSchema.WithHeaders(schema.pipe(HttpApiSchema.status(201)), {
    location: Schema.String,
    ...replayedHeader
  })

/** 200; a replay says so. */
export const doneOnce = <A extends Schema.Top>(schema: A) => HttpApiSchema.WithHeaders(schema, replayedHeader)

const digits = Schema.String.check(Schema.isPattern(/^[1-9]\d*$/, { expected: "an integer from 1 to 100" }))

/** How many items are wanted, as a URL says it: in digits, and in no other way of writing a number. */
export const limit = Schema.optional(
  digits.pipe(Schema.decodeTo(Schema.NumberFromString), Schema.decodeTo(Limit))
)

/** RFC 3339 with an offset, so that it means the same everywhere; without leap seconds. */
const rfc3339 = /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/

/** `Date` would take the 30th of February for the 2nd of March. */
const isDay = (text: string) => {
  const day = new Date(`${text.slice(0, 10)}T00:00:00Z`)
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text.slice(0, 10))
}

export const Timestamp = Schema.String.check(
  Schema.isPattern(rfc3339, {
    expected: "an RFC 3339 timestamp, such as 2026-02-28T09:30:00Z",
    toJsonSchema: () => ({ format: "date-time" })
  }).abort(),
  Schema.makeFilter(isDay, { expected: "a day that there is in the calendar" })
).pipe(Schema.decodeTo(Schema.DateFromString))
