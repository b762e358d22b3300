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

/**
 * How an error looks over HTTP: a problem document with those of its fields that are named in `shows`. Handlers
 * fail with the error itself, and typed clients get it back; `hidden` stands in for fields that are not shown.
 */
export const problem = <E extends Error>(
  error: ErrorClass<E>,
  kind: ProblemType & { readonly shows?: ReadonlyArray<keyof E & string> },
  hidden: Partial<E> = {}
): Schema.Codec<E, ProblemDetails> => {
  const { status, code, title, shows = [] } = kind
  const wire = Schema.Struct({
    type: Schema.Literal(urn(code)),
    title: Schema.Literal(title),
    status: Schema.Literal(status),
    detail: Schema.String,
    code: Schema.Literal(code),
    ...pick(error.fields, shows)
  }).annotate({ identifier: `${pascalCase(code)}Problem` })
  return wire.pipe(
    Schema.decodeTo(
      Schema.toType(error),
      SchemaTransformation.transform({
        decode: (body: object) => new error({ ...pick(body, shows), ...hidden } as never),
        encode: (refusal) =>
          ({ ...document(kind, refusal.message), ...pick(refusal, shows) }) as typeof wire.Type
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

const pick = (from: object, names: ReadonlyArray<string>): Record<string, never> =>
  Object.fromEntries(names.map((name) => [name, (from as Record<string, never>)[name]])) as Record<
    string,
    never
  >
