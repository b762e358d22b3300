import { Arbitrary } from "effect"
import type { Category } from "../../domain/catalog/Category.ts"
import type { NewProduct, Product, ProductChange, StockAdjustment } from "../../domain/catalog/Product.ts"
import { maxStock } from "../../domain/catalog/Product.ts"
import { maxImages, type NewProductImage, type ProductImage } from "../../domain/catalog/ProductImage.ts"
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

/** Generates URLs of images: hosts of every kind, ports, queries, fragments, and what escaping must keep. */
export const imageUrl: Gen<string> = Arbitrary.map(
  Arbitrary.all([
    pick(["http://", "https://"]),
    pick([
      "cdn.example",
      "a_b.example.",
      "localhost:3000",
      "[2001:db8::1]:65535",
      "127.0.0.1",
      "xn--bcher-kva.example"
    ]),
    pick([
      "",
      "/",
      "/mug.jpg",
      "/a%20b/m%27ug(1).jpg",
      "?v=1&w=2,3",
      "/x#[1]",
      `/${"x".repeat(1900)}`,
      "/{}|~$;:@!*+=^_"
    ])
  ]),
  (parts) => parts.join("")
)

/** Generates an image, in half of the cases with a text. */
export const productImage: Gen<ProductImage> = partial<ProductImage & { readonly alt?: string }>({
  url: imageUrl,
  alt: maybe(prose(500))
})
export const newProductImage: Gen<NewProductImage> = productImage
export const newProductImages: Gen<ReadonlyArray<NewProductImage>> = Arbitrary.array(newProductImage, {
  maxLength: maxImages
})

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
      images: maybe(Arbitrary.array(productImage, { minLength: 1, maxLength: 3 })),
      stock,
      active: pick([true, false]),
      createdAt: time,
      updatedAt: time,
      ...fields
    }),
    ({ taxClass, images, ...product }) => ({
      ...product,
      ...(taxClass !== undefined && { taxClass }),
      ...(images !== undefined && { images }),
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
  images: maybe(newProductImages),
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
  images: maybe(newProductImages),
  active: maybe(pick([true, false]))
})

/** Generates small and very large stock adjustments. */
export const stockAdjustment: Gen<StockAdjustment> = partial({
  delta: Arbitrary.map(oneOf([int(-100, 100), int(-maxStock, maxStock)]), (delta) => delta || 1),
  reason: maybe(nullable(prose(500)))
})
