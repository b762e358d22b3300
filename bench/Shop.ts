import { Effect, Layer, type Redacted } from "effect"
import { SecureRandom } from "effect/crypto"
import { SqlClient } from "effect/sql"
import * as Postgres from "../src/adapters/postgres/index.ts"
import { Analytics } from "../src/services/Analytics.ts"
import { Catalog } from "../src/services/Catalog.ts"
import { Orders } from "../src/services/Orders.ts"
import { Verification } from "../src/services/Verification.ts"

export interface Item {
  readonly productId: string
  readonly quantity: number
}

/** Connections, for the baseline and for ours. */
export const pool = 16

export const client = (url: Redacted.Redacted) => Postgres.layerClient({ url, pool })

/** The services that are measured, and the client that they share with the baselines. */
export const shop = (url: Redacted.Redacted) =>
  Layer.mergeAll(Catalog.layer, Orders.layer, Analytics.layer, Verification.layer).pipe(
    Layer.provideMerge(SecureRandom.layerWebCrypto),
    Layer.provideMerge(Postgres.layer()),
    Layer.provideMerge(client(url))
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

/** A whole number below a bound. */
export const random = (bound: number) => Math.floor(Math.random() * bound)

/** Some different products, one of each. */
export const pick = (productIds: ReadonlyArray<string>, count: number): ReadonlyArray<Item> => {
  const chosen = new Set<string>()
  while (chosen.size < count) chosen.add(productIds[random(productIds.length)] ?? "")
  return [...chosen].map((productId) => ({ productId, quantity: 1 }))
}

export const services = Effect.all({
  orders: Orders,
  sql: SqlClient.SqlClient,
  random: SecureRandom.SecureRandom
})

/** Ends the run if what was measured has left anything behind that must not be. */
export const verified = Effect.gen(function* () {
  const { violations } = yield* (yield* Verification).verify({ most: 3 })
  if (violations.length > 0) {
    yield* Effect.die(new Error(`The data are not as they must be: ${JSON.stringify(violations)}`))
  }
})
