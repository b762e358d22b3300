import { describe, it } from "@effect/vitest"
import { assertFailure, assertSuccess, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Result } from "effect"
import {
  Draft,
  isAdjusted,
  PriceChanged,
  placeOrder,
  toQuote
} from "../../../src/domain/orders/PlaceOrder.ts"
import {
  PricingDefect,
  type PricingFunction,
  PricingRefused,
  vouchersOnly
} from "../../../src/domain/pricing/Pricing.ts"
import { createVoucher, VoucherNotValid, type VoucherStock } from "../../../src/domain/pricing/Voucher.ts"
import { OrderId, VoucherId } from "../../../src/domain/shared/Ids.ts"
import { normalizeKey } from "../../../src/domain/shared/Text.ts"
import { adjustedPlaceable, placeable } from "../../../src/testing/Generators.ts"
import { faultsIn, untouched } from "../support.ts"

const attribution = {
  id: OrderId.make("0198c0de-0000-7000-8000-000000000001"),
  at: new Date(0),
  actor: "system"
}
const fee = { kind: "fee", code: "delivery", name: "Delivery", amount: 500 } as const
const voucherId = VoucherId.make("0198c0de-0000-7000-8000-000000000009")
const voucher = createVoucher(
  { code: "Free", name: "Free delivery", rate: 1_000_000 },
  { id: voucherId, at: new Date(0) }
)
const stock: VoucherStock = { vouchers: new Map([["free", voucher]]), taken: new Map() }

const noTotal = ({ draft }: { readonly draft: Draft }): Draft => {
  const { expectedTotal: _, ...others } = draft
  return others
}

describe("pricing", () => {
  it.prop("by default changes nothing of an order", { placeable }, ({ placeable: { draft, products } }) => {
    strictEqual(isAdjusted(draft, vouchersOnly), false)
    const { order, redemptions } = Result.getOrThrow(placeOrder(draft, products, attribution))
    deepStrictEqual([Object.keys(order).includes("adjustments"), redemptions], [false, []])
  })

  it.prop(
    "of one basket is the same each time, and its quote is the order",
    { adjustedPlaceable },
    (generated) => {
      const placing = generated.adjustedPlaceable
      const { draft, products } = placing
      const { adjustments = [], ...others } = draft
      const price: PricingFunction = () => adjustments
      const decide = () => placeOrder(others, products, attribution, price)
      const { order } = untouched(placing, () => Result.getOrThrow(decide()))
      deepStrictEqual(Result.getOrThrow(decide()).order, order)
      deepStrictEqual(Result.getOrThrow(placeOrder(draft, products, attribution)).order, order)
      const quote = toQuote(Result.getOrThrow(decide()))
      deepStrictEqual(quote.total, order.total)
      assertSuccess(
        Result.map(
          placeOrder({ ...draft, expectedTotal: quote.total }, products, attribution),
          ({ order }) => order
        ),
        order
      )
      const other = { ...quote.total, amount: quote.total.amount + 1 }
      assertFailure(
        placeOrder({ ...draft, expectedTotal: other }, products, attribution),
        new PriceChanged({ total: quote.total })
      )
    }
  )

  it.prop(
    "sees the items, the list price and the metadata",
    { placeable },
    ({ placeable: { draft, products } }) => {
      let seen = 0
      const price: PricingFunction = (basket) => {
        seen += 1
        deepStrictEqual(basket.metadata, draft.metadata ?? {})
        strictEqual(
          basket.goods,
          basket.lines.reduce((sum, { total }) => sum + total.amount, 0)
        )
        for (const { product, quantity, total } of basket.lines) {
          deepStrictEqual(product, products.get(product.id))
          strictEqual(total.amount, product.price.amount * quantity)
        }
        return Result.succeed([fee])
      }
      const { order } = Result.getOrThrow(placeOrder(noTotal({ draft }), products, attribution, price))
      deepStrictEqual([seen, order.adjustments?.length], [1, 1])
    }
  )

  it.prop("may refuse an order in words of its own", { placeable }, ({ placeable: { draft, products } }) => {
    const refusal = new PricingRefused({ reason: "We do not deliver to the moon." })
    const thrown: PricingFunction = () => {
      throw refusal
    }
    for (const price of [() => Result.fail(refusal), thrown]) {
      assertFailure(placeOrder(draft, products, attribution, price), refusal)
    }
  })

  const nonsense: ReadonlyArray<readonly [string, unknown]> = [
    ["throws", new Error("Oops")],
    ["is a promise", Promise.resolve([fee])],
    ["is nothing", undefined],
    ["is no list", fee],
    ["has a negative amount", [{ ...fee, amount: -1 }]],
    ["has a fraction", [{ ...fee, amount: 0.5 }]],
    ["has a rate above 100 %", [{ kind: "discount", code: "d", name: "D", rate: 1_000_001 }]],
    ["has 51 figures", Array.from({ length: 51 }, (_, n) => ({ ...fee, code: `${n}` }))],
    ["contradicts itself", [fee, fee]],
    ["names a voucher that nobody has", [{ kind: "discount", code: "d", name: "D", rate: 1, voucherId }]],
    ["fails with something else", Result.fail("no")]
  ]
  for (const [does, answer] of nonsense) {
    it.prop(
      `that ${does} is a bug, which is returned with its cause`,
      { placeable },
      ({ placeable: { draft, products } }) => {
        const price = (() => {
          if (answer instanceof Error) throw answer
          return answer
        }) as PricingFunction
        const decided = placeOrder(draft, products, attribution, price)
        assertTrue(Result.isFailure(decided) && decided.failure instanceof PricingDefect)
        assertTrue(decided.failure.cause !== undefined)
        if (answer instanceof Error) strictEqual(decided.failure.cause, answer)
      }
    )
  }

  it.prop(
    "takes adjustments of the host's that fit, and refuses others",
    { placeable },
    ({ placeable: { draft, products } }) => {
      const price: PricingFunction = () => [fee]
      const own = noTotal({ draft })
      const more = { ...own, adjustments: [{ ...fee, code: "gift wrap" }] }
      strictEqual(
        Result.getOrThrow(placeOrder(more, products, attribution, price)).order.adjustments?.length,
        2
      )
      const twice = placeOrder({ ...own, adjustments: [fee] }, products, attribution, price)
      assertTrue(Result.isFailure(twice) && twice.failure._tag === "InvalidInput")
    }
  )
})

