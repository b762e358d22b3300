import { Result, Schema, type SchemaAST } from "effect"
import { faultsOf } from "./SchemaIssues.ts"

/** One error in an input: its location as a JSON Pointer (RFC 6901), and a message. */
export const Fault = Schema.Struct({ path: Schema.String, message: Schema.String })
export interface Fault extends Schema.Schema.Type<typeof Fault> {}

/** Refusal: the input does not match its schema. `errors` lists every fault. Nothing was changed. */
export class InvalidInput extends Schema.TaggedError<InvalidInput>()("InvalidInput", {
  errors: Schema.Array(Fault)
}) {
  override get message() {
    return this.errors.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`)).join("; ")
  }
}

export { faultsOf }

/** Returns an `InvalidInput` with one fault at a JSON Pointer (RFC 6901). */
export const invalidAt = (path: string, message: string) => new InvalidInput({ errors: [{ path, message }] })

/**
 * Returns a function that decodes unknown input and lists all faults. Unknown keys are ignored unless `options`
 * says otherwise.
 */
export const decoder = <A, I>(schema: Schema.Codec<A, I>, options: SchemaAST.ParseOptions = {}) => {
  const decode = Schema.decodeUnknownResult(schema, { errors: "all", ...options })
  return (input: unknown): Result.Result<A, InvalidInput> =>
    Result.mapError(decode(input), (error) => new InvalidInput({ errors: faultsOf(error.issue) }))
}
