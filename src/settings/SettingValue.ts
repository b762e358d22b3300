/** The kinds of values that settings take: from code, and as the text of an environment variable. */
import { Duration, LogLevel, Option, Predicate, Redacted, Result, Schema, SchemaGetter } from "effect"
import { IpNetwork, NetAddress } from "effect/net"
import { Integer } from "../domain/shared/Integer.ts"
import { orList } from "../domain/shared/SchemaIssues.ts"
import { parseConnectionUrl } from "./ConnectionUrl.ts"
import { dataDirectoryOf } from "./DataDirectory.ts"

/** One kind of value. A decoded value is also a valid input, so decoding twice changes nothing. */
export interface SettingValue<A, I> {
  readonly schema: Schema.Codec<A, I>
  /** The accepted values in words, after "Expected". */
  readonly expected: string
  /** The input that the text of a variable stands for. */
  readonly fromText: (text: string) => unknown
  /** Returns why a text is refused, if there is more to say than what is expected. */
  readonly faultOf?: (text: string) => string | undefined
}

/** Decodes the text of a variable. */
export const decodeText = <A, I>({
  fromText,
  schema
}: SettingValue<A, I>): ((text: string) => Option.Option<A>) => {
  const decode = Schema.decodeUnknownOption(schema)
  return (text) => decode(fromText(text))
}

const asText = (text: string): unknown => text

/** Values that a function parses. It returns `undefined` for others, of whatever type. */
const parsed = <I, A extends I>(
  expected: string,
  parse: (input: I) => A | undefined,
  fromText = asText
): SettingValue<A, I> => {
  const isInput = (input: unknown): input is I => parse(input as I) !== undefined
  const isParsed = (_: unknown): _ is A => true
  return {
    expected,
    fromText,
    schema: Schema.declare(isInput, { expected }).pipe(
      Schema.decodeTo(Schema.declare(isParsed), {
        decode: SchemaGetter.transform((input: I) => parse(input) as A),
        encode: SchemaGetter.transform((value: A): I => value)
      })
    )
  }
}

/** Text that passes a check. */
export const text = (
  expected: string,
  check: (text: string) => boolean = () => true
): SettingValue<string, string> =>
  parsed(expected, (input) => (Predicate.isString(input) && check(input) ? input : undefined))

/** Where an embedded database keeps its data. */
export const dataDirectory: SettingValue<string, string> = parsed(
  "a directory, memory, or one of these as memory:// or file://path",
  (input) => (Predicate.isString(input) ? dataDirectoryOf(input) : undefined)
)

/** Text that logs never show. */
export const redactedText = (
  expected: string,
  check: (text: string) => boolean = () => true
): SettingValue<Redacted.Redacted, string | Redacted.Redacted> =>
  parsed(expected, (input) => {
    const plain = plainText(input)
    return Predicate.isString(plain) && check(plain) ? Redacted.make(plain) : undefined
  })

const plainText = (input: string | Redacted.Redacted): string =>
  Redacted.isRedacted(input) ? Redacted.value(input) : input

/** Text that logs never show. `faultOf` returns why a text is refused, without showing it. */
export const redactedTextWithout = (
  expected: string,
  faultOf: (text: string) => string | undefined
): SettingValue<Redacted.Redacted, string | Redacted.Redacted> => {
  const { fromText, schema } = redactedText(expected)
  const check = Schema.makeFilter((input: Redacted.Redacted) => faultOf(plainText(input)))
  return { expected, fromText, faultOf, schema: Schema.revealCodec(schema.pipe(Schema.check(check))) }
}

/** The URL of a PostgreSQL server, which may hold a password. */
export const connectionUrl = redactedTextWithout("postgres://…", (url) =>
  Result.match(parseConnectionUrl(url), { onFailure: (fault) => fault, onSuccess: () => undefined })
)

/** One of some words. */
export const oneOf = <const Words extends ReadonlyArray<string>>(
  words: Words
): SettingValue<Words[number], Words[number]> => ({
  schema: Schema.Literals(words),
  expected: orList(words),
  fromText: asText
})

/** `true` or `false`. */
export const flag: SettingValue<boolean, boolean> = {
  schema: Schema.Boolean,
  expected: "true or false",
  fromText: (text) => (text === "true" ? true : text === "false" ? false : undefined)
}

/** Only `true`. */
export const isTrue: SettingValue<true, true> = {
  schema: Schema.Literal(true),
  expected: "true",
  fromText: (text) => (text === "true" ? true : undefined)
}

/** A whole number within bounds, written in digits. */
export const integer = (minimum: number, maximum: number): SettingValue<number, number> => ({
  schema: Integer(minimum, maximum),
  expected: `an integer from ${minimum} to ${maximum}`,
  fromText: (text) => (/^(0|[1-9]\d*)$/.test(text) ? Number(text) : undefined)
})

const finite = (input: Duration.Input): Duration.Duration | undefined =>
  Option.getOrUndefined(Option.filter(Duration.fromInput(input), Duration.isFinite))

/** The shortest duration that a setting accepts, and how its message says so. */
export interface DurationBound {
  readonly atLeast?: Duration.Input
  readonly says?: string
}

