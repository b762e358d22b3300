import { Schema } from "effect"
import { Actor } from "../../domain/shared/Attribution.ts"
import { IdempotencyKey } from "../../domain/shared/Idempotency.ts"

/** The options of a call that makes a change of the catalog, of orders or of payments. */
export interface ChangeOptions {
  /**
   * Who makes the change: an account's id, or a name of yours such as "warehouse 7". 1 to 255 characters. Defaults to
   * "system"; `orders.place` defaults to the customer. Fails with `InvalidInput`.
   */
  readonly actor?: string | undefined
  /**
   * Makes a repeated call safe: the same input with the same key returns the earlier result. 1 to 255 visible ASCII
   * characters. A key belongs to one operation of one actor, or to one customer for `orders.place`. Defaults to no key. Fails with
   * `IdempotencyKeyReused` if the key belongs to another input, and with `InvalidInput`.
   */
  readonly idempotencyKey?: string | undefined
}

/** The options of a call that makes a change of accounts or of service tokens. */
export interface ActorOptions extends Pick<ChangeOptions, "actor"> {}

/** Decodes `ActorOptions`. */
export const ActorFields = Schema.Struct({ actor: Schema.optional(Actor) })

/** Decodes `ChangeOptions`. */
export const ChangeFields = Schema.Struct({
  actor: Schema.optional(Actor),
  idempotencyKey: Schema.optional(IdempotencyKey)
})
