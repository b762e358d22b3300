import { Effect, Result, type Schema } from "effect"
import { decoder, InvalidInput } from "../../domain/shared/InvalidInput.ts"

/** Accepts a schema only if it decodes exactly the declared input, so that the two cannot drift apart. */
type Decodes<Encoded, Input> =
  (<T>() => T extends Encoded ? 1 : 2) extends <T>() => T extends Input ? 1 : 2
    ? unknown
    : { readonly "The declared input differs from what the schema decodes": never }

/** A misplaced or misspelled member would be lost in silence: an idempotency key with it. */
const strict = { onExcessProperty: "error" } as const

/** Decodes an input. Fails with `InvalidInput` that lists every fault, unknown members included. */
export const decodeInput =
  <Input>() =>
  <A, I>(
    schema: Schema.Codec<A, I> & Decodes<I, Input>
  ): ((input: Input) => Effect.Effect<A, InvalidInput>) => {
    const decode = decoder(schema, strict)
    return (input) => Effect.fromResult(decode(input))
  }

const faults = (result: Result.Result<unknown, InvalidInput>) =>
  Result.isFailure(result) ? result.failure.errors : []

/** Decodes an input together with the options of its call. Fails with `InvalidInput` that lists the faults of both. */
export const decodeCall =
  <Input, Options>() =>
  <A, I, B, J>(
    input: Schema.Codec<A, I> & Decodes<I, Input>,
    options: Schema.Codec<B, J> & Decodes<J, Options>
  ): ((input: Input, options?: Options) => Effect.Effect<readonly [A, B], InvalidInput>) => {
    const [decodeOne, decodeOther] = [decoder(input, strict), decoder(options, strict)]
    const noOptions = decodeOther({})
    return (given, options) => {
      const one = decodeOne(given)
      const other = options === undefined ? noOptions : decodeOther(options)
      return Result.isSuccess(one) && Result.isSuccess(other)
        ? Effect.succeed([one.success, other.success])
        : Effect.fail(new InvalidInput({ errors: [...faults(one), ...faults(other)] }))
    }
  }
