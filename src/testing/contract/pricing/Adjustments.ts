import { Effect, Option, Result } from "effect"
import { PriceChanged, placeOrder, toQuote } from "../../../domain/orders/PlaceOrder.ts"
import { type PricingFunction, PricingRefused, vouchersOnly } from "../../../domain/pricing/Pricing.ts"
import { firstTime } from "../../../domain/shared/Idempotency.ts"
import { OrderStore } from "../../../ports/OrderStore.ts"
import { adjustedPlaceable } from "../../Generators.ts"
import { newAttribution, newLabel, newPlacement, orderIn, product, samples, shop } from "../Given.ts"
import { type Law, law, refused, same } from "../Law.ts"
import { changesNothing, checkIntegrity, readOrder } from "../operations/ShopSnapshot.ts"
import { placesAsDecided } from "../orders/PlaceOrder.ts"

export const adjustmentLaws: ReadonlyArray<Law> = [
  law(
    "a draft with fees, discounts and taxes becomes the order that the domain decides, with every figure and share",
    Effect.gen(function* () {
      yield* Effect.forEach(yield* samples(adjustedPlaceable, 40), placesAsDecided, { discard: true })
    })
  ),

  law(
    "a quote is what placing makes of the same draft, and changes nothing",
    Effect.gen(function* () {
      const store = yield* OrderStore
      const own = yield* shop(10, 10)
      const lines = own.products.map((product) => [product, 2] as const)
      const price: PricingFunction = ({ goods }) => [
        { kind: "fee", code: "delivery", name: "Delivery", amount: goods % 1000 },
        { kind: "tax", code: "vat", name: "VAT", rate: 190_000, included: false }
      ]
      const placement = { ...(yield* newPlacement(own, lines)), price }
      const quote = yield* changesNothing(own, store.quote(placement))
      const decided = placeOrder(
        placement.draft,
        new Map(own.products.map((one) => [one.id, one])),
        placement,
        price
      )
      yield* same(Result.map(decided, toQuote), Result.succeed(quote))
      const wrong = { ...quote.total, amount: quote.total.amount + 1 }
      const refusal = new PriceChanged({ total: quote.total })
      const expecting = (expectedTotal: typeof wrong) => ({
        ...placement,
        draft: { ...placement.draft, expectedTotal }
      })
      yield* changesNothing(own, refused(store.quote(expecting(wrong)), refusal))
      yield* changesNothing(own, refused(store.place(expecting(wrong)), refusal))
      yield* same((yield* store.place(expecting(quote.total))).value.total, quote.total)
    })
  ),

  law(
    "pricing sees category and tax class of each product, and its refusal changes nothing",
    Effect.gen(function* () {
      const store = yield* OrderStore
      const own = yield* shop(10)
      const taxed = yield* product({ stock: 10, taxClass: yield* newLabel })
      const placement = yield* newPlacement(own, [
        [own.products[0], 1],
        [taxed, 2]
      ])
      const seen: Array<unknown> = []
      const refusal = new PricingRefused({ reason: "not today" })
      const price: PricingFunction = ({ lines }) => {
        seen.push(...lines.map(({ product }) => [product.id, product.categoryId, product.taxClass]))
        return Result.fail(refusal)
      }
      yield* changesNothing(own, refused(store.place({ ...placement, price }), refusal))
      yield* same(
        seen.slice(0, 2),
        [...own.products, taxed].map(({ id, categoryId, taxClass }) => [id, categoryId, taxClass])
      )
    })
  ),

  law(
    "an order keeps its adjustments at every step of its life, and has the history of any other",
    Effect.gen(function* () {
      const store = yield* OrderStore
      const own = yield* shop(10)
      const placement = yield* newPlacement(own, [[own.products[0], 3]])
      const adjustments = [
        { kind: "fee", code: "delivery", name: "Delivery", amount: 495 },
        { kind: "discount", code: "off", name: "Off", rate: 333_333 },
        { kind: "tax", code: "vat", name: "VAT", rate: 70_000, included: true }
      ] as const
      const draft = { ...placement.draft, adjustments }
      const { value: placed } = yield* store.place({ ...placement, draft, price: vouchersOnly })
      yield* same(placed.adjustments?.length, 3)
      yield* store.expire(placed.id, yield* newAttribution, undefined)
      const failed = yield* readOrder(placed.id)
      yield* same(
        { adjustments: failed.adjustments, total: failed.total },
        { adjustments: placed.adjustments, total: placed.total }
      )
      const [listed] = yield* store.list({ ...own, status: "FAILED", after: undefined, take: 1 })
      yield* same(listed, failed)
      yield* checkIntegrity(own)
    })
  ),

  law(
    "an order without adjustments has no such member, in any status",
    Effect.gen(function* () {
      const store = yield* OrderStore
      const own = yield* shop(10)
      const placed = yield* orderIn("COMPLETED", own, [[own.products[0], 1]])
      yield* same("adjustments" in placed, false)
      yield* same(
        Option.map(yield* store.get(placed.id), (order) => "adjustments" in order),
        Option.some(false)
      )
      const placement = yield* newPlacement(own, [[own.products[0], 1]])
      yield* same((yield* store.place({ ...placement, price: () => [] })).value.adjustments, undefined)
      yield* same(firstTime(yield* readOrder(placement.id)).value.adjustments, undefined)
    })
  )
]
