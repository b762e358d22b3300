import { Schema } from "effect"

/** 1 to 255 visible ASCII characters, chosen by the caller, new for each thing that it wants to happen once. */
export const IdempotencyKey = Schema.String.check(
  Schema.isPattern(/^[\x21-\x7e]{1,255}$/, { expected: "1 to 255 visible ASCII characters" })
)

/** What may be done once per key. */
export type Operation = "place order" | "pay order" | "create product" | "adjust stock"

/** A key belongs to whoever acts and to what they do; the fingerprint tells whether it is the same request again. */
export interface IdempotencyClaim {
  readonly scope: string
  readonly operation: Operation
  readonly key: string
  readonly fingerprint: string
}

/** An answer, and whether it was given before. */
export interface IdempotentResult<A> {
  readonly value: A
  readonly replayed: boolean
}

/** An answer, whether it is given for the first time or not. */
export const resultOf = <A>(answer: IdempotentResult<A>): A => answer.value
/** An answer that is given for the first time. */
export const firstTime = <A>(value: A): IdempotentResult<A> => ({ value, replayed: false })
/** An answer that was given before. */
export const replayed = <A>(value: A): IdempotentResult<A> => ({ value, replayed: true })

/** The key was used before for another request. */
export class IdempotencyKeyReused extends Schema.TaggedError<IdempotencyKeyReused>()("IdempotencyKeyReused", {
  key: Schema.String
}) {
  override get message() {
    return "This idempotency key was used for another request"
  }
}

/** The decoded request as text: equal requests have equal fingerprints, whatever the order of their keys. */
export const fingerprint = (request: unknown): string =>
  JSON.stringify(request, (_, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value
  )

/** The key of a request together with what it is good for, if the request has one. */
export const claimFor = (
  operation: Operation,
  scope: string,
  key: string | undefined,
  request: unknown
): IdempotencyClaim | undefined =>
  key === undefined ? undefined : { scope, operation, key, fingerprint: fingerprint(request) }
