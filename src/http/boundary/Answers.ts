import { Effect, type Schema, SchemaAST } from "effect"
import { HttpServerResponse } from "effect/http"
import { HttpApiSchema } from "effect/http-api"
import { notModified, type ReadRequest, type Validation, validate } from "./ConditionalReads.ts"
import { jsonWriter } from "./JsonWriter.ts"

/** What is read of an endpoint. */
interface Endpoint {
  readonly success: ReadonlySet<Schema.Top>
}

type Handler = (request: never) => Effect.Effect<unknown, unknown, unknown>

/** The status that `HttpApiSchema.status` gives a schema. */
const statusOf = ({ ast }: Schema.Top): number =>
  SchemaAST.resolveAt<number>("httpApiStatus")(ast) ??
  (ast.context?.annotations?.httpApiStatus as number | undefined) ??
  200

/** What a handler returns for a schema with headers. */
interface WithHeaders {
  readonly body: unknown
  readonly headers: Readonly<Record<string, string>>
}

/**
 * Returns the response that an answer encodes to, or the answer itself where that is left to its schema. A reader who has it already gets
 * none.
 */
const responder = ({ success }: Endpoint, validation: Validation | undefined) => {
  const [schema, ...others] = success
  if (schema === undefined || others.length > 0) return undefined
  const hasHeaders = HttpApiSchema.isWithHeaders(schema)
  const bodySchema = hasHeaders ? schema.schema : schema
  const write = jsonWriter(bodySchema)
  const status = statusOf(bodySchema)
  const respond = (answer: unknown, body: unknown, headers: WithHeaders["headers"]) => {
    const text = write(body)
    return text === undefined
      ? answer
      : HttpServerResponse.text(text, { status, contentType: "application/json", headers })
  }
  if (validation !== undefined) {
    return (answer: unknown, request: ReadRequest) => {
      if (HttpServerResponse.isHttpServerResponse(answer)) return answer
      const { headers, isKnown } = validate(validation, request, answer)
      return isKnown ? notModified(headers) : respond(answer, answer, headers)
    }
  }
  return (answer: unknown) => {
    const { body, headers } = hasHeaders ? (answer as WithHeaders) : { body: answer, headers: {} }
    return respond(answer, body, headers)
  }
}

/**
 * Makes the answers of handlers by compiled writers, where these are sure. Otherwise the schemas of the endpoints encode them. Endpoints
 * with a validation answer conditional requests.
 */
export const answering = <Handlers extends object>(
  { endpoints }: { readonly endpoints: Readonly<Record<string, Endpoint>> },
  handlers: Handlers,
  validations: { readonly [Name in keyof NoInfer<Handlers>]?: Validation } = {}
): Handlers =>
  Object.fromEntries(
    Object.entries(handlers as Record<string, Handler>).map(([name, handler]) => {
      const endpoint = endpoints[name]
      const respond = endpoint && responder(endpoint, validations[name as keyof Handlers])
      return [
        name,
        respond
          ? (request: never) => Effect.map(handler(request), (answer) => respond(answer, request))
          : handler
      ]
    })
  ) as Handlers
