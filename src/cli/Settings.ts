import { Config, Duration, Effect, Option, Redacted, Result, Schema } from "effect"
import { schemaName } from "../adapters/postgres/index.ts"
import { Failure } from "./Failure.ts"
import {
  checked,
  duration,
  httpUrl,
  integer,
  logLevel,
  origins,
  orOff,
  rate,
  secrets,
  variable
} from "./Variables.ts"

const variables = {
  databaseUrl: variable("DATABASE_URL", Config.Redacted, undefined),
  schema: variable(
    "DATABASE_SCHEMA",
    checked(
      Schema.String.check(Schema.isPattern(schemaName, { expected: `a name like ${schemaName.source}` }))
    ),
    "commerce"
  ),
  pool: variable("DATABASE_POOL", integer(1, 1000), 10),
  pooler: variable(
    "DATABASE_POOLER",
    orOff((name) => Config.Literal("transaction", name)),
    undefined
  ),
  dataDir: variable("DATA_DIR", Config.NonEmptyString, ".effect-commerce"),
  host: variable("HOST", Config.NonEmptyString, "127.0.0.1"),
  port: variable("PORT", integer(0, 65535), 3000),
  jwtSecret: variable("JWT_SECRET", Config.Redacted, undefined),
  jwtPreviousSecrets: variable("JWT_PREVIOUS_SECRETS", secrets, []),
  accessTokenTtl: variable("ACCESS_TOKEN_TTL", duration("1 second"), Duration.minutes(15)),
  refreshTokenTtl: variable("REFRESH_TOKEN_TTL", duration("1 second"), Duration.days(30)),
  unpaidOrderTtl: variable("UNPAID_ORDER_TTL", orOff(duration("1 second")), undefined),
  idempotencyKeyTtl: variable("IDEMPOTENCY_KEY_TTL", duration("24 hours"), Duration.days(7)),
  bcryptCost: variable("BCRYPT_COST", integer(4, 15), 12),
  authRateLimit: variable("AUTH_RATE_LIMIT", orOff(rate), { limit: 30, window: Duration.minutes(1) }),
  trustedProxies: variable("TRUSTED_PROXIES", orOff(integer(1, 10)), undefined),
  corsOrigins: variable("CORS_ORIGINS", orOff(origins), undefined),
  adminEmail: variable("ADMIN_EMAIL", Config.String, undefined),
  adminPassword: variable("ADMIN_PASSWORD", Config.Redacted, undefined),
  logLevel: variable("LOG_LEVEL", logLevel, "Info" as const),
  logFormat: variable("LOG_FORMAT", (name) => Config.Literals(["pretty", "json"], name), undefined),
  metrics: variable(
    "METRICS",
    orOff((name) => Config.Literal("on", name)),
    undefined
  ),
  otlpEndpoint: variable("OTEL_EXPORTER_OTLP_ENDPOINT", httpUrl, undefined),
  otlpProtocol: variable(
    "OTEL_EXPORTER_OTLP_PROTOCOL",
    (name) => Config.Literals(["http/protobuf", "http/json"], name),
    "http/protobuf"
  )
}

const isWeak = (secret: Redacted.Redacted) => Buffer.byteLength(Redacted.value(secret)) < 32

const isPostgresUrl = (url: string) => /^postgres(ql)?:\/\//.test(url) && URL.canParse(url)

/** What holds between the variables. */
const conflicts = ({
  databaseUrl,
  jwtSecret,
  jwtPreviousSecrets,
  adminEmail,
  adminPassword
}: Settings): ReadonlyArray<string> => [
  ...(jwtSecret !== undefined && isWeak(jwtSecret) ? ["JWT_SECRET: Expected at least 32 bytes"] : []),
  ...(jwtPreviousSecrets.some(isWeak)
    ? ["JWT_PREVIOUS_SECRETS: Expected at least 32 bytes each, separated by commas"]
    : []),
  ...(databaseUrl !== undefined && !isPostgresUrl(Redacted.value(databaseUrl))
    ? ["DATABASE_URL: Expected postgres://…"]
    : []),
  ...(adminEmail !== undefined && adminPassword === undefined
    ? ["ADMIN_PASSWORD: needed with ADMIN_EMAIL"]
    : []),
  ...(adminEmail === undefined && adminPassword !== undefined
    ? ["ADMIN_EMAIL: needed with ADMIN_PASSWORD"]
    : [])
]

/** The environment, read and checked; all that is wrong with it comes as one line. */
export const settings: Effect.Effect<Settings, Failure> = Effect.gen(function* () {
  const read = yield* Effect.all(variables, { mode: "result" })
  const faults = Object.values(read).flatMap((one) => Option.toArray(Result.getFailure<unknown, string>(one)))
  if (faults.length > 0) return yield* new Failure({ line: faults.join("; ") })
  const values = yield* Effect.orDie(Effect.all(variables))
  const clashes = conflicts(values)
  return clashes.length > 0 ? yield* new Failure({ line: clashes.join("; ") }) : values
})

/** The same for a server: on a database that it may share with others, it signs tokens with a secret that they know. */
export const serverSettings: Effect.Effect<Settings, Failure> = Effect.filterOrFail(
  settings,
  ({ databaseUrl, jwtSecret }) => databaseUrl === undefined || jwtSecret !== undefined,
  () => new Failure({ line: "JWT_SECRET: needed with DATABASE_URL, at least 32 bytes" })
)

export type Settings = {
  readonly [Name in keyof typeof variables]: Effect.Success<(typeof variables)[Name]>
}
