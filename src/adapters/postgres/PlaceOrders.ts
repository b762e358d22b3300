import { Array as Arr, Effect } from "effect"
import type { Answer, IdempotencyKeyReused } from "../../domain/Idempotency.ts"
import { asPlaced, type Order } from "../../domain/Order.ts"
import { type PlacingRefusal, productsOf } from "../../domain/Placing.ts"
import type { Placement } from "../../ports/OrderStore.ts"
import { Database } from "./Database.ts"
import { decideBatch } from "./DecideBatch.ts"
import type { Kind } from "./GroupCommit.ts"
import { idempotencyKeys } from "./IdempotencyKeys.ts"
import { insertOrders } from "./InsertOrders.ts"
import { productColumns } from "./ListProducts.ts"
import { selectOrders } from "./OrderRecords.ts"
import { type ProductRow, toOrder, toProduct } from "./Rows.ts"

/**
 * Places orders inside a transaction, as many as come together: locks the keys and then the products of all of them
 * once, decides each in turn, and writes everything with one statement.
 */
export const placeOrders = Effect.gen(function* () {
  const { sql, table } = yield* Database
  const keys = yield* idempotencyKeys
  const insert = yield* insertOrders
  const select = yield* selectOrders

  const recall = (ids: ReadonlyArray<string>) =>
    Effect.map(
      select(sql`WHERE o.id = ANY(${ids}::uuid[])`),
      Arr.map((row) => asPlaced(toOrder(row)))
    )

  const lockProducts = Effect.fnUntraced(function* (placements: ReadonlyArray<Placement>) {
    const ids = [...new Set(placements.flatMap(({ draft }) => productsOf(draft)))]
    // Joined, not compared with an array: a row that changed while it was waited for is compared again with all of it.
    const rows = yield* sql<ProductRow>`
      SELECT ${productColumns(sql)} FROM ${table.products} p
      JOIN unnest(${ids}::uuid[]) AS wanted (id) USING (id) ORDER BY id FOR NO KEY UPDATE OF p`
    return new Map(rows.map((row) => [row.id, toProduct(row)]))
  })

  const kind: Kind<Placement, Answer<Order>, PlacingRefusal | IdempotencyKeyReused> = {
    name: "place orders",
    together: (placements) =>
      Effect.gen(function* () {
        const replays = yield* keys.claimEach(placements, recall)
        const products = yield* lockProducts(placements)
        const batch = decideBatch(placements, products, replays)
        if (batch.placed.length > 0) yield* insert(batch.placed, batch.unitsTaken)
        yield* keys.conclude(batch)
        return batch.decided
      }),
    repeatable: ({ once }) => once !== undefined,
    rows: ({ draft }) => productsOf(draft),
    held: (ids) => sql<{ id: string }>`
      WITH free AS (
        SELECT id FROM ${table.products} WHERE id = ANY(${ids}::uuid[]) FOR NO KEY UPDATE SKIP LOCKED
      )
      SELECT id FROM ${table.products} WHERE id = ANY(${ids}::uuid[]) AND id NOT IN (SELECT id FROM free)`
  }
  return kind
})
