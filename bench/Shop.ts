import { Effect, Layer, type Redacted } from "effect"
import { SecureRandom } from "effect/crypto"
import { SqlClient } from "effect/sql"
import * as Postgres from "../src/adapters/postgres/index.ts"
import { Catalog } from "../src/services/Catalog.ts"
import { Orders } from "../src/services/Orders.ts"

export interface Item {
  readonly productId: string
  readonly quantity: number
}

/** Connections, for the baseline and for ours. */
const pool = 16

/** Catalog and orders on a database of their own. */
export const shop = (url: Redacted.Redacted) =>
  Layer.mergeAll(Catalog.layer, Orders.layer).pipe(
    Layer.provideMerge(SecureRandom.layerWebCrypto),
    Layer.provide(Postgres.layer()),
    Layer.provideMerge(Postgres.layerClient({ url, pool }))
  )

/** A catalog with so many products that none of them runs out. */
export const fill = Effect.fnUntraced(function* (count: number) {
  yield* Postgres.migrate()
  const catalog = yield* Catalog
  const { id: categoryId } = yield* catalog.createCategory({ name: "Bench" })
  const products = yield* Effect.forEach(
    Array.from({ length: count }, (_, n) => `Product ${n}`),
    (name) =>
      catalog.createProduct({ categoryId, name, price: { amount: 1999, currency: "EUR" }, stock: 1e11 }),
    { concurrency: 8 }
  )
  return products.map(({ id }): string => id)
})

/** Some different products, one of each. */
export const pick = (productIds: ReadonlyArray<string>, count: number): ReadonlyArray<Item> => {
  const chosen = new Set<string>()
  while (chosen.size < count) chosen.add(productIds[Math.floor(Math.random() * productIds.length)] ?? "")
  return [...chosen].map((productId) => ({ productId, quantity: 1 }))
}

export const services = Effect.all({
  orders: Orders,
  sql: SqlClient.SqlClient,
  random: SecureRandom.SecureRandom
})
