/** Whether settings are such that a shop can be opened with them. */
import { Duration, Option, Predicate, type Result, Schema, Struct } from "effect"
import { Cost } from "../adapters/bcrypt.ts"
import { DatabaseUrl, SchemaName } from "../adapters/postgres/schema/SchemaName.ts"
import { Integer } from "../domain/shared/Integer.ts"
import { decoder, type InvalidInput } from "../domain/shared/InvalidInput.ts"
import type { CommerceSettings } from "./Settings.ts"

const that = (is: (value: unknown) => boolean, expected: string) =>
  Schema.Unknown.check(Schema.makeFilter(is, { expected }))

const hasFunctions = (value: unknown, ...names: ReadonlyArray<string>) =>
  names.every((name) => Predicate.hasProperty(value, name) && Predicate.isFunction(value[name]))

const duration = that(
  (value) =>
    Option.exists(
      Duration.fromInput(value as Duration.Input),
      (read) => Duration.isFinite(read) && Duration.toMillis(read) > 0
    ),
  `a duration, such as "15 minutes"`
)

const bytes = (expected: string) =>
  Schema.String.check(Schema.makeFilter((text) => new TextEncoder().encode(text).length >= 32, { expected }))

const secret = bytes("at least 32 bytes")

const shared = "at least 32 bytes, the same in all processes"

/** What a setting may be on any database. */
const others = {
  jwtPreviousSecrets: Schema.Array(secret),
  migrate: Schema.Boolean,
  bcryptCost: Cost,
  accessTokenTtl: duration,
  refreshTokenTtl: duration,
  unpaidOrderTtl: duration,
  idempotencyKeyTtl: duration,
  maintenanceEvery: duration,
  payments: that(
    (value) => hasFunctions(value, "accepts", "charge"),
    "an object with the functions accepts and charge"
  ),
  gatewayTimeout: duration,
  logger: that(Predicate.isObject, "an object with functions such as warn and error"),
  clock: that(Predicate.isFunction, "a function"),
  basePath: Schema.String.check(
    Schema.isPattern(/^(\/[\w.~-]+)*\/?$/, { expected: `a path, such as "/shop"` })
  ),
  authRateLimit: Schema.Union([
    Schema.Literal("off"),
    Schema.Struct({ limit: Integer(1, Number.MAX_SAFE_INTEGER), window: duration })
  ]),
  trustedProxies: Integer(0, Number.MAX_SAFE_INTEGER),
  corsOrigins: Schema.Array(Schema.String)
} satisfies Record<Exclude<keyof CommerceSettings, "database" | "jwtSecret">, Schema.Top>

const optional = <Fields extends Record<string, Schema.Top>>(fields: Fields) =>
  Schema.Struct(fields).mapFields(Struct.map(Schema.optional)).fields

const onServer = Schema.Struct({
  database: Schema.Struct({
    url: DatabaseUrl,
    ...optional({ schema: SchemaName, pool: Integer(1, 1000), pooler: Schema.Literal("transaction") })
  }),
  jwtSecret: bytes(shared).annotateKey({ messageMissingKey: `Expected ${shared}` }),
  ...optional(others)
})

const embedded = Schema.Struct({
  database: Schema.Struct({
    embedded: Schema.String.check(Schema.isMinLength(1, { expected: "a directory, or memory" })).annotateKey({
      messageMissingKey: "Missing key: this or url is needed"
    }),
    ...optional({ schema: SchemaName })
  }),
  ...optional({ jwtSecret: secret, ...others })
})

const read = {
  onServer: decoder(onServer, { onExcessProperty: "error" }),
  embedded: decoder(embedded, { onExcessProperty: "error" })
}

/** Fails with all that is wrong with the settings, unknown ones included. */
export const validateSettings = (settings: unknown): Result.Result<unknown, InvalidInput> =>
  Predicate.hasProperty(settings, "database") && Predicate.hasProperty(settings.database, "url")
    ? read.onServer(settings)
    : read.embedded(settings)