/** A finite duration of at least `atLeast`, or one second. `example` shows how to write one. */
export const duration = (
  example: Duration.Input & string,
  { atLeast = "1 second", says = "" }: DurationBound = {}
): SettingValue<Duration.Duration, Duration.Input> => {
  const least = Duration.fromInputUnsafe(atLeast)
  return parsed(`a duration ${says}such as "${example}"`, (input) => {
    const found = finite(input)
    return found !== undefined && Duration.isGreaterThanOrEqualTo(found, least) ? found : undefined
  })
}

/** At most `limit` attempts in each `window`. */
export interface RateLimit {
  readonly limit: number
  readonly window: Duration.Input
}

/** A rate limit with its window as a duration. */
export interface DecodedRateLimit extends RateLimit {
  readonly window: Duration.Duration
}

const rateOfText = (text: string): DecodedRateLimit | undefined => {
  const [, limit, count = "1", unit] =
    /^([1-9]\d{0,5}) per (?:([1-9]\d{0,3}) )?(second|minute|hour)s?$/.exec(text) ?? []
  if (limit === undefined) return undefined
  const window = Duration.fromInputUnsafe(`${Number(count)} ${unit as "second" | "minute" | "hour"}s`)
  return { limit: Number(limit), window }
}

const rateOfObject = ({ limit, window }: RateLimit): DecodedRateLimit | undefined => {
  const found = finite(window)
  return Number.isSafeInteger(limit) && limit > 0 && found !== undefined && Duration.isPositive(found)
    ? { limit, window: found }
    : undefined
}

/** `30 per minute`, `100 per 2 hours`, or the same as an object. */
export const rate: SettingValue<DecodedRateLimit, RateLimit | string> = parsed(
  'a rate such as "30 per minute"',
  (input) => {
    if (Predicate.isString(input)) return rateOfText(input)
    return Predicate.isObject(input) ? rateOfObject(input) : undefined
  }
)

const off = "off"

/** A value or `off`. */
export const orOff = <A extends I, I>(value: SettingValue<A, I>): SettingValue<A | "off", I | "off"> => {
  const decode = Schema.decodeUnknownOption(value.schema)
  return parsed<I | "off", A | "off">(
    `${value.expected}${value.expected.includes(" ") ? "," : ""} or ${off}`,
    (input) => (input === off ? off : Option.getOrUndefined(decode(input))),
    (text) => (text === off ? off : value.fromText(text))
  )
}

const splitText = (element: SettingValue<unknown, unknown>) => (text: string) =>
  text.split(",").map((one) => element.fromText(one.trim()))

/** Several values, in a variable separated by commas. */
export const listOf = <A, I>(
  expected: string,
  element: SettingValue<A, I>
): SettingValue<ReadonlyArray<A>, ReadonlyArray<I>> => ({
  schema: Schema.Array(element.schema),
  expected,
  fromText: splitText(element)
})

/** The same, where the variable may also be `off`: an empty list. */
export const listOrOff = <A, I>(
  expected: string,
  element: SettingValue<A, I>
): SettingValue<ReadonlyArray<A>, ReadonlyArray<I>> => ({
  ...listOf(`${expected}, or ${off}`, element),
  fromText: (text) => (text === off ? [] : splitText(element)(text))
})

/** An origin of web pages, or `*` for all. Browsers send no patterns, so `https://*.shop.example` would match nothing. */
export const origin = text(
  'an origin such as "https://shop.example", or *',
  (text) => text === "*" || (URL.canParse(text) && new URL(text).origin === text && !text.includes("*"))
)

const networkOf = (text: string): IpNetwork.IpNetwork | undefined => {
  const address = Result.getSuccess(NetAddress.ipFromString(text))
  if (Option.isSome(address)) {
    return IpNetwork.fromAddressUnsafe(address.value, NetAddress.width(address.value))
  }
  return Option.getOrUndefined(Result.getSuccess(IpNetwork.fromString(text)))
}

/** A network in CIDR notation, or one address. A network of all addresses is refused: everyone would be trusted. */
export const network: SettingValue<IpNetwork.IpNetwork, IpNetwork.IpNetwork | string> = parsed(
  'a network such as "10.0.0.0/8", or an address',
  (input) => {
    const found = Predicate.isString(input)
      ? networkOf(input)
      : IpNetwork.isIpNetwork(input)
        ? input
        : undefined
    return found !== undefined && found.prefixLength > 0 ? found : undefined
  }
)

/** A URL of a web server. */
export const httpUrl = text(
  "a URL such as http://127.0.0.1:4318",
  (text) => /^https?:\/\//.test(text) && URL.canParse(text)
)

const levels: ReadonlyMap<unknown, LogLevel.LogLevel> = new Map(
  LogLevel.values.map((level) => [level.toLowerCase(), level])
)

/** How severe an entry of the log is at least. */
export const logLevel: SettingValue<LogLevel.LogLevel, LogLevel.LogLevel> = {
  schema: Schema.Literals(LogLevel.values),
  expected: orList(LogLevel.values.map((level) => level.toLowerCase())),
  fromText: (text) => levels.get(text.toLowerCase())
}

/** An object or a function of the host's. */
export const hostValue = <A>(expected: string, is: (input: unknown) => input is A): SettingValue<A, A> => ({
  schema: Schema.declare(is, { expected }),
  expected,
  fromText: () => undefined
})
