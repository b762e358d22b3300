import { Arbitrary } from "effect"
import type { Category } from "../../domain/catalog/Category.ts"
import type { NewProduct, Product, ProductChange, StockAdjustment } from "../../domain/catalog/Product.ts"
import { maxStock } from "../../domain/catalog/Product.ts"
import { CategoryId, ProductId } from "../../domain/shared/Ids.ts"
import { type Money, maxPriceMinor } from "../../domain/shared/Money.ts"
import { name, prose, time } from "./Texts.ts"
import { type Gen, int, maybe, nullable, oneOf, partial, pick, struct } from "./Values.ts"

export const category: Gen<Category> = struct({
  id: Arbitrary.schema(CategoryId),
  name: name(100),
  createdAt: time
})

/** Generates one of four currencies. */
export const currency: Gen<string> = pick(["EUR", "USD", "JPY", "KWD"])

/** Generates an amount from 0 to 2^53 − 1 in one of four currencies. */
export const money: Gen<Money> = struct({
  amount: oneOf([int(0, 100_000), int(0, Number.MAX_SAFE_INTEGER)]),
  currency
})

/** Generates an amount from 1 to the maximum in one of four currencies. */
export const positiveMoney: Gen<Money> = struct({
  amount: oneOf([int(1, 100_000), int(1, Number.MAX_SAFE_INTEGER)]),
  currency
})

/** Generates a price from 0 to the maximum in one of four currencies. */
export const price: Gen<Money> = struct({ amount: oneOf([int(0, 100_000), int(0, maxPriceMinor)]), currency })

export const stock: Gen<number> = oneOf([int(0, 100), int(0, maxStock)])

/** Generates a tax class. */
export const taxClass: Gen<string> = oneOf([pick(["standard", "reduced"]), name(100)])

const described = { description: nullable(prose(10_000)), sku: nullable(name(64)) }

/** Generates products with some fields from other generators. */
export const productWith = (fields: { readonly [K in keyof Product]?: Gen<Product[K]> }): Gen<Product> =>
  Arbitrary.map(
    struct({
      id: Arbitrary.schema(ProductId),
      categoryId: Arbitrary.schema(CategoryId),
      name: name(200),
      ...described,
      price,
      taxClass: maybe(taxClass),
      stock,
      active: pick([true, false]),
      createdAt: time,
      updatedAt: time,
      ...fields
    }),
    ({ taxClass, ...product }) => ({
      ...product,
      ...(taxClass !== undefined && { taxClass }),
      updatedAt: latest(product.createdAt, product.updatedAt)
    })
  )

const latest = (a: Date, b: Date) => (a > b ? a : b)

export const product: Gen<Product> = productWith({})

export const newProduct: Gen<NewProduct> = partial({
  categoryId: Arbitrary.schema(CategoryId),
  name: name(200),
  description: maybe(described.description),
  sku: maybe(described.sku),
  price,
  taxClass: maybe(nullable(taxClass)),
  stock
})

/** Generates changes of any subset of the fields, including none. */
export const productChange: Gen<ProductChange> = partial({
  categoryId: maybe(Arbitrary.schema(CategoryId)),
  name: maybe(name(200)),
  description: maybe(described.description),
  sku: maybe(described.sku),
  price: maybe(price),
  taxClass: maybe(nullable(taxClass)),
  active: maybe(pick([true, false]))
})

/** Generates small and very large stock adjustments. */
export const stockAdjustment: Gen<StockAdjustment> = partial({
  delta: Arbitrary.map(oneOf([int(-100, 100), int(-maxStock, maxStock)]), (delta) => delta || 1),
  reason: maybe(nullable(prose(500)))
})
