import type { SqlClient } from "effect/sql"
import { Category } from "../../../domain/catalog/Category.ts"
import { type Offer, Product } from "../../../domain/catalog/Product.ts"
import { type ProductImage, withImages } from "../../../domain/catalog/ProductImage.ts"
import type { CategoryId, ProductId } from "../../../domain/shared/Ids.ts"
import { epochMillis, type Int8, type Timestamp, toDate } from "../execution/ColumnTypes.ts"
import { stored } from "../idempotency/IdempotencyKeys.ts"

/** Replays return categories and products as a change left them. */
export const storedCategories = stored(Category)
export const storedProducts = stored(Product)

export interface CategoryRow {
  readonly id: CategoryId
  readonly name: string
  readonly created_at: Timestamp
}

export const toCategory = (row: CategoryRow): Category => ({
  id: row.id,
  name: row.name,
  createdAt: toDate(row.created_at)
})

export interface OfferRow {
  readonly id: ProductId
  readonly name: string
  readonly sku: string | null
  readonly currency: string
  readonly price: Int8
  readonly stock: Int8
  readonly active: boolean
  readonly category_id?: CategoryId
  readonly tax_class?: string | null
}

/** Columns of an `OfferRow`. The classification of a product is read only for pricing. */
export const offerColumns = (isPriced: boolean) =>
  `id, name, sku, currency, price, stock, active${isPriced ? ", category_id, tax_class" : ""}`

const withTaxClass = <Fields extends object>(fields: Fields, { tax_class: taxClass }: OfferRow) =>
  typeof taxClass === "string" ? { ...fields, taxClass } : fields

export const toOffer = (row: OfferRow): Offer => {
  const { id, name, sku, active, category_id: categoryId } = row
  const price = { amount: Number(row.price), currency: row.currency }
  const offer = { id, name, sku, price, stock: Number(row.stock), active }
  return categoryId === undefined ? offer : withTaxClass({ ...offer, categoryId }, row)
}

export interface ProductRow extends OfferRow {
  readonly category_id: CategoryId
  readonly tax_class: string | null
  readonly images: ReadonlyArray<ProductImage> | null
  readonly description: string | null
  readonly created_at: Timestamp
  readonly updated_at: Timestamp
}

export const toProduct = (row: ProductRow): Product =>
  withTaxClass(
    {
      id: row.id,
      categoryId: row.category_id,
      name: row.name,
      description: row.description,
      sku: row.sku,
      price: { amount: Number(row.price), currency: row.currency },
      ...withImages(row.images ?? undefined),
      stock: Number(row.stock),
      active: row.active,
      createdAt: toDate(row.created_at),
      updatedAt: toDate(row.updated_at)
    },
    row
  )

const columns = "id, category_id, name, description, sku, currency, price, tax_class, images, stock, active"

/** The columns that a `ProductRow` is made of, as they are stored. */
export const storedProductColumns = (sql: SqlClient.SqlClient) =>
  sql.literal(`${columns}, created_at, updated_at`)

/** Returns the images of a product as the text of a JSON value, or `null` if there are none. */
export const imagesText = ({ images }: Product): string | null =>
  images === undefined ? null : JSON.stringify(images)

/** Columns of a `ProductRow`. */
export const productColumns = (sql: SqlClient.SqlClient) =>
  sql.literal(`${columns}, ${epochMillis("created_at")}, ${epochMillis("updated_at")}`)
