import { JsonPointer, Result, Schema, type SchemaAST, SchemaIssue } from "effect"

/** One thing that is wrong with an input: where (a JSON Pointer, RFC 6901) and what. */
export const Fault = Schema.Struct({ path: Schema.String, message: Schema.String })
export interface Fault extends Schema.Schema.Type<typeof Fault> {}

/** The input is not what the shop takes; every fault is listed, and nothing has changed. */
export class InvalidInput extends Schema.TaggedError<InvalidInput>()("InvalidInput", {
  errors: Schema.Array(Fault)
}) {
  override get message() {
    return this.errors.map((fault) => `${fault.path || "/"}: ${fault.message}`).join("; ")
  }
}

const format = SchemaIssue.makeFormatterStandardSchemaV1()

const pointer = (path: ReadonlyArray<PropertyKey>) =>
  path.map((token) => `/${JsonPointer.escapeToken(String(token))}`).join("")

/** The faults of a failed decoding. The offending values themselves are never repeated. */
export const faultsOf = (issue: SchemaIssue.Issue): ReadonlyArray<Fault> =>
  format(issue).issues.map(({ message, path = [] }) => ({
    path: pointer(path.map((segment) => (typeof segment === "object" ? segment.key : segment))),
    message
  }))

/** A refusal with one fault, at a JSON Pointer. */
export const fault = (path: string, message: string) => new InvalidInput({ errors: [{ path, message }] })

const options: SchemaAST.ParseOptions = { errors: "all" }

/** Decodes what a caller gave; every service method does so before it does anything else. */
export const decoder = <A, I>(schema: Schema.Codec<A, I>) => {
  const decode = Schema.decodeUnknownResult(schema, options)
  return (input: unknown): Result.Result<A, InvalidInput> =>
    Result.mapError(decode(input), (error) => new InvalidInput({ errors: faultsOf(error.issue) }))
}
