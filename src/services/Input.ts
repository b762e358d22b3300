import { Effect, Schema } from "effect"
import { Actor, systemActor } from "../domain/shared/Attribution.ts"
import { IdempotencyKey } from "../domain/shared/Idempotency.ts"
import { decoder, type InvalidInput } from "../domain/shared/InvalidInput.ts"

/** Every change says who makes it; "system" if nobody else. */
export const actor = { actor: Schema.optional(Actor) }

/** A change that is made once per key, however often it is asked for. */
export const idempotency = { ...actor, idempotencyKey: Schema.optional(IdempotencyKey) }

export const actorOf = (input: { readonly actor?: string | undefined }): string => input.actor ?? systemActor

/** Reads an input, or fails with all that is wrong with it. */
export const decodeInput = <A, I>(
  schema: Schema.Codec<A, I>
): ((input: unknown) => Effect.Effect<A, InvalidInput>) => {
  const decode = decoder(schema)
  return (input) => Effect.fromResult(decode(input))
}
