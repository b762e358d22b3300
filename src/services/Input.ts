import { Effect, Schema } from "effect"
import { IdempotencyKey } from "../domain/shared/Idempotency.ts"
import { decoder, type InvalidInput } from "../domain/shared/InvalidInput.ts"
import { By, bySystem } from "../domain/shared/Text.ts"

/** Every change says who makes it; "system" if nobody else. */
export const by = { by: Schema.optional(By) }

/** A change that is made once per key, however often it is asked for. */
export const once = { ...by, idempotencyKey: Schema.optional(IdempotencyKey) }

export const actor = (input: { readonly by?: string | undefined }): string => input.by ?? bySystem

/** Reads an input, or fails with all that is wrong with it. */
export const reader = <A, I>(
  schema: Schema.Codec<A, I>
): ((input: unknown) => Effect.Effect<A, InvalidInput>) => {
  const decode = decoder(schema)
  return (input) => Effect.fromResult(decode(input))
}
