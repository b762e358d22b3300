import { Result, Schema } from "effect"
import { CategoryId, ProductId } from "../shared/Ids.ts"
import { Integer } from "../shared/Integer.ts"
import { decoder } from "../shared/InvalidInput.ts"
import { Currency } from "../shared/Money.ts"
import { AdjustmentCode, AdjustmentName, type AdjustmentRequest, Rate } from "./Adjustment.ts"
import { type Basket, type BasketLine, type PricingFunction, PricingRefused } from "./Pricing.ts"

const Amount = Integer(0, Number.MAX_SAFE_INTEGER)
const named = { code: AdjustmentCode, name: AdjustmentName }

/**
 * Which items a part covers: those of every list that is given. `null` stands for products without a tax class. Defaults to
 * all items.
 */
export const Goods = Schema.Struct({
  products: Schema.optional(Schema.Array(ProductId)),
  categories: Schema.optional(Schema.Array(CategoryId)),
  taxClasses: Schema.optional(Schema.Array(Schema.NullOr(Schema.String)))
})
export interface Goods extends Schema.Schema.Type<typeof Goods> {}

const discount = {
  part: Schema.Literal("discount"),
  ...named,
  goods: Schema.optional(Goods),
  /** The value of all items at list price from which the discount is given, in minor units. Defaults to 0. */
  from: Schema.optional(Amount)
}

const delivery = {
  part: Schema.Literal("delivery"),
  ...named,
  /** The value of all items at list price from which delivery is free, in minor units. Defaults to never. */
  freeFrom: Schema.optional(Amount)
}

const Tiers = Schema.Array(Schema.Struct({ from: Amount, amount: Amount })).check(
  Schema.makeFilter(
    (tiers) =>
      tiers[0]?.from === 0 &&
      tiers.every(({ from }, index) => index === 0 || from > (tiers[index - 1]?.from ?? from)),
    { expected: "tiers in ascending order, the first from 0" }
  )
)

/** A part of a tariff as data. Amounts are in minor units, rates in millionths. */
export const TariffPart = Schema.Union([
  Schema.Struct({ ...discount, rate: Rate, amount: Schema.optional(Schema.Undefined) }),
  Schema.Struct({ ...discount, amount: Amount, rate: Schema.optional(Schema.Undefined) }),
  Schema.Struct({ ...delivery, amount: Amount, tiers: Schema.optional(Schema.Undefined) }),
  Schema.Struct({
    ...delivery,
    /** What the tiers measure: the value of all items at list price in minor units, or their number. */
    by: Schema.Literals(["goods", "quantity"]),
    tiers: Tiers,
    amount: Schema.optional(Schema.Undefined)
  }),
  Schema.Struct({
    part: Schema.Literal("tax"),
    ...named,
    rate: Rate,
    included: Schema.Boolean,
    goods: Schema.optional(Goods),
    /** Codes of the fees that bear this tax. Defaults to none. */
    fees: Schema.optional(Schema.Array(AdjustmentCode))
  })
])
export type TariffPart = typeof TariffPart.Type

const isMember = <A>(list: ReadonlyArray<A> | undefined, value: A) =>
  list === undefined || list.includes(value)

const covers = ({ products, categories, taxClasses }: Goods, { product }: BasketLine): boolean =>
  isMember(products, product.id) &&
  isMember(categories, product.categoryId) &&
  isMember(taxClasses, product.taxClass ?? null)

const productsIn = ({ lines }: Basket, goods: Goods = {}) =>
  lines.filter((line) => covers(goods, line)).map(({ product }) => product.id)

const deliveryFee = (part: Extract<TariffPart, { part: "delivery" }>, { goods, lines }: Basket): number => {
  if (part.freeFrom !== undefined && goods >= part.freeFrom) return 0
  if (part.tiers === undefined) return part.amount
  const measure = part.by === "goods" ? goods : lines.reduce((units, { quantity }) => units + quantity, 0)
  return part.tiers.findLast(({ from }) => from <= measure)?.amount ?? 0
}

const requestsOf = (part: TariffPart, basket: Basket): ReadonlyArray<AdjustmentRequest> => {
  const { code, name } = part
  switch (part.part) {
    case "discount": {
      if (basket.goods < (part.from ?? 0)) return []
      const items = productsIn(basket, part.goods)
      if (items.length === 0) return []
      const common = { kind: "discount", code, name, on: { items } } as const
      return [part.rate === undefined ? { ...common, amount: part.amount } : { ...common, rate: part.rate }]
    }
    case "delivery":
      return [{ kind: "fee", code, name, amount: deliveryFee(part, basket) }]
    case "tax": {
      const items = productsIn(basket, part.goods)
      const { rate, included, fees = [] } = part
      return items.length + fees.length === 0
        ? []
        : [{ kind: "tax", code, name, rate, included, on: { items, fees } }]
    }
  }
}

const decodeParts = decoder(Schema.Array(TariffPart))
const decodeCurrency = decoder(Currency)

const isPart = (part: TariffPart | PricingFunction): part is TariffPart => typeof part !== "function"

/**
 * Returns the pricing that a list of parts describes: data, and functions of the host's. Parts apply in order. Vouchers that
 * no function has placed follow the other discounts. An order in another currency is refused with `PricingRefused`. Throws
 * `InvalidInput` if a part is wrong.
 */
export const tariff = (
  currency: string,
  parts: ReadonlyArray<TariffPart | PricingFunction>
): PricingFunction => {
  Result.getOrThrow(decodeCurrency(currency))
  Result.getOrThrow(decodeParts(parts.filter(isPart)))
  return (basket) =>
    Result.gen(function* () {
      if (basket.currency !== currency) {
        return yield* Result.fail(
          new PricingRefused({ reason: `This shop sells in ${currency}, not in ${basket.currency}.` })
        )
      }
      const requests: Array<AdjustmentRequest> = []
      for (const part of parts) {
        const answer = isPart(part) ? requestsOf(part, basket) : part(basket)
        requests.push(...(Result.isResult(answer) ? yield* answer : answer))
      }
      const placed = new Set(
        requests.map((request) => (request.kind === "discount" ? request.voucherId : undefined))
      )
      return [...requests, ...basket.vouchers.filter(({ voucherId }) => !placed.has(voucherId))]
    })
}
