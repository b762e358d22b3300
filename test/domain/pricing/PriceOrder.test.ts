import { describe, it } from "@effect/vitest"
import { assertFailure, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Arbitrary, Result, Schema } from "effect"
import {
  type AdjustmentRequest,
  AdjustmentRequests,
  wholeRate
} from "../../../src/domain/pricing/Adjustment.ts"
import { type PricedItem, type PricedOrder, priceOrder } from "../../../src/domain/pricing/PriceOrder.ts"
import { ProductId } from "../../../src/domain/shared/Ids.ts"
import { AmountOverflow, MixedCurrencies } from "../../../src/domain/shared/Money.ts"
import { int, oneOf, pick, rate, receipt } from "../../../src/testing/Generators.ts"
import { faultsIn, shuffle } from "../support.ts"

type Items = readonly [PricedItem, ...Array<PricedItem>]

const ids = Array.from({ length: 6 }, (_, n) => ProductId.make(`0198c0de-0000-7000-8000-00000000000${n}`))
const idOf = (index: number) => ids[index] ?? ProductId.make("0198c0de-0000-7000-8000-0000000000ff")

const itemsOf = (amounts: ReadonlyArray<number>, currency = "EUR"): Items => {
  const [first, ...rest] = amounts.map((amount, index) => ({
    productId: idOf(index),
    total: { amount, currency }
  }))
  if (first === undefined) throw new Error("An order has items")
  return [first, ...rest]
}

const amounts = Arbitrary.array(oneOf([int(0, 100), int(0, 1_000_000), pick([0])]), {
  minLength: 1,
  maxLength: 6
})
const requests = receipt(ids)
const whole = receipt(ids, { whole: true })

const priced = (items: Items, requests: ReadonlyArray<AdjustmentRequest>): PricedOrder =>
  Result.getOrThrow(priceOrder(items, requests))

const figures = ({ adjustments }: PricedOrder) => adjustments.map(({ amount }) => amount.amount)

/** What a rule says in fractions, to be compared with a figure: twice the distance, in the unit of the denominator. */
const withinHalf = (figure: number, numerator: bigint, denominator: bigint) => {
  const distance = 2n * (BigInt(figure) * denominator - numerator)
  return distance <= denominator && distance >= -denominator
}

