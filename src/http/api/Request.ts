import { flow, Schema, Struct } from "effect"
import { HttpApiMiddleware, HttpApiSchema } from "effect/http-api"
import { IdempotencyKey } from "../../domain/shared/Idempotency.ts"
import { OrderId } from "../../domain/shared/Ids.ts"
import { Cursor, Limit } from "../../domain/shared/Page.ts"
import { InvalidInput, TooManyRequests } from "./Problems.ts"

/** Maximum size of a request body, in bytes. */
export const maxBody = 64 * 1024

/** Converts a request that does not decode into a problem document that lists every fault. */
export class Validation extends HttpApiMiddleware.Service<Validation>()("effect-commerce/http/Validation", {
  error: InvalidInput
}) {}

/** Refuses what an endpoint without authorization does not read. `Authorization` does so itself, after the access rules. */
export class KnownInput extends HttpApiMiddleware.Service<KnownInput>()("effect-commerce/http/KnownInput", {
  error: InvalidInput
}) {}

/** Counts requests of endpoints without authorization for the limit per address. `Authorization` counts the others. */
export class AddressLimit extends HttpApiMiddleware.Service<AddressLimit>()(
  "effect-commerce/http/AddressLimit",
  { error: TooManyRequests }
) {}

/** Logs the cause of an outage, which is never sent to the client. */
export class OutageLog extends HttpApiMiddleware.Service<OutageLog>()("effect-commerce/http/OutageLog") {}

/** The path of what belongs to an order. */
export const orderPath = { params: { id: OrderId } }

/** The type is written down, because what TypeScript infers for a generic function is not valid in a declaration file. */
type Body<Fields extends Schema.Struct.Fields> = Schema.Struct<{
  readonly [K in keyof Fields]: Fields[K] extends Schema.optional<infer Field extends Schema.Constraint>
    ? Schema.optionalKey<Field>
    : never
}>

/** Makes a body of fields that are all optional. JSON has no `undefined`, so they are absent. */
export const bodyOf = <Fields extends Schema.Struct.Fields>(schema: Schema.Struct<Fields>) =>
  schema.mapFields(
    flow(Struct.map(Schema.required), Struct.map(Schema.optionalKey))
  ) as unknown as Body<Fields>

/** Query of lists without a limit, which end early only if they are very large. */
export const partQuery = { cursor: Schema.optional(Cursor) }

/** A list without a limit. */
export const partOf = <A extends Schema.Top>(item: A) =>
  Schema.Struct({ items: Schema.Array(item), nextCursor: Schema.optionalKey(Schema.String) })

/** Header of requests that accept an idempotency key. */
export const onceHeaders = { "idempotency-key": Schema.optional(IdempotencyKey) }

/** A 201 response with the `Location` of the created resource. */
export const created = <A extends Schema.Top>(schema: A) =>
  HttpApiSchema.WithHeaders(schema.pipe(HttpApiSchema.status(201)), { location: Schema.String })

const replayedHeader = { "idempotent-replayed": Schema.optionalKey(Schema.Literal("true")) }

/** A 201 response with `Location`, and with `Idempotent-Replayed` for a replay. */
export const createdOnce = <A extends Schema.Top>(schema: A) =>
  HttpApiSchema.WithHeaders(schema.pipe(HttpApiSchema.status(201)), {
    location: Schema.String,
    ...replayedHeader
  })

/** A 200 response, with `Idempotent-Replayed` for a replay. */
export const doneOnce = <A extends Schema.Top>(schema: A) => HttpApiSchema.WithHeaders(schema, replayedHeader)

const digits = Schema.String.check(Schema.isPattern(/^[1-9]\d*$/, { expected: "an integer from 1 to 100" }))

/**
 * Page size as a query parameter: decimal digits only. `Number` accepts further notations, such as `1e1`,
 * which are refused.
 */
export const limit = Schema.optional(
  digits.pipe(Schema.decodeTo(Schema.NumberFromString), Schema.decodeTo(Limit))
)

/**
 * RFC 3339 date-time with an offset, without leap seconds. The offset is required, so that the time is
 * unambiguous.
 */
const rfc3339 =
  /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/u

/** Refuses dates that do not exist. `Date` converts 30 February to 2 March. */
const isDay = (text: string) => {
  const day = new Date(`${text.slice(0, 10)}T00:00:00Z`)
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text.slice(0, 10))
}

/** Schema of an RFC 3339 date-time. */
export const Timestamp = Schema.String.check(
  Schema.isPattern(rfc3339, {
    expected: "an RFC 3339 timestamp, such as 2026-02-28T09:30:00Z",
    toJsonSchema: () => ({ format: "date-time", pattern: rfc3339.source })
  }).abort(),
  Schema.makeFilter(isDay, { expected: "a date that exists in the calendar" })
).pipe(Schema.decodeTo(Schema.DateFromString))
