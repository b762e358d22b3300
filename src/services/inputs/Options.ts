import { Schema } from "effect"
import { Actor } from "../../domain/shared/Attribution.ts"
import { IdempotencyKey } from "../../domain/shared/Idempotency.ts"

/** The options of a call that makes a change. */
export interface ActorOptions {
  /**
   * Who makes the change: an account's id, or a name of yours such as "warehouse 7". 1 to 200 characters. Defaults to
   * "system"; `orders.place` defaults to the customer. Fails with `InvalidInput`.
   */
  readonly actor?: string | undefined
}

/** The options of a call that makes a change at most once per key. */
export interface ChangeOptions extends ActorOptions {
  /**
   * Makes a repeated call safe: the same input with the same key returns the earlier result. 1 to 255 visible ASCII
   * characters. A key belongs to one operation of one actor, or to one customer for `orders.place`. Defaults to no key. Fails with
   * `IdempotencyKeyReused` if the key belongs to another input, and with `InvalidInput`.
   */
  readonly idempotencyKey?: string | undefined
}

/** Decodes `ActorOptions`. */
export const ActorFields = Schema.Struct({ actor: Schema.optional(Actor) })

/** Decodes `ChangeOptions`. */
export const ChangeFields = Schema.Struct({
  ...ActorFields.fields,
  idempotencyKey: Schema.optional(IdempotencyKey)
})
