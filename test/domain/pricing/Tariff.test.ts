import { describe, it } from "@effect/vitest"
import { assertFailure, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Result } from "effect"
import type { AdjustmentRequest } from "../../../src/domain/pricing/Adjustment.ts"
import type { Basket, PricingFunction } from "../../../src/domain/pricing/Pricing.ts"
import { PricingRefused } from "../../../src/domain/pricing/Pricing.ts"
import { type TariffPart, tariff } from "../../../src/domain/pricing/Tariff.ts"
import { CategoryId, CustomerId, ProductId, VoucherId } from "../../../src/domain/shared/Ids.ts"
import { tariffPart } from "../../../src/testing/Generators.ts"

const idOf = (n: number) => ProductId.make(`0198c0de-0000-7000-8000-00000000000${n}`)
const books = CategoryId.make("0198c0de-0000-7000-8000-0000000000b0")
const tools = CategoryId.make("0198c0de-0000-7000-8000-0000000000c0")
const voucherId = VoucherId.make("0198c0de-0000-7000-8000-0000000000e0")

const line = (
  n: number,
  categoryId: CategoryId,
  taxClass: string | undefined,
  quantity: number,
  price: number
) => ({
  product: {
    id: idOf(n),
    categoryId,
    name: `Product ${n}`,
    sku: null,
    price: { amount: price, currency: "EUR" },
    stock: 10,
    active: true,
    ...(taxClass !== undefined && { taxClass })
  },
  quantity,
  total: { amount: quantity * price, currency: "EUR" }
})

/** A book, two tools and a thing without a tax class: 40.00 in all, 4 units. */
const basket: Basket = {
  customerId: CustomerId.make("0198c0de-0000-7000-8000-0000000000a0"),
  currency: "EUR",
  goods: 4000,
  lines: [
    line(1, books, "reduced", 1, 1000),
    line(2, tools, "standard", 2, 1200),
    line(3, tools, undefined, 1, 600)
  ],
  vouchers: [],
  metadata: {},
  at: new Date(0)
}

const asked = (parts: ReadonlyArray<TariffPart | PricingFunction>, seen: Partial<Basket> = {}) => {
  const answer = tariff("EUR", parts)({ ...basket, ...seen })
  return Result.isResult(answer) ? answer : Result.succeed(answer)
}
const requests = (parts: ReadonlyArray<TariffPart | PricingFunction>, seen: Partial<Basket> = {}) =>
  Result.getOrThrow(asked(parts, seen))
const named = { code: "c", name: "N" }

describe("a tariff", () => {
  it.each<[string, TariffPart, ReadonlyArray<object>]>([
    [
      "a discount on all",
      { part: "discount", ...named, rate: 1 },
      [{ rate: 1, on: { items: [1, 2, 3].map(idOf) } }]
    ],
    [
      "a discount on a category",
      { part: "discount", ...named, amount: 5, goods: { categories: [tools] } },
      [{ amount: 5, on: { items: [2, 3].map(idOf) } }]
    ],
    [
      "a discount on products of a category",
      { part: "discount", ...named, amount: 5, goods: { categories: [tools], products: [idOf(1), idOf(3)] } },
      [{ amount: 5, on: { items: [idOf(3)] } }]
    ],
    ["a discount on nothing", { part: "discount", ...named, amount: 5, goods: { products: [] } }, []],
    ["a discount from 40.00", { part: "discount", ...named, amount: 5, from: 4000 }, [{ amount: 5 }]],
    ["a discount from 40.01", { part: "discount", ...named, amount: 5, from: 4001 }, []],
    ["a flat delivery", { part: "delivery", ...named, amount: 495 }, [{ kind: "fee", amount: 495 }]],
    [
      "a delivery free from 40.00",
      { part: "delivery", ...named, amount: 495, freeFrom: 4000 },
      [{ amount: 0 }]
    ],
    [
      "a delivery free from 40.01",
      { part: "delivery", ...named, amount: 495, freeFrom: 4001 },
      [{ amount: 495 }]
    ],
    [
      "a delivery by units",
      {
        part: "delivery",
        ...named,
        by: "quantity",
        tiers: [
          { from: 0, amount: 1 },
          { from: 4, amount: 2 },
          { from: 5, amount: 3 }
        ]
      },
      [{ amount: 2 }]
    ],
    [
      "a delivery by value",
      {
        part: "delivery",
        ...named,
        by: "goods",
        tiers: [
          { from: 0, amount: 1 },
          { from: 4001, amount: 2 }
        ]
      },
      [{ amount: 1 }]
    ],
    [
      "a tax on a class and on delivery",
      {
        part: "tax",
        ...named,
        rate: 70_000,
        included: true,
        goods: { taxClasses: ["reduced"] },
        fees: ["delivery"]
      },
      [{ kind: "tax", rate: 70_000, included: true, on: { items: [idOf(1)], fees: ["delivery"] } }]
    ],
    [
      "a tax on products without a class",
      { part: "tax", ...named, rate: 190_000, included: false, goods: { taxClasses: [null] } },
      [{ included: false, on: { items: [idOf(3)], fees: [] } }]
    ]
  ])("has %s", (_, part, expected) => {
    const found = requests([part])
    strictEqual(found.length, expected.length)
    for (const [index, fields] of expected.entries()) {
      const request = found[index]
      assertTrue(request !== undefined)
      deepStrictEqual({ ...request, ...named }, { ...request, ...named, ...fields })
    }
  })

  it("asks its parts in order, functions of the host among them, and puts vouchers behind", () => {
    const gift: AdjustmentRequest = { kind: "fee", code: "gift", name: "Gift wrap", amount: 100 }
    const voucher = { kind: "discount", code: "v", name: "V", voucherId, amount: 1 } as const
    const parts = [() => Result.succeed([gift]), { part: "delivery", ...named, amount: 1 } as const]
    deepStrictEqual(
      requests(parts, { vouchers: [voucher] }).map(({ code }) => code),
      ["gift", "c", "v"]
    )
    const narrowing: PricingFunction = ({ vouchers }) =>
      vouchers.map((one) => ({ ...one, on: { fees: ["c"] } }))
    deepStrictEqual(requests([narrowing, ...parts], { vouchers: [voucher] }).length, 3)
  })

  it("refuses orders in another currency, and what a part refuses", () => {
    assertFailure(
      asked([], { currency: "USD" }),
      new PricingRefused({ reason: "This shop sells in EUR, not in USD." })
    )
    const refusal = new PricingRefused({ reason: "No." })
    assertFailure(asked([() => Result.fail(refusal)]), refusal)
  })

  it.prop(
    "takes every part that decodes, and asks for nothing that does not",
    { part: tariffPart },
    ({ part }) => {
      assertTrue(requests([part]).length <= 1)
    }
  )

  it.each([
    [{ part: "discount", ...named, rate: 1_000_001 }],
    [{ part: "discount", ...named, rate: 1, amount: 1 }],
    [{ part: "delivery", ...named, amount: -1 }],
    [{ part: "delivery", ...named, by: "goods", tiers: [{ from: 1, amount: 1 }] }],
    [
      {
        part: "delivery",
        ...named,
        by: "goods",
        tiers: [
          { from: 0, amount: 1 },
          { from: 0, amount: 1 }
        ]
      }
    ],
    [{ part: "tax", ...named, rate: 0.19, included: true }]
  ])("is not built with %o", (part) => {
    let thrown: unknown
    try {
      tariff("EUR", [part as TariffPart])
    } catch (error) {
      thrown = error
    }
    assertTrue(thrown instanceof Error && thrown.name === "InvalidInput")
  })
})
