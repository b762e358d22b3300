/** What the judge checks. */
export const rules = {
  durability: "what was answered with success exists, with its contents and at least its version",
  refusal:
    "what was refused or answered `notApplied` has not happened; what is unknown happened at most once",
  idempotency: "an idempotency key has one effect, and all its answers are the same",
  stock:
    "stock = opening stock + adjustments − units of orders that have not failed, by the answers and by the store",
  recency: "a call that begins after an answer sees at least the version of that answer",
  feed: "the feed has the events of all histories, and each page that a reader saw is a part of it without gaps",
  invariant: "`verify` finds no violated invariant"
} as const

/** Name of a rule of the judge. */
export type Rule = keyof typeof rules

/** A broken rule. `id` is the id of the order, payment, product or account, or the idempotency key. */
export interface Finding {
  readonly rule: Rule
  readonly id: string
  readonly detail: string
}