describe("the receipt of an order", () => {
  it.prop("without adjustments is the sum of its items, and has none", { amounts }, ({ amounts }) => {
    const total = amounts.reduce((sum, amount) => sum + amount, 0)
    deepStrictEqual(priced(itemsOf(amounts), []), {
      adjustments: [],
      total: { amount: total, currency: "EUR" }
    })
  })

  it.prop(
    "adds up: items and fees, less discounts, and taxes that are added [S14]",
    { amounts, requests },
    ({ amounts, requests }) => {
      const { adjustments, total } = priced(itemsOf(amounts), requests)
      let expected = amounts.reduce((sum, amount) => sum + amount, 0)
      for (const { kind, amount, included } of adjustments) {
        if (kind === "fee") expected += amount.amount
        if (kind === "discount") expected -= amount.amount
        if (kind === "tax" && included === false) expected += amount.amount
      }
      deepStrictEqual(total, { amount: expected, currency: "EUR" })
    }
  )

  it.prop(
    "has no negative figure, share or total, and shares that sum to their figure [S14]",
    { amounts, requests },
    ({ amounts, requests }) => {
      const { adjustments, total } = priced(itemsOf(amounts), requests)
      assertTrue(total.amount >= 0)
      const lines = amounts.length + adjustments.filter(({ kind }) => kind === "fee").length
      for (const { kind, amount, shares } of adjustments) {
        assertTrue(amount.amount >= 0)
        strictEqual(shares === undefined, kind === "fee")
        if (shares === undefined) continue
        strictEqual(shares.length, lines)
        assertTrue(shares.every((share) => share >= 0))
        strictEqual(
          shares.reduce((sum, share) => sum + share, 0),
          amount.amount
        )
      }
    }
  )

  it.prop("takes no more off a line than its price", { amounts, requests }, ({ amounts, requests }) => {
    const { adjustments } = priced(itemsOf(amounts), requests)
    const fees = adjustments.filter(({ kind }) => kind === "fee").map(({ amount }) => amount.amount)
    for (const [index, price] of [...amounts, ...fees].entries()) {
      const off = adjustments
        .filter(({ kind }) => kind === "discount")
        .reduce((sum, { shares = [] }) => sum + (shares[index] ?? 0), 0)
      assertTrue(off <= price)
    }
  })

  it.prop(
    "takes off a fixed discount, or what is left",
    { amounts, first: int(0, 10_000), second: int(0, 1_000_000) },
    ({ amounts, first, second }) => {
      const all = amounts.reduce((sum, amount) => sum + amount, 0)
      const receipt = priced(itemsOf(amounts), [
        { kind: "discount", code: "a", name: "A", amount: first },
        { kind: "discount", code: "b", name: "B", amount: second }
      ])
      const left = all - Math.min(first, all)
      deepStrictEqual(figures(receipt), [Math.min(first, all), Math.min(second, left)])
    }
  )

  it.prop(
    "is 0 after a discount of 100 %, with a tax of 0 and nothing for a second discount",
    { amounts, rate, included: pick([true, false]) },
    ({ amounts, rate, included }) => {
      const all = { kind: "discount", code: "all", name: "All", rate: wholeRate } as const
      const receipt = priced(itemsOf(amounts), [
        all,
        all,
        { kind: "tax", code: "t", name: "T", rate, included }
      ])
      const goods = amounts.reduce((sum, amount) => sum + amount, 0)
      deepStrictEqual([...figures(receipt), receipt.total.amount], [goods, 0, 0, 0])
    }
  )

  it.prop(
    "has the same figures if a line is divided in two, and if lines are permuted",
    { amounts, whole, at: int(0, 5), part: int(0, 1_000_000), seed: int(0, 1000) },
    ({ amounts, whole, at, part, seed }) => {
      const expected = priced(itemsOf(amounts), whole)
      const index = at % amounts.length
      const first = Math.min(part, amounts[index] ?? 0)
      const divided = amounts.toSpliced(index, 1, first, (amounts[index] ?? 0) - first)
      for (const others of [divided, shuffle(amounts, seed)]) {
        const receipt = priced(itemsOf(others), whole)
        deepStrictEqual(figures(receipt), figures(expected))
        deepStrictEqual(receipt.total, expected.total)
      }
    }
  )

  it.prop(
    "has the same total with included taxes as without, and they are the tax in the price to within one half",
    { amounts, rates: Arbitrary.array(rate, { minLength: 1, maxLength: 3 }) },
    ({ amounts, rates }) => {
      const taxes = rates.map(
        (rate, n) => ({ kind: "tax", code: `t${n}`, name: "Tax", rate, included: true }) as const
      )
      const receipt = priced(itemsOf(amounts), taxes)
      const gross = amounts.reduce((sum, amount) => sum + amount, 0)
      strictEqual(receipt.total.amount, gross)
      const sumOfRates = BigInt(rates.reduce((sum, rate) => sum + rate, 0))
      const tax = figures(receipt).reduce((sum, figure) => sum + figure, 0)
      assertTrue(withinHalf(tax, BigInt(gross) * sumOfRates, BigInt(wholeRate) + sumOfRates))
    }
  )

  it.prop(
    "has added taxes that are exact to within one half, each on the price and none on another",
    { amounts, rates: Arbitrary.array(rate, { minLength: 1, maxLength: 3 }) },
    ({ amounts, rates }) => {
      const taxes = rates.map(
        (rate, n) => ({ kind: "tax", code: `t${n}`, name: "Tax", rate, included: false }) as const
      )
      const base = BigInt(amounts.reduce((sum, amount) => sum + amount, 0))
      for (const [index, figure] of figures(priced(itemsOf(amounts), taxes)).entries()) {
        assertTrue(withinHalf(figure, base * BigInt(rates[index] ?? 0), BigInt(wholeRate)))
      }
    }
  )

  it.prop(
    "has the same taxes in any order",
    { amounts, requests, seed: int(0, 1000) },
    ({ amounts, requests, seed }) => {
      const taxes = requests
        .filter(({ kind }) => kind === "tax")
        .map((tax, n) => ({ ...tax, code: `tax ${n}` }))
      const others = requests.filter(({ kind }) => kind !== "tax")
      const byCode = (receipt: PricedOrder) =>
        receipt.adjustments
          .filter(({ kind }) => kind === "tax")
          .toSorted((a, b) => (a.code < b.code ? -1 : 1))
          .map(({ code, amount, shares }) => ({ code, amount, shares }))
      deepStrictEqual(
        byCode(priced(itemsOf(amounts), [...others, ...shuffle(taxes, seed)])),
        byCode(priced(itemsOf(amounts), [...others, ...taxes]))
      )
    }
  )

  it.prop(
    "never costs more with one more discount",
    { amounts, whole, rate, amount: int(0, 100_000), isFixed: pick([true, false]) },
    ({ amounts, whole, rate, amount, isFixed }) => {
      const named = { kind: "discount", code: "more", name: "More" } as const
      const more = isFixed ? { ...named, amount } : { ...named, rate }
      const before = priced(itemsOf(amounts), whole).total.amount
      assertTrue(priced(itemsOf(amounts), [...whole, more]).total.amount <= before)
    }
  )

  it("is refused in two currencies", () => {
    const [first] = itemsOf([1])
    const [second] = itemsOf([1], "USD")
    assertFailure(priceOrder([first, second], []), new MixedCurrencies({ currencies: ["EUR", "USD"] }))
  })

  it.each([
    ["items", [Number.MAX_SAFE_INTEGER, 1], []],
    ["a fee", [Number.MAX_SAFE_INTEGER], [{ kind: "fee", code: "f", name: "F", amount: 1 }]],
    [
      "an added tax",
      [Number.MAX_SAFE_INTEGER],
      [{ kind: "tax", code: "t", name: "T", included: false, rate: 190_000 }]
    ],
    [
      "added taxes of a tax service",
      [1],
      [
        { kind: "tax", code: "t", name: "T", included: false, amount: Number.MAX_SAFE_INTEGER },
        { kind: "tax", code: "u", name: "U", included: false, amount: Number.MAX_SAFE_INTEGER }
      ]
    ]
  ] as const)("is refused if %s are too much for it", (_, amounts, requests) => {
    assertFailure(priceOrder(itemsOf(amounts), requests), new AmountOverflow())
  })

  it.each([
    [
      "a line with included and added taxes",
      [
        { kind: "tax", code: "a", name: "A", included: true, rate: 1 },
        { kind: "tax", code: "b", name: "B", included: false, rate: 1 }
      ]
    ],
    [
      "two fees with one code",
      [
        { kind: "fee", code: "a", name: "A", amount: 1 },
        { kind: "fee", code: "a", name: "B", amount: 1 }
      ]
    ],
    [
      "an included tax of more than the price",
      [{ kind: "tax", code: "a", name: "A", included: true, amount: 101 }]
    ],
    [
      "a tax on nothing",
      [{ kind: "tax", code: "a", name: "A", included: false, amount: 1, on: { fees: ["none"] } }]
    ],
    [
      "51 adjustments",
      Array.from({ length: 51 }, (_, n) => ({ kind: "fee", code: `${n}`, name: "F", amount: 0 }) as const)
    ]
  ] as const)("is refused with %s", (_, requests) => {
    const refused = priceOrder(itemsOf([100]), requests)
    assertTrue(Result.isFailure(refused) && refused.failure._tag === "InvalidInput")
  })
})

