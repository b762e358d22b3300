/** How a setting is described: once, for the code, the environment and the documentation. */
import { type Duration, Option, Predicate, Record, Schema, SchemaGetter } from "effect"
import { type DurationBound, duration, type SettingValue } from "./SettingValue.ts"

/** What a person reads about a setting. */
export interface SettingText {
  /** Meaning and unit, as sentences. */
  readonly description: string
  /** The environment variable, if there is one. */
  readonly variable?: string
  /** Whether a file may have the value: the variable with `_FILE` at its end is the path. Defaults to false. */
  readonly isSecret?: boolean
  /** What happens without the setting, after "Defaults to"; made of the default if absent. */
  readonly fallback?: string
}

/** One setting: its values, its default, its text, and the schema of its key in a group. */
export interface Setting<A, I, Field extends Schema.Top> extends SettingText {
  readonly value: SettingValue<A, I>
  readonly default: I | undefined
  readonly field: Field
}

/** Any setting. */
export type AnySetting = Setting<unknown, unknown, Schema.Top>

/** The schema of a key that may be absent or `undefined`, and then has a default. */
export type Defaulted<A, I> = Schema.decodeTo<
  Schema.Codec<A, I>,
  Schema.optional<Schema.toEncoded<Schema.Codec<A, I>>>
>

const defaulted = <A, I>(schema: Schema.Codec<A, I>, fallback: I): Defaulted<A, I> =>
  Schema.optional(Schema.toEncoded(schema)).pipe(
    Schema.decodeTo(schema, {
      decode: SchemaGetter.transformOptional<I, I | undefined>((input) =>
        Option.some(Option.getOrElse(Option.filter(input, Predicate.isNotUndefined), () => fallback))
      ),
      encode: SchemaGetter.passthrough()
    })
  )

/** A setting with a default. */
export const withDefault = <A, I, const Default extends I>(
  value: SettingValue<A, I>,
  text: SettingText & { readonly default: Default }
): Setting<A, I, Defaulted<A, I>> & { readonly default: Default } => ({
  ...text,
  value,
  field: defaulted(value.schema, text.default)
})

/** A duration with a default, which is also the example in messages. */
export const durationWithDefault = (
  fallback: Duration.Input & string,
  text: SettingText,
  bound: DurationBound = {}
) => withDefault(duration(fallback, bound), { ...text, default: fallback })

/** A setting that is `undefined` unless it is given. */
export const optional = <A, I>(
  value: SettingValue<A, I>,
  text: SettingText
): Setting<A, I, Schema.optional<Schema.Codec<A, I>>> => ({
  ...text,
  value,
  default: undefined,
  field: Schema.optional(value.schema)
})

/** A setting that must be given. `missing` is the message where it is not. */
export const required = <A, I>(
  value: SettingValue<A, I>,
  { missing, ...text }: SettingText & { readonly missing: string }
): Setting<A, I, Schema.Codec<A, I>> => ({
  ...text,
  value,
  default: undefined,
  field: Schema.revealCodec(value.schema.pipe(Schema.annotateKey({ messageMissingKey: missing })))
})

/** Settings that belong together, by their names. */
export type SettingGroup = Readonly<Record<string, AnySetting>>

/** The schema of a group: its input is what code gives, its type has every default. */
export const groupSchema = <Group extends SettingGroup>(group: Group) =>
  Schema.Struct(
    Record.map(group, ({ field }) => field) as { readonly [Name in keyof Group]: Group[Name]["field"] }
  )
