import { deepStrictEqual } from "@effect/vitest/utils"
import { Result, type Schema } from "effect"
import { decoder } from "../../src/domain/shared/InvalidInput.ts"

/** Decides something and makes sure that the facts are afterwards what they were before. */
export const untouched = <Facts, Decision>(facts: Facts, decide: (facts: Facts) => Decision): Decision => {
  const before = structuredClone(facts)
  const decision = decide(facts)
  deepStrictEqual(facts, before)
  return decision
}

/** The same items in another order, which the seed decides. */
export const shuffle = <A>(items: ReadonlyArray<A>, seed: number): ReadonlyArray<A> => {
  const ranked = items.map((item, index) => ({ item, rank: Math.imul(seed + index, 0x9e3779b1) >>> 0 }))
  return ranked.sort((a, b) => a.rank - b.rank).map(({ item }) => item)
}

/** Where an input is wrong, as JSON Pointers; nowhere if it decodes. */
export const faultsIn = <A, I>(schema: Schema.Codec<A, I>, input: unknown): ReadonlyArray<string> =>
  Result.match(decoder(schema)(input), {
    onSuccess: () => [],
    onFailure: ({ errors }) => errors.map(({ path }) => path)
  })

/** Whether an input decodes. */
export const accepts = <A, I>(schema: Schema.Codec<A, I>, input: unknown): boolean =>
  faultsIn(schema, input).length === 0

/** The life of an order, written down a second time by hand. */
export const legal = [
  { event: "placed", from: null, to: "CREATED", stock: "taken" },
  { event: "paid", from: "CREATED", to: "PAID", stock: "kept" },
  { event: "declined", from: "CREATED", to: "FAILED", stock: "restocked" },
  { event: "expired", from: "CREATED", to: "FAILED", stock: "restocked" },
  { event: "shipped", from: "PAID", to: "PAID", stock: "kept" },
  { event: "shipped", from: "PAID", to: "SHIPPED", stock: "kept" },
  { event: "completed", from: "SHIPPED", to: "COMPLETED", stock: "kept" },
  { event: "cancelled", from: "CREATED", to: "CREATED", stock: "partly restocked" },
  { event: "cancelled", from: "CREATED", to: "CANCELLED", stock: "restocked" },
  { event: "cancelled", from: "PAID", to: "PAID", stock: "partly restocked" },
  { event: "cancelled", from: "PAID", to: "SHIPPED", stock: "partly restocked" },
  { event: "cancelled", from: "PAID", to: "CANCELLED", stock: "restocked" },
  { event: "returned", from: "PAID", to: "PAID", stock: "partly restocked" },
  { event: "returned", from: "SHIPPED", to: "SHIPPED", stock: "partly restocked" },
  { event: "returned", from: "COMPLETED", to: "COMPLETED", stock: "partly restocked" },
  { event: "authorized", from: "CREATED", to: "CREATED", stock: "kept" },
  { event: "authorization-voided", from: "CREATED", to: "CREATED", stock: "kept" },
  { event: "authorization-voided", from: "CANCELLED", to: "CANCELLED", stock: "kept" },
  { event: "charged-late", from: "FAILED", to: "FAILED", stock: "kept" },
  { event: "charged-late", from: "CANCELLED", to: "CANCELLED", stock: "kept" },
  ...(["refunded", "refund-failed", "charged-back", "chargeback-reversed"] as const).flatMap((event) =>
    (["PAID", "SHIPPED", "COMPLETED", "FAILED", "CANCELLED"] as const).map(
      (status) => ({ event, from: status, to: status, stock: "kept" }) as const
    )
  ),
  { event: "stage-changed", from: "CREATED", to: "CREATED", stock: "kept" },
  { event: "stage-changed", from: "PAID", to: "PAID", stock: "kept" },
  { event: "stage-changed", from: "SHIPPED", to: "SHIPPED", stock: "kept" },
  { event: "stage-changed", from: "COMPLETED", to: "COMPLETED", stock: "kept" },
  { event: "stage-changed", from: "FAILED", to: "FAILED", stock: "kept" },
  { event: "stage-changed", from: "CANCELLED", to: "CANCELLED", stock: "kept" }
] as const
