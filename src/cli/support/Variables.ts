/** How the values of environment variables are read; what is wrong with one is said without it. */
import { Config, Duration, Effect, LogLevel, Option, Redacted, Schema } from "effect"
import { orList } from "../../domain/shared/SchemaIssues.ts"

/** What a value may be, in words, and what one means; none if it is another. */
export interface ValueParser<A> {
  readonly expected: string
  readonly read: (text: string) => Option.Option<A>
}

/** One environment variable; what is wrong with it is said with its name, and never with its value. */
export const variable = <A, B>(name: string, { expected, read }: ValueParser<A>, fallback: B) =>
  Effect.gen(function* () {
    const text = yield* Effect.orDie(Config.option(Config.String(name)))
    if (Option.isNone(text)) return fallback
    const value = read(text.value)
    return Option.isSome(value) ? value.value : yield* Effect.fail(`${name}: Expected ${expected}`)
  })

const parser = <A>(expected: string, read: (text: string) => A | undefined): ValueParser<A> => ({
  expected,
  read: (text) => Option.fromUndefinedOr(read(text))
})

export const text = parser("text", (text) => text)

/** The same, for nobody to see. */
export const redacted = ({ expected, read }: ValueParser<string>): ValueParser<Redacted.Redacted> => ({
  expected,
  read: (text) => Option.map(read(text), (value) => Redacted.make(value))
})

/** Text that a schema with a single check takes. */
export const like = (schema: Schema.Codec<string>) => {
  const is = Schema.is(schema)
  return parser(String(Schema.resolveAnnotations(schema)?.expected), (text) => (is(text) ? text : undefined))
}

/** One of these words. */
export const oneOf = <const Words extends ReadonlyArray<string>>(words: Words) =>
  parser<Words[number]>(orList(words), (text) => words.find((word) => word === text))

/** A setting that can also be `off`. */
export const orOff = <A>({ expected, read }: ValueParser<A>): ValueParser<A | undefined> => ({
  expected: `${expected}${expected.includes(" ") ? "," : ""} or off`,
  read: (text) => (text === "off" ? Option.some(undefined) : read(text))
})

/** In digits, and in no other way of writing a number. */
export const integer = (minimum: number, maximum: number) =>
  parser(`an integer from ${minimum} to ${maximum}`, (text) => {
    const value = /^(0|[1-9]\d*)$/.test(text) ? Number(text) : Number.NaN
    return value >= minimum && value <= maximum ? value : undefined
  })

const durationOf = (text: string) =>
  Option.getOrUndefined(Duration.fromInput(text as Duration.Input).pipe(Option.filter(Duration.isFinite)))

/** At least a second, or as long as it is told. */
export const duration = (example: string, atLeast?: Duration.Input) =>
  parser(
    `a duration ${atLeast === undefined ? "" : `of at least ${atLeast}, `}such as "${example}"`,
    (text) => {
      const read = durationOf(text)
      const least = Duration.fromInputUnsafe(atLeast ?? "1 second")
      return read !== undefined && Duration.isGreaterThanOrEqualTo(read, least) ? read : undefined
    }
  )

/** "30 per minute", "100 per 2 hours". */
export const rate = parser('a rate such as "30 per minute"', (text) => {
  const [, limit, count = "1", unit] =
    /^([1-9]\d{0,5}) per (?:([1-9]\d{0,3}) )?(second|minute|hour)s?$/.exec(text) ?? []
  if (limit === undefined) return undefined
  const window = Duration.fromInputUnsafe(`${Number(count)} ${unit as "second" | "minute" | "hour"}s`)
  return { limit: Number(limit), window }
})

/** Several, separated by commas. */
const several = <A>(expected: string, { read }: ValueParser<A>): ValueParser<ReadonlyArray<A>> => ({
  expected,
  read: (text) => Option.all(text.split(",").map((one) => read(one.trim())))
})

const origin = parser("an origin", (text) =>
  text === "*" || (URL.canParse(text) && new URL(text).origin === text) ? text : undefined
)

export const origins = several('origins separated by commas, such as "https://shop.example" or *', origin)

export const httpUrl = parser("a URL such as http://127.0.0.1:4318", (text) =>
  /^https?:\/\//.test(text) && URL.canParse(text) ? text : undefined
)

/** What tokens are signed with. */
export const secret = redacted(
  parser("at least 32 bytes", (text) => (Buffer.byteLength(text) >= 32 ? text : undefined))
)

export const secrets = several("at least 32 bytes each, separated by commas", secret)

const levels: ReadonlyMap<string, LogLevel.LogLevel> = new Map(
  LogLevel.values.map((level) => [level.toLowerCase(), level])
)

export const logLevel = parser(orList([...levels.keys()]), (text) => levels.get(text.toLowerCase()))
