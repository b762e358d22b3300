import { expect, it } from "@effect/vitest"
import { Arbitrary, Effect, Predicate } from "effect"
import * as Memory from "../../src/adapters/memory/index.ts"
import { type Product, productVersion } from "../../src/domain/catalog/Product.ts"
import { type Order, orderVersion } from "../../src/domain/orders/Order.ts"
import { commandsAbout, type Exchange, play, shopOn } from "../../src/testing/model/index.ts"

const shop = shopOn(Memory.layer)

/** Everything in an answer that is a product or an order, with its version. */
const versionsIn = (value: unknown): ReadonlyArray<readonly [version: string, json: string]> => {
  if (Array.isArray(value)) return value.flatMap(versionsIn)
  if (!Predicate.isObject(value)) return []
  const known = typeof value.id === "string" && value.id !== "an unknown id"
  const has = (...names: ReadonlyArray<string>) => known && names.every((name) => name in value)
  const revived = { ...value, updatedAt: new Date(String(value.updatedAt)) }
  const json = JSON.stringify(value)
  if (has("categoryId", "stock", "updatedAt"))
    return [[`product ${productVersion(revived as unknown as Product)}`, json]]
  if (has("customerId", "items", "version"))
    return [[`order ${orderVersion(revived as unknown as Order)}`, json]]
  return Object.values(value).flatMap(versionsIn)
}

/** What was seen of each version. */
const seenIn = (exchanges: ReadonlyArray<Exchange>): ReadonlyMap<string, ReadonlySet<string>> => {
  const seen = new Map<string, Set<string>>()
  for (const { answer } of exchanges) {
    for (const [version, json] of versionsIn("answered" in answer ? answer.answered : undefined)) {
      seen.set(version, (seen.get(version) ?? new Set()).add(json))
    }
  }
  return seen
}

it.live("a version of a product or an order is seen in one form only, in random lives of a shop [A7]", () =>
  Effect.gen(function* () {
    const count = { products: 0, orders: 0, changed: 0 }
    const check = yield* Arbitrary.checkEffect(
      commandsAbout.everything,
      (sequence) =>
        Effect.gen(function* () {
          const seen = seenIn(yield* Effect.provide(play(sequence), shop, { local: true }))
          const versions = [...seen.keys()]
          count.products += versions.filter((version) => version.startsWith("product")).length
          count.orders += versions.filter((version) => version.startsWith("order")).length
          count.changed += versions.filter((version) => / [2-9] \d+/.test(version)).length
          for (const [version, forms] of seen) expect([...forms], version).toHaveLength(1)
          return true
        }),
      { runs: 100, seed: process.env.TEST_SEED, size: 120 }
    )
    expect(check._tag).toBe("Passed")
    expect(count.products).toBeGreaterThan(100)
    expect(count.orders).toBeGreaterThan(100)
    expect(count.changed).toBeGreaterThan(50)
  })
)
