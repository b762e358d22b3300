/** How the values of environment variables are read; what is wrong with one is said without it. */
import { Config, Duration, Effect, LogLevel, Option, Redacted, Schema, SchemaIssue } from "effect"

const format = SchemaIssue.makeFormatterStandardSchemaV1()

const why = ({ cause }: Config.ConfigError): string =>
  Schema.isSchemaError(cause)
    ? format(cause.issue)
        .issues.map(({ message }) => message)
        .join(", ")
    : cause.message

/** One environment variable; what is wrong with it is said with its name, and never with its value. */
export const variable = <A, B>(name: string, config: (name: string) => Config.Config<A>, fallback: B) =>
  Effect.mapError(Config.option(config(name)), (error) => `${name}: ${why(error)}`).pipe(
    Effect.map(Option.getOrElse((): A | B => fallback))
  )

export const checked =
  <T>(schema: Schema.ConstraintCodec<T, unknown>) =>
  (name: string) =>
    Config.schema(schema, name)

export const duration = (atLeast: Duration.Input) => (name: string) =>
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
export const orOff =
  <A>(config: (name: string) => Config.Config<A>) =>
  (name: string) =>
    Config.orElse(
      Config.map(Config.Literal("off", name), () => undefined),
      () => config(name)
    )

const digits = Schema.String.check(Schema.isPattern(/^\d+$/, { expected: "an integer" }))

export const integer = (minimum: number, maximum: number) =>
  checked(digits.pipe(Schema.decodeTo(Schema.NumberFromString.check(Schema.isBetween({ minimum, maximum })))))

/** "30 per minute", "100 per 2 hours". */
export const rate = (name: string) =>
  Config.mapEffect(Config.String(name), (text) => {
    const [, limit, count = "1", unit] =
      /^([1-9]\d{0,5}) per (?:([1-9]\d{0,3}) )?(second|minute|hour)s?$/.exec(text) ?? []
    return limit === undefined
      ? Effect.fail(expected('a rate such as "30 per minute", or off'))
      : Effect.succeed({
          limit: Number(limit),
          window: Duration.fromInputUnsafe(`${Number(count)} ${unit as "second" | "minute" | "hour"}s`)
        })
  })

const listOf = (text: string): ReadonlyArray<string> => text.split(",").map((one) => one.trim())

const isOrigin = (text: string) => text === "*" || (URL.canParse(text) && new URL(text).origin === text)

export const origins = (name: string) =>
  Config.mapEffect(Config.String(name), (text) =>
    listOf(text).every(isOrigin)
      ? Effect.succeed(listOf(text))
      : Effect.fail(expected('origins such as "https://shop.example", separated by commas, or *'))
  )

export const httpUrl = (name: string) =>
  Config.mapEffect(Config.String(name), (text) =>
    /^https?:\/\//.test(text) && URL.canParse(text)
      ? Effect.succeed(text)
      : Effect.fail(expected("a URL such as http://127.0.0.1:4318"))
  )

export const secrets = (name: string) =>
  Config.map(Config.Redacted(name), (all) => listOf(Redacted.value(all)).map((one) => Redacted.make(one)))

const levels: ReadonlyMap<string, LogLevel.LogLevel> = new Map(
  LogLevel.values.map((level) => [level.toLowerCase(), level])
)

export const logLevel = (name: string) =>
  Config.mapEffect(Config.String(name), (text) => {
    const level = levels.get(text.toLowerCase())
    return level === undefined
      ? Effect.fail(expected(`one of ${[...levels.keys()].join(", ")}`))
      : Effect.succeed(level)
  })