describe("what is asked for", () => {
  const fee = { kind: "fee", code: "f", name: "F", amount: 1 }
  const discount = { kind: "discount", code: "d", name: "D", rate: 1 }
  const tax = { kind: "tax", code: "t", name: "T", included: true, rate: 1 }
  it.each([
    [{ ...fee, amount: -1 }],
    [{ ...fee, amount: 0.5 }],
    [{ ...fee, amount: 2 ** 53 }],
    [{ ...fee, code: " " }],
    [{ ...discount, rate: 1_000_001 }],
    [{ ...discount, rate: -1 }],
    [{ ...discount, rate: 0.19 }],
    [{ ...discount, amount: 1 }],
    [{ ...tax, rate: Number.NaN }],
    [{ ...tax, included: undefined }],
    [{ ...tax, kind: "surcharge" }],
    ["nonsense"]
  ])("is never %o", (request) => {
    deepStrictEqual(faultsIn(AdjustmentRequests, [fee, discount, tax]), [])
    assertTrue(faultsIn(AdjustmentRequests, [request]).length > 0)
  })

  it("is no more than 50 figures", () => {
    const fees = Array.from({ length: 51 }, () => fee)
    assertTrue(Schema.is(AdjustmentRequests)(fees.slice(1)))
    assertTrue(!Schema.is(AdjustmentRequests)(fees))
  })
})

const percent = (rate: number) => Math.round(rate * 10_000)
const off = (rate: number): AdjustmentRequest => ({
  kind: "discount",
  code: "off",
  name: "Off",
  rate: percent(rate)
})
const less = (amount: number): AdjustmentRequest => ({ kind: "discount", code: "less", name: "Less", amount })
const fee = (amount: number): AdjustmentRequest => ({
  kind: "fee",
  code: "delivery",
  name: "Delivery",
  amount
})
const tax = (rate: number, included: boolean, ...items: ReadonlyArray<number>): AdjustmentRequest => ({
  kind: "tax",
  code: `tax ${rate}`,
  name: "Tax",
  rate: percent(rate),
  included,
  ...(items.length > 0 && { on: { items: items.map(idOf) } })
})
const plus = (rate: number, ...items: ReadonlyArray<number>) => tax(rate, false, ...items)
const incl = (rate: number, ...items: ReadonlyArray<number>) => tax(rate, true, ...items)
const free: AdjustmentRequest = {
  kind: "discount",
  code: "free",
  name: "Free",
  rate: wholeRate,
  on: { fees: ["delivery"] }
}

