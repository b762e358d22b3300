import { Arbitrary } from "effect"
import type { Product } from "../../domain/catalog/Product.ts"
import { maxStock } from "../../domain/catalog/Product.ts"
import type { Metadata } from "../../domain/orders/Order.ts"
import type { Draft } from "../../domain/orders/PlaceOrder.ts"
import { ProductId } from "../../domain/shared/Ids.ts"
import { maxPriceMinor } from "../../domain/shared/Money.ts"
import { productWith } from "./Catalog.ts"
import { receipt } from "./Pricing.ts"
import { customerId, name, text } from "./Texts.ts"
import { type Gen, int, maybe, oneOf, pick, struct } from "./Values.ts"

const utf8 = new TextEncoder()

export const quantity: Gen<number> = oneOf([int(1, 100), int(1, 1_000_000)])

const key = oneOf([name(40), pick(["", "1", "a/b", "~", "__proto__", "constructor"])])

/** Generates metadata of at most 4096 bytes, including keys such as `__proto__`. */
export const metadata: Gen<Metadata> = Arbitrary.map(
  Arbitrary.array(Arbitrary.all([key, text(4096)]), { maxLength: 5 }),
  (entries) => {
    const whole = Object.fromEntries(entries)
    return utf8.encode(JSON.stringify(whole)).length <= 4096 ? whole : {}
  }
)

/** A draft and the products that it is decided against. */
export interface Placing {
  readonly products: ReadonlyMap<ProductId, Product>
  readonly draft: Draft
}

/** Distribution of the values of a draft and its products. It decides index refusals are likely. */
interface Distribution {
  readonly currency: Gen<string>
  readonly price: Gen<number>
  readonly stock: Gen<number>
  readonly active: Gen<boolean>
  readonly quantity: Gen<number>
  readonly known: Gen<boolean>
  readonly expected: Gen<"none" | "total" | "too little">
}

const valid: Distribution = {
  currency: pick(["EUR"]),
  price: int(0, 1_000_000),
  stock: int(1000, maxStock),
  active: pick([true]),
  quantity: int(1, 100),
  known: pick([true]),
  expected: pick(["none", "total"])
}
const mostly = pick([true, true, true, true, true, false])
const shortages: Distribution = { ...valid, stock: int(0, 30), quantity: int(1, 15) }
const inactive: Distribution = { ...valid, active: mostly }
const unknown: Distribution = { ...valid, known: mostly }
const mixed: Distribution = { ...valid, currency: pick(["EUR", "EUR", "EUR", "USD", "JPY"]) }
const huge: Distribution = {
  ...valid,
  price: oneOf([valid.price, int(maxPriceMinor / 2, maxPriceMinor)]),
  stock: int(10_000_000, maxStock),
  quantity: oneOf([valid.quantity, int(1, 9007), int(1, 1_000_000)])
}
const repriced: Distribution = { ...valid, expected: pick(["too little", "total"]) }
const everything: Distribution = {
  ...huge,
  ...shortages,
  active: mostly,
  known: mostly,
  currency: mixed.currency
}

const catalogIn = (distribution: Distribution): Gen<ReadonlyMap<ProductId, Product>> =>
  Arbitrary.map(
    Arbitrary.array(
      productWith({
        price: struct({ amount: distribution.price, currency: distribution.currency }),
        stock: distribution.stock,
        active: distribution.active
      }),
      { minLength: 1, maxLength: 6 }
    ),
    (products) => new Map(products.map((product) => [product.id, product]))
  )

const draftIn = (distribution: Distribution) => {
  const input = Arbitrary.all({
    customerId,
    unknownProduct: Arbitrary.schema(ProductId),
    lines: Arbitrary.array(
      Arbitrary.all({
        index: int(0, 11),
        known: distribution.known,
        quantity: distribution.quantity
      }),
      { minLength: 1, maxLength: 10 }
    ),
    expected: distribution.expected,
    metadata: maybe(metadata)
  })
  return (products: ReadonlyArray<Product>): Gen<Draft> =>
    Arbitrary.map(input, ({ customerId, unknownProduct, lines, expected, metadata }) => {
      const units = new Map<ProductId, number>()
      let total = 0n
      const items: Array<Draft["items"][number]> = []
      for (const { index, known, quantity } of lines) {
        const product = known ? products[index % products.length] : undefined
        const productId = product?.id ?? unknownProduct
        const merged = (units.get(productId) ?? 0) + quantity
        if (merged > 1_000_000) continue
        units.set(productId, merged)
        items.push({ productId, quantity })
        total += BigInt(product?.price.amount ?? 0) * BigInt(quantity)
      }
      const amount = expected === "total" ? Number(total) : Math.max(0, Number(total) - 1)
      const currency = products[0]?.price.currency ?? "EUR"
      return {
        customerId,
        items,
        ...(expected !== "none" && Number.isSafeInteger(amount) && { expectedTotal: { amount, currency } }),
        ...(metadata && { metadata })
      }
    })
}

const placingIn = (distribution: Distribution): Gen<Placing> => {
  const draftOver = draftIn(distribution)
  return Arbitrary.flatMap(catalogIn(distribution), (products) =>
    Arbitrary.map(draftOver([...products.values()]), (draft) => ({ products, draft }))
  )
}

/** Generates one to six products by id: some inactive, with little stock, in several currencies. */
export const catalog: Gen<ReadonlyMap<ProductId, Product>> = catalogIn(everything)

/** Generates drafts of the given products, occasionally with an unknown product. */
export const draft: (products: ReadonlyArray<Product>) => Gen<Draft> = draftIn(everything)

/** Generates a draft that becomes an order. */
export const placeable: Gen<Placing> = placingIn(valid)

/** Generates a draft with fees, discounts and taxes of the host's that becomes an order. */
export const adjustedPlaceable: Gen<Placing> = Arbitrary.flatMap(
  placingIn({ ...valid, expected: pick(["none"]) }),
  ({ draft, products }) =>
    Arbitrary.map(receipt([...products.keys()]), (adjustments) => ({
      products,
      draft: { ...draft, adjustments }
    }))
)

/**
 * Generates a draft that becomes an order, or that is refused: shortages, inactive or unknown products, mixed
 * currencies, overflowing amounts, a changed price, or all of these.
 */
export const placing: Gen<Placing> = oneOf(
  [valid, shortages, inactive, unknown, mixed, huge, repriced, everything].map(placingIn)
)