describe("a voucher of a draft", () => {
  it.prop(
    "becomes a discount, and a use of it is taken",
    { placeable },
    ({ placeable: { draft, products } }) => {
      const own = { ...noTotal({ draft }), codes: [" FREE"] }
      const decided = placeOrder(own, products, attribution, vouchersOnly, stock)
      if (Result.isFailure(decided)) {
        // Nothing can be taken off what costs nothing.
        assertFailure(decided, new VoucherNotValid({ code: "Free", reason: "excluded" }))
        return
      }
      const { order, redemptions } = decided.success
      strictEqual(order.total.amount, 0)
      deepStrictEqual(
        order.adjustments?.map(({ voucherId, rate }) => ({ voucherId, rate })),
        [{ voucherId, rate: 1_000_000 }]
      )
      deepStrictEqual(redemptions, [{ voucherId, redeemer: draft.customerId, nth: null }])
    }
  )

  it.prop(
    "may be narrowed by pricing, and is refused if pricing leaves it out",
    { placeable },
    ({ placeable: { draft, products } }) => {
      const own = { ...noTotal({ draft }), codes: ["free"] }
      const narrowed: PricingFunction = ({ vouchers }) => [
        fee,
        ...vouchers.map((discount) => ({ ...discount, on: { fees: ["delivery"] } }))
      ]
      const { order } = Result.getOrThrow(placeOrder(own, products, attribution, narrowed, stock))
      deepStrictEqual(
        order.adjustments?.map(({ amount }) => amount.amount),
        [500, 500]
      )
      assertFailure(
        placeOrder(own, products, attribution, () => [fee], stock),
        new VoucherNotValid({ code: "Free", reason: "excluded" })
      )
    }
  )

  it.prop("is refused if nobody knows its code", { placeable }, ({ placeable: { draft, products } }) => {
    assertFailure(
      placeOrder({ ...noTotal({ draft }), codes: ["What?"] }, products, attribution, vouchersOnly, stock),
      new VoucherNotValid({ code: "What?", reason: "unknown" })
    )
  })

  it("is named once, by at most ten codes, and by no adjustment", () => {
    const draft = {
      customerId: "0198c0de-0000-7000-8000-000000000001",
      items: [{ productId: "0198c0de-0000-7000-8000-000000000002", quantity: 1 }]
    }
    const codes = Array.from({ length: 11 }, (_, n) => `code ${n}`)
    strictEqual(normalizeKey("Code"), normalizeKey(" CODE"))
    deepStrictEqual(faultsIn(Draft, { ...draft, codes: codes.slice(1) }), [])
    for (const wrong of [codes, ["Code", " CODE"]])
      deepStrictEqual(faultsIn(Draft, { ...draft, codes: wrong }), ["/codes"])
    const discount = { kind: "discount", code: "d", name: "D", rate: 1 }
    deepStrictEqual(faultsIn(Draft, { ...draft, adjustments: [discount] }), [])
    deepStrictEqual(faultsIn(Draft, { ...draft, adjustments: [{ ...discount, voucherId }] }), [
      "/adjustments"
    ])
  })
})