// What people have reported as wrong elsewhere, with the right answers in minor units.
describe("a receipt that others have got wrong", () => {
  it.each<[string, ReadonlyArray<number>, ReadonlyArray<AdjustmentRequest>, ReadonlyArray<number>, number]>([
    ["34.90 − 15 %", [3490], [off(15)], [524], 2966],
    ["19.95 − 50 %", [1995], [off(50)], [998], 997],
    ["49.95 − 10 %", [4995], [off(10)], [500], 4495],
    ["1.01 − 50 %", [101], [off(50)], [51], 50],
    ["20 × 1.97 − 12 %", [3940], [off(12)], [473], 3467],
    ["100 − 500", [10_000], [less(50_000)], [10_000], 0],
    ["30 − 45", [3000], [less(4500)], [3000], 0],
    ["6000 − 7000", [600_000], [less(700_000)], [600_000], 0],
    ["a delivery of 13.14 freed twice", [100], [fee(1314), free, free], [1314, 1314, 0], 100],
    ["− 100 %, then − 15 %", [1000], [off(100), off(15)], [1000, 0], 0],
    ["169.42 − 158.00", [16_942], [less(15_800)], [15_800], 1142],
    ["1190.00 with 19 %, − 119.00", [119_000], [less(11_900), incl(19)], [11_900, 17_100], 107_100],
    [
      "4 × 65.00 − 10 %, delivery 5.95, + 6 %",
      [26_000],
      [fee(595), off(10), plus(6)],
      [595, 2600, 1440],
      25_435
    ],
    ["25.00 with 20 %, − 20 %", [2500], [off(20), incl(20)], [500, 333], 2000],
    ["305.00 with 21 %, − 10 %", [30_500], [off(10), incl(21)], [3050, 4764], 27_450],
    ["5.00 − 10 %, + 20 %", [500], [off(10), plus(20)], [50, 90], 540],
    ["120 + 180 − 60, + 21 %", [12_000, 18_000], [less(6000), plus(21)], [6000, 5040], 29_040],
    ["299.00 − 5 %, + 10.1 %", [29_900], [off(5), plus(10.1)], [1495, 2869], 31_274],
    ["3 × 1.08 + 19 %", [324], [plus(19)], [62], 386],
    ["4 × 5.63 + 22 %", [2252], [plus(22)], [495], 2747],
    ["10 × 3.60 + 5.5 %", [3600], [plus(5.5)], [198], 3798],
    ["2 × 10.70 + 21 %, in one line", [2140], [plus(21)], [449], 2589],
    ["2 × 10.70 + 21 %, in two lines", [1070, 1070], [plus(21)], [449], 2589],
    ["36 × 1.66 + 20 %", [5976], [plus(20)], [1195], 7171],
    ["2 × 379.00 with 21 %", [37_900, 37_900], [incl(21)], [13_155], 75_800],
    ["16,000 + 10,000 with 7 %", [1_600_000, 1_000_000], [incl(7)], [170_093], 2_600_000],
    ["8.01 with 20 %", [801], [incl(20)], [134], 801],
    ["2.99 with 4 %", [299], [incl(4)], [12], 299],
    ["2 × 1.96 with 13 % and 2 × 0.04 with 24 %", [392, 8], [incl(13, 0), incl(24, 1)], [45, 2], 400],
    ["31.43 + 8.5475 %", [3143], [plus(8.5475)], [269], 3412],
    ["17.99 + 5 %", [1799], [plus(5)], [90], 1889],
    ["17.99 with 5 %", [1799], [incl(5)], [86], 1799]
  ])("%s", (_, amounts, requests, expected, total) => {
    const receipt = priced(itemsOf(amounts), requests)
    deepStrictEqual([figures(receipt), receipt.total.amount], [expected, total])
  })

  it.each<[string, ReadonlyArray<number>, AdjustmentRequest, ReadonlyArray<number>]>([
    ["10.00 off three equal lines", [1000, 1000, 1000], less(1000), [334, 333, 333]],
    ["1.03 off 1.00 and 1.00", [100, 100], less(103), [52, 51]],
    ["10 off 50 and 10", [5000, 1000], less(1000), [833, 167]],
    ["a tax in two lines of 379.00", [37_900, 37_900], incl(21), [6578, 6577]]
  ])("has the shares of %s", (_, amounts, request, shares) => {
    deepStrictEqual(priced(itemsOf(amounts), [request]).adjustments[0]?.shares, shares)
  })
})
