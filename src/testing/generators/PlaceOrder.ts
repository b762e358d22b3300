import { Arbitrary } from "effect"
import type { Product } from "../../domain/catalog/Product.ts"
import { maxStock } from "../../domain/catalog/Product.ts"
import type { Metadata } from "../../domain/orders/Order.ts"
import type { Draft } from "../../domain/orders/PlaceOrder.ts"
import { CustomerId, ProductId } from "../../domain/shared/Ids.ts"
import { maxPriceMinor } from "../../domain/shared/Money.ts"
import { productWith } from "./Catalog.ts"
import { name, text } from "./Texts.ts"
import { type Gen, int, maybe, oneOf, pick, struct } from "./Values.ts"

const utf8 = new TextEncoder()

export const quantity: Gen<number> = oneOf([int(1, 100), int(1, 1_000_000)])

const key = oneOf([name(40), pick(["", "1", "a/b", "~", "__proto__", "constructor"])])

/** Metadata of at most 4 KiB, with the keys that careless code stumbles over. */
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

/** What goes wrong in a placing, or may. */
interface Mood {
  readonly currency: Gen<string>
  readonly price: Gen<number>
  readonly stock: Gen<number>
  readonly active: Gen<boolean>
  readonly quantity: Gen<number>
  readonly known: Gen<boolean>
  readonly expected: Gen<"nothing" | "the total" | "too little">
}

const calm: Mood = {
  currency: pick(["EUR"]),
  price: int(0, 1_000_000),
  stock: int(1000, maxStock),
  active: pick([true]),
  quantity: int(1, 100),
  known: pick([true]),
  expected: pick(["nothing", "the total"])
}
const mostly = pick([true, true, true, true, true, false])
const shortages: Mood = { ...calm, stock: int(0, 30), quantity: int(1, 15) }
const inactive: Mood = { ...calm, active: mostly }
const unknown: Mood = { ...calm, known: mostly }
const mixed: Mood = { ...calm, currency: pick(["EUR", "EUR", "EUR", "USD", "JPY"]) }
const huge: Mood = {
  ...calm,
  price: oneOf([calm.price, int(maxPriceMinor / 2, maxPriceMinor)]),
  stock: int(10_000_000, maxStock),
  quantity: oneOf([calm.quantity, int(1, 9007), int(1, 1_000_000)])
}
const repriced: Mood = { ...calm, expected: pick(["too little", "the total"]) }
const chaos: Mood = { ...huge, ...shortages, active: mostly, known: mostly, currency: mixed.currency }

const catalogIn = (mood: Mood): Gen<ReadonlyMap<ProductId, Product>> =>
  Arbitrary.map(
    Arbitrary.array(
      productWith({
        price: struct({ amount: mood.price, currency: mood.currency }),
        stock: mood.stock,
        active: mood.active
      }),
      { minLength: 1, maxLength: 6 }
    ),
    (products) => new Map(products.map((product) => [product.id, product]))
  )

const draftIn = (mood: Mood) => {
  const asked = Arbitrary.all({
    customerId: Arbitrary.schema(CustomerId),
    stranger: Arbitrary.schema(ProductId),
    lines: Arbitrary.array(
      Arbitrary.all({
        which: int(0, 11),
        known: mood.known,
        quantity: mood.quantity
      }),
      { minLength: 1, maxLength: 10 }
    ),
    expected: mood.expected,
    metadata: maybe(metadata)
  })
  return (products: ReadonlyArray<Product>): Gen<Draft> =>
    Arbitrary.map(asked, ({ customerId, stranger, lines, expected, metadata }) => {
      const units = new Map<ProductId, number>()
      let total = 0n
      const items: Array<Draft["items"][number]> = []
      for (const { which, known, quantity } of lines) {
        const product = known ? products[which % products.length] : undefined
        const productId = product?.id ?? stranger
        const merged = (units.get(productId) ?? 0) + quantity
        if (merged > 1_000_000) continue
        units.set(productId, merged)
        items.push({ productId, quantity })
        total += BigInt(product?.price.amount ?? 0) * BigInt(quantity)
      }
      const amount = expected === "the total" ? Number(total) : Math.max(0, Number(total) - 1)
      const currency = products[0]?.price.currency ?? "EUR"
      return {
        customerId,
        items,
        ...(expected !== "nothing" &&
          Number.isSafeInteger(amount) && { expectedTotal: { amount, currency } }),
        ...(metadata && { metadata })
      }
    })
}

const placingIn = (mood: Mood): Gen<Placing> => {
  const draftOver = draftIn(mood)
  return Arbitrary.flatMap(catalogIn(mood), (products) =>
    Arbitrary.map(draftOver([...products.values()]), (draft) => ({ products, draft }))
  )
}

/** One to six products by id: some inactive, with little stock, in several currencies. */
export const catalog: Gen<ReadonlyMap<ProductId, Product>> = catalogIn(chaos)

/** Drafts of some of these products, now and then of one that nobody knows. */
export const draft: (products: ReadonlyArray<Product>) => Gen<Draft> = draftIn(chaos)

/** A draft that becomes an order. */
export const placeable: Gen<Placing> = placingIn(calm)

/**
 * A draft that becomes an order, or one with shortages, inactive or unknown products, mixed currencies, amounts
 * that overflow, a changed price, or all of this at once.
 */
export const placing: Gen<Placing> = oneOf(
  [calm, shortages, inactive, unknown, mixed, huge, repriced, chaos].map(placingIn)
)
