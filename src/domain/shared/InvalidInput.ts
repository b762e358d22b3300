import { Result, Schema, type SchemaAST } from "effect"
import { faultsOf } from "./SchemaIssues.ts"

/** One thing that is wrong with an input: where (a JSON Pointer, RFC 6901) and what. */
export const Fault = Schema.Struct({ path: Schema.String, message: Schema.String })
export interface Fault extends Schema.Schema.Type<typeof Fault> {}

/** The input is not what the shop takes; every fault is listed, and nothing has changed. */
export class InvalidInput extends Schema.TaggedError<InvalidInput>()("InvalidInput", {
  errors: Schema.Array(Fault)
}) {
  override get message() {
    return this.errors.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`)).join("; ")
  }
}

export { faultsOf }

/** A refusal with one fault, at a JSON Pointer. */
export const invalidAt = (path: string, message: string) => new InvalidInput({ errors: [{ path, message }] })

/**
 * Decodes what a caller gave; every service method does so before it does anything else. Keys that nobody knows are left
 * alone, unless the options say otherwise.
 */
export const decoder = <A, I>(schema: Schema.Codec<A, I>, options: SchemaAST.ParseOptions = {}) => {
  const decode = Schema.decodeUnknownResult(schema, { errors: "all", ...options })
  return (input: unknown): Result.Result<A, InvalidInput> =>
    Result.mapError(decode(input), (error) => new InvalidInput({ errors: faultsOf(error.issue) }))
}
