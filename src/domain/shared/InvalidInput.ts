import { Result, Schema, SchemaAST } from "effect"
import { hasOnlyKnownMembers } from "./KnownMembers.ts"
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
  const decodeFully = Schema.decodeUnknownResult(schema, { errors: "all", ...options })
  // By the default options Effect decodes structs several times as fast, so all faults are looked for only if there is one.
  const decodeFast = Schema.decodeUnknownResult(schema)
  const mayDecodeFast =
    options.onExcessProperty === undefined ? () => true : hasOnlyKnownMembers(SchemaAST.toEncoded(schema.ast))
  return (input: unknown): Result.Result<A, InvalidInput> => {
    if (mayDecodeFast(input)) {
      const decoded = decodeFast(input)
      if (Result.isSuccess(decoded)) return Result.succeed(decoded.success)
    }
    return Result.mapError(decodeFully(input), (error) => new InvalidInput({ errors: faultsOf(error.issue) }))
  }
}
