import { Schema, SchemaTransformation } from "effect"
import { HttpApiSchema } from "effect/http-api"

export const contentType = "application/problem+json"

const urn = (code: string) => `urn:effect-commerce:problem:${code}`

/** What every problem says (RFC 9457); further members carry the data of the error. */
export const ProblemDetails = Schema.Struct({
  type: Schema.String,
  title: Schema.String,
  status: Schema.Int,
  detail: Schema.String,
  code: Schema.String
})
export interface ProblemDetails extends Schema.Schema.Type<typeof ProblemDetails> {}

/** What a kind of problem is: constant for all its instances. */
export interface ProblemType {
  readonly status: number
  readonly code: string
  readonly title: string
}

/** A problem document without further members, for what never reaches an endpoint. */
export const document = ({ status, code, title }: ProblemType, detail: string): ProblemDetails => ({
  type: urn(code),
  title,
  status,
  detail,
  code
})

/** An error class of the domain, the ports or the services. */
type ErrorClass<E extends Error> = (new (
  data: never
) => E) &
  Schema.Top & { readonly Type: E; readonly fields: Schema.Struct.Fields }

/** The fields of an error that its document contains, and other names for them. */
export interface Shown<Field extends string> {
  readonly shows?: ReadonlyArray<Field>
  readonly renames?: Readonly<Record<string, string>>
}

/**
 * How an error looks over HTTP: a problem document with those of its fields that are named in `shows`. Handlers
 * fail with the error itself, and typed clients get it back; `hidden` stands in for fields that are not shown.
 */
export const problem = <E extends Error>(
  error: ErrorClass<E>,
  kind: ProblemType & Shown<keyof E & string>,
  hidden: Partial<E> = {}
): Schema.Codec<E, ProblemDetails> => {
  const { status, code, title, shows = [] } = kind
  const renames: Readonly<Record<string, string | undefined>> = kind.renames ?? {}
  const members = shows.map((field) => [field, renames[field] ?? field] as const)
  const wire = Schema.Struct({
    type: Schema.Literal(urn(code)),
    title: Schema.Literal(title),
    status: Schema.Literal(status),
    detail: Schema.String,
    code: Schema.Literal(code),
    ...rename(error.fields, members)
  }).annotate({ identifier: `${pascalCase(code)}Problem` })
  return wire.pipe(
    Schema.decodeTo(
      Schema.toType(error),
      SchemaTransformation.transform({
        decode: (body: object) =>
          new error({
            ...rename(
              body,
              members.map(([field, member]) => [member, field])
            ),
            ...hidden
          } as never),
        encode: (refusal) =>
          ({ ...document(kind, refusal.message), ...rename(refusal, members) }) as typeof wire.Type
      }) as never
    ),
    HttpApiSchema.status(status),
    HttpApiSchema.asJson({ contentType })
  ) as never
}

const pascalCase = (code: string) =>
  code
    .split("-")
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join("")

/** Picks fields under other names. A field that is absent stays absent. */
const rename = (
  from: object,
  names: ReadonlyArray<readonly [name: string, other: string]>
): Record<string, never> =>
  Object.fromEntries(
    names.flatMap(([name, other]) => {
      const value = (from as Record<string, unknown>)[name]
      return value === undefined ? [] : [[other, value]]
    })
  ) as Record<string, never>
