import { Effect, Result } from "effect"
import type { SqlError } from "effect/sql"
import { type Once, replayed } from "../../domain/Idempotency.ts"
import { asPlaced } from "../../domain/Order.ts"
import { productsOf } from "../../domain/Placing.ts"
import type { Placement } from "../../ports/OrderStore.ts"
import { Database } from "./Database.ts"
import { type Decided, decideBatch } from "./DecideBatch.ts"
import { type Fulfilled, idempotencyKeys, identity, sameRequest } from "./IdempotencyKeys.ts"
import { insertOrders } from "./InsertOrders.ts"
import { productColumns } from "./ListProducts.ts"
import { selectOrders } from "./OrderRecords.ts"
import { type ProductRow, toOrder, toProduct } from "./Rows.ts"

/**
 * Places orders inside a transaction, as many as come together: locks the keys and then the products of all of them
 * once, decides each in turn, and writes everything with one statement. One answer per placement, in their order.
 */
export const placeOrders = Effect.gen(function* () {
  const { sql, table } = yield* Database
  const keys = yield* idempotencyKeys
  const insert = yield* insertOrders
  const select = yield* selectOrders

  /** Claims the keys; answers for those that were fulfilled before, with the orders as they were placed. */
  const claim = Effect.fnUntraced(function* (claims: ReadonlyArray<Once>, at: Date) {
    const before = claims.length === 0 ? new Map<string, Fulfilled>() : yield* keys.claim(claims, at)
    const ids = Array.from(before.values(), ({ resourceId }) => resourceId)
    const rows = ids.length === 0 ? [] : yield* select(sql`WHERE o.id = ANY(${ids}::uuid[])`)
    const orders = new Map(rows.map((row) => [row.id as string, asPlaced(toOrder(row))]))
    return (once: Once): Decided | undefined => {
      const fulfilled = before.get(identity(once))
      const order = fulfilled && orders.get(fulfilled.resourceId)
      return fulfilled && order && Result.map(sameRequest(once, fulfilled), () => replayed(order))
    }
  })

  const lockProducts = Effect.fnUntraced(function* (placements: ReadonlyArray<Placement>) {
    const ids = [...new Set(placements.flatMap(({ draft }) => productsOf(draft)))]
    const rows = yield* sql<ProductRow>`
      SELECT ${productColumns(sql)} FROM ${table.products}
      WHERE id = ANY(${ids}::uuid[]) ORDER BY id FOR NO KEY UPDATE`
    return new Map(rows.map((row) => [row.id, toProduct(row)]))
  })

  return (
    placements: readonly [Placement, ...Array<Placement>]
  ): Effect.Effect<ReadonlyArray<Decided>, SqlError.SqlError> =>
    Effect.gen(function* () {
      const claims = placements.flatMap(({ once }) => (once === undefined ? [] : [once]))
      const replays = yield* claim(claims, placements[0].at)
      const products = yield* lockProducts(placements)
      const batch = decideBatch(placements, products, replays)
      if (batch.placed.length > 0) yield* insert(batch.placed, batch.unitsTaken)
      if (batch.fulfilled.length > 0) yield* keys.fulfil(batch.fulfilled)
      if (batch.released.length > 0) yield* keys.release(batch.released)
      return batch.decided
    })
})
