import { describe, it } from "@effect/vitest"
import { assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Arbitrary } from "effect"
import { allocate, prorate, roundHalfUp } from "../../../src/domain/pricing/Allocation.ts"
import { int, oneOf } from "../../../src/testing/Generators.ts"

const amount = oneOf([int(0, 1000), int(0, Number.MAX_SAFE_INTEGER)])
const weights = Arbitrary.array(oneOf([int(0, 10), int(0, Number.MAX_SAFE_INTEGER)]), {
  minLength: 1,
  maxLength: 12
})
const sum = (parts: ReadonlyArray<number>) => parts.reduce((total, part) => total + BigInt(part), 0n)

describe("an allocation", () => {
  it.prop("sums to its amount", { amount, weights }, ({ amount, weights }) => {
    strictEqual(sum(allocate(amount, weights)), BigInt(amount))
  })

  it.prop(
    "gives each part its exact share to within one, and nothing for a weight of 0",
    { amount, weights },
    ({ amount, weights }) => {
      const all = sum(weights)
      const parts = allocate(amount, weights)
      for (const [index, weight] of weights.entries()) {
        const part = BigInt(parts[index] ?? -1)
        assertTrue(part >= 0n)
        if (all === 0n) continue
        const difference = part * all - BigInt(amount) * BigInt(weight)
        assertTrue(difference < all && difference > -all)
        if (weight === 0) strictEqual(part, 0n)
      }
    }
  )

  it.prop(
    "by equal weights differs by at most 1, the larger parts first",
    { amount, weight: int(0, 1000), lines: int(1, 30) },
    ({ amount, weight, lines }) => {
      const parts = allocate(
        amount,
        Array.from({ length: lines }, () => weight)
      )
      deepStrictEqual(
        parts.toSorted((a, b) => b - a),
        parts
      )
      assertTrue((parts[0] ?? 0) - (parts.at(-1) ?? 0) <= 1)
    }
  )

  it.each([
    [1000, [1, 1, 1], [334, 333, 333]],
    [103, [100, 100], [52, 51]],
    [10, [0, 0], [5, 5]],
    [10, [], []]
  ])("of %o by %o is %o", (amount, weights, parts) => {
    deepStrictEqual(allocate(amount, weights), parts)
  })
})

describe("a part of an amount", () => {
  const units = int(1, 1_000_000)

  it.prop("is nothing for no units, and all for all", { amount, units }, ({ amount, units }) => {
    deepStrictEqual([prorate(amount, 0, units), prorate(amount, units, units)], [0, amount])
  })

  it.prop(
    "never falls as units are added",
    { amount, units, part: int(0, 999_999) },
    ({ amount, units, part }) => {
      const less = Math.min(part, units - 1)
      assertTrue(prorate(amount, less, units) <= prorate(amount, less + 1, units))
    }
  )

  it("of 10.00 over three units is 3.33, 3.34 and 3.33, one after the other", () => {
    const upTo = [0, 1, 2, 3].map((units) => prorate(1000, units, 3))
    deepStrictEqual(upTo, [0, 333, 667, 1000])
  })
})

it("rounds halves up", () => {
  deepStrictEqual(
    [0n, 1n, 2n, 3n, 4n, 5n].map((n) => roundHalfUp(n, 4n)),
    [0n, 0n, 1n, 1n, 1n, 1n]
  )
})
