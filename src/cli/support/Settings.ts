import { Duration, Effect, Option, Result } from "effect"
import { DatabaseUrl, SchemaName } from "../../adapters/postgres/schema/SchemaName.ts"
import { Failure, fail } from "./Failure.ts"
import {
  duration,
  httpUrl,
  integer,
  like,
  logLevel,
  oneOf,
  origins,
  orOff,
  rate,
  redacted,
  secret,
  secrets,
  text,
  variable
} from "./Variables.ts"

const variables = {
  databaseUrl: variable("DATABASE_URL", redacted(like(DatabaseUrl)), undefined),
  schema: variable("DATABASE_SCHEMA", like(SchemaName), "commerce"),
  pool: variable("DATABASE_POOL", integer(1, 1000), 10),
  pooler: variable("DATABASE_POOLER", orOff(oneOf(["transaction"])), undefined),
  dataDir: variable("DATA_DIR", text, ".effect-commerce"),
  host: variable("HOST", text, "127.0.0.1"),
  port: variable("PORT", integer(0, 65535), 3000),
  jwtSecret: variable("JWT_SECRET", secret, undefined),
  jwtPreviousSecrets: variable("JWT_PREVIOUS_SECRETS", secrets, []),
  accessTokenTtl: variable("ACCESS_TOKEN_TTL", duration("15 minutes"), Duration.minutes(15)),
  refreshTokenTtl: variable("REFRESH_TOKEN_TTL", duration("30 days"), Duration.days(30)),
  unpaidOrderTtl: variable("UNPAID_ORDER_TTL", orOff(duration("30 minutes")), undefined),
  idempotencyKeyTtl: variable("IDEMPOTENCY_KEY_TTL", duration("7 days", "24 hours"), Duration.days(7)),
  bcryptCost: variable("BCRYPT_COST", integer(4, 15), 12),
  authRateLimit: variable("AUTH_RATE_LIMIT", orOff(rate), { limit: 30, window: Duration.minutes(1) }),
  trustedProxies: variable("TRUSTED_PROXIES", orOff(integer(1, 10)), undefined),
  corsOrigins: variable("CORS_ORIGINS", orOff(origins), undefined),
  adminEmail: variable("ADMIN_EMAIL", text, undefined),
  adminPassword: variable("ADMIN_PASSWORD", redacted(text), undefined),
  logLevel: variable("LOG_LEVEL", logLevel, "Info" as const),
  logFormat: variable("LOG_FORMAT", oneOf(["pretty", "json"]), undefined),
  metrics: variable("METRICS", orOff(oneOf(["on"])), undefined),
  otlpEndpoint: variable("OTEL_EXPORTER_OTLP_ENDPOINT", httpUrl, undefined),
  otlpProtocol: variable(
    "OTEL_EXPORTER_OTLP_PROTOCOL",
    oneOf(["http/protobuf", "http/json"]),
    "http/protobuf" as const
  )
}

/** The environment, each variable read and checked; all that is wrong with them comes as one line. */
export const eachSetting: Effect.Effect<Settings, Failure> = Effect.gen(function* () {
  const read = yield* Effect.all(variables, { mode: "result" })
  const faults = Object.values(read).flatMap((one) => Option.toArray(Result.getFailure<unknown, string>(one)))
  if (faults.length > 0) return yield* new Failure({ line: faults.join("; ") })
  return yield* Effect.orDie(Effect.all(variables))
})

/** What is missing of the two that name an admin. */
const missing = ({ adminEmail, adminPassword }: Settings): string | undefined => {
  if (adminEmail !== undefined && adminPassword === undefined)
    return "ADMIN_PASSWORD: needed with ADMIN_EMAIL"
  if (adminEmail === undefined && adminPassword !== undefined)
    return "ADMIN_EMAIL: needed with ADMIN_PASSWORD"
  return undefined
}

/** The same, with what holds between the variables. */
export const settings: Effect.Effect<Settings, Failure> = Effect.filterOrElse(
  eachSetting,
  (read) => missing(read) === undefined,
  (read) => fail(missing(read) ?? "")
)

/** The same for a server: on a database that it may share with others, it signs tokens with a secret that they know. */
export const serverSettings: Effect.Effect<Settings, Failure> = Effect.filterOrFail(
  settings,
  ({ databaseUrl, jwtSecret }) => databaseUrl === undefined || jwtSecret !== undefined,
  () => new Failure({ line: "JWT_SECRET: needed with DATABASE_URL, at least 32 bytes" })
)

export type Settings = {
  readonly [Name in keyof typeof variables]: Effect.Success<(typeof variables)[Name]>
}
