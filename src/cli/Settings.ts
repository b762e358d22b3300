import { Config, Duration, Effect, LogLevel, Option, Redacted, Result, Schema, SchemaIssue } from "effect"
import { schemaName } from "../adapters/postgres/index.ts"
import { Failure } from "./Failure.ts"

const format = SchemaIssue.makeFormatterStandardSchemaV1()

const why = ({ cause }: Config.ConfigError): string =>
  Schema.isSchemaError(cause)
    ? format(cause.issue)
        .issues.map(({ message }) => message)
        .join(", ")
    : cause.message

/** One environment variable; what is wrong with it is said with its name, and never with its value. */
const variable = <A, B>(name: string, config: (name: string) => Config.Config<A>, fallback: B) =>
  Effect.mapError(Config.option(config(name)), (error) => `${name}: ${why(error)}`).pipe(
    Effect.map(Option.getOrElse((): A | B => fallback))
  )

const checked =
  <T>(schema: Schema.ConstraintCodec<T, unknown>) =>
  (name: string) =>
    Config.schema(schema, name)

const duration = (atLeast: Duration.Input) => (name: string) =>
  Config.mapEffect(Config.Duration(name), (read) =>
    Duration.isFinite(read) && Duration.isGreaterThanOrEqualTo(read, Duration.fromInputUnsafe(atLeast))
      ? Effect.succeed(read)
      : Effect.fail(expected(`a duration of at least ${atLeast}, such as "15 minutes"`))
  )

const expected = (what: string) =>
  new Config.ConfigError(
    new Schema.SchemaError(new SchemaIssue.InvalidValue({ message: `Expected ${what}` }))
  )

/** A setting that can also be `off`. */
const orOff =
  <A>(config: (name: string) => Config.Config<A>) =>
  (name: string) =>
    Config.orElse(
      Config.map(Config.Literal("off", name), () => undefined),
      () => config(name)
    )

const digits = Schema.String.check(Schema.isPattern(/^\d+$/, { expected: "an integer" }))

const integer = (minimum: number, maximum: number) =>
  checked(digits.pipe(Schema.decodeTo(Schema.NumberFromString.check(Schema.isBetween({ minimum, maximum })))))

const levels: ReadonlyMap<string, LogLevel.LogLevel> = new Map(
  LogLevel.values.map((level) => [level.toLowerCase(), level])
)

const logLevel = (name: string) =>
  Config.mapEffect(Config.String(name), (text) => {
    const level = levels.get(text.toLowerCase())
    return level === undefined
      ? Effect.fail(expected(`one of ${[...levels.keys()].join(", ")}`))
      : Effect.succeed(level)
  })

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
  dataDir: variable("DATA_DIR", Config.NonEmptyString, ".effect-commerce"),
  host: variable("HOST", Config.NonEmptyString, "127.0.0.1"),
  port: variable("PORT", integer(0, 65535), 3000),
  jwtSecret: variable("JWT_SECRET", Config.Redacted, undefined),
  accessTokenTtl: variable("ACCESS_TOKEN_TTL", duration("1 second"), Duration.minutes(15)),
  refreshTokenTtl: variable("REFRESH_TOKEN_TTL", duration("1 second"), Duration.days(30)),
  unpaidOrderTtl: variable("UNPAID_ORDER_TTL", orOff(duration("1 second")), undefined),
  idempotencyKeyTtl: variable("IDEMPOTENCY_KEY_TTL", duration("24 hours"), Duration.days(7)),
  bcryptCost: variable("BCRYPT_COST", integer(4, 15), 12),
  adminEmail: variable("ADMIN_EMAIL", Config.String, undefined),
  adminPassword: variable("ADMIN_PASSWORD", Config.Redacted, undefined),
  logLevel: variable("LOG_LEVEL", logLevel, "Info" as const),
  logFormat: variable("LOG_FORMAT", (name) => Config.Literals(["pretty", "json"], name), undefined)
}

const isPostgresUrl = (url: string) => /^postgres(ql)?:\/\//.test(url) && URL.canParse(url)

/** What holds between the variables. */
const conflicts = ({
  databaseUrl,
  jwtSecret,
  adminEmail,
  adminPassword
}: Settings): ReadonlyArray<string> => [
  ...(jwtSecret !== undefined && Buffer.byteLength(Redacted.value(jwtSecret)) < 32
    ? ["JWT_SECRET: Expected at least 32 bytes"]
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
