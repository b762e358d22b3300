import { Schema } from "effect"

/**
 * Schema of an idempotency key: 1 to 255 visible ASCII characters. The caller chooses a new key for each operation
 * that must happen once.
 */
export const IdempotencyKey = Schema.String.check(
  Schema.isPattern(/^[\x21-\x7e]{1,255}$/u, { expected: "1 to 255 visible ASCII characters" })
)

/** Operations that accept an idempotency key. */
export type Operation =
  | "place order"
  | "ship order"
  | "complete order"
  | "expire order"
  | "cancel order"
  | "return items"
  | "move order"
  | "pay order"
  | "record outcome"
  | "capture payment"
  | "void payment"
  | "refund payment"
  | "record operation"
  | "record operation outcome"
  | "create category"
  | "rename category"
  | "create product"
  | "change product"
  | "adjust stock"
  | "create voucher"
  | "change voucher"

/** An idempotency key with the request that it guards. */
export interface IdempotencyClaim {
  /** Id of the account or customer that the key belongs to. */
  readonly scope: string
  readonly operation: Operation
  readonly key: string
  /** Canonical text of the decoded request. A second request with another fingerprint is refused. */
  readonly fingerprint: string
}

/** Result of an operation with an idempotency key. `replayed` is true if an earlier call produced it. */
export interface IdempotentResult<A> {
  readonly value: A
  readonly replayed: boolean
}

/** Returns the value of a result, replayed or not. */
export const resultOf = <A>(result: IdempotentResult<A>): A => result.value
/** Wraps a value that this call produced. */
export const firstTime = <A>(value: A): IdempotentResult<A> => ({ value, replayed: false })
/** Wraps a value that an earlier call with the same key produced. */
export const replayed = <A>(value: A): IdempotentResult<A> => ({ value, replayed: true })

/** Refusal: the key belongs to a request with another fingerprint. */
export class IdempotencyKeyReused extends Schema.TaggedError<IdempotencyKeyReused>()("IdempotencyKeyReused", {
  key: Schema.String
}) {
  override get message() {
    return "The idempotency key was already used for another request."
  }
}

/** Returns the request as JSON with sorted keys, so that equal requests have equal fingerprints. */
export const fingerprint = (request: unknown): string =>
  JSON.stringify(request, (_, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value
  )

/** Returns the idempotency claim of a request. Returns `undefined` if the request has no key. */
export const claimFor = (
  operation: Operation,
  scope: string,
  key: string | undefined,
  request: unknown
): IdempotencyClaim | undefined =>
  key === undefined ? undefined : { scope, operation, key, fingerprint: fingerprint(request) }
