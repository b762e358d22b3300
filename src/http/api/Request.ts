import { Schema } from "effect"
import { HttpApiMiddleware, HttpApiSchema } from "effect/http-api"
import { IdempotencyKey } from "../../domain/Idempotency.ts"
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

/** RFC 3339 with an offset, so that it means the same everywhere. */
const rfc3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/
export const Timestamp = Schema.String.check(
  Schema.isPattern(rfc3339, {
    expected: "an RFC 3339 timestamp",
    toJsonSchema: () => ({ format: "date-time" })
  })
).pipe(Schema.decodeTo(Schema.DateFromString))
