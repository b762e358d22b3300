import { Array as Arr, Effect } from "effect"
import type { SqlError, Statement } from "effect/sql"
import type { Offer } from "../../../domain/catalog/Product.ts"
import { asPlaced, type Order } from "../../../domain/orders/Order.ts"
import type { OrderRefused } from "../../../domain/orders/OrderChange.ts"
import {
  codesOf,
  isAdjusted,
  type PlaceOrderRefusal,
  placeOrder,
  productsOf,
  toQuote
} from "../../../domain/orders/PlaceOrder.ts"
import {
  firstTime,
  type IdempotencyKeyReused,
  type IdempotentResult
} from "../../../domain/shared/Idempotency.ts"
import type { ProductId } from "../../../domain/shared/Ids.ts"
import type { OrderStore, Placement } from "../../../ports/OrderStore.ts"
import { type OfferRow, offerColumns, toOffer } from "../catalog/ProductRecords.ts"
import { batcher } from "../execution/Batcher.ts"
import { changeHook } from "../execution/ChangeHook.ts"
import { Database } from "../execution/Database.ts"
import { idempotencyKeys, readAgain } from "../idempotency/IdempotencyKeys.ts"
import { readVouchers } from "../pricing/VoucherRecords.ts"
import { decidePlacements, isPriced, isRefusedByBatch } from "./DecidePlacements.ts"
import { insertOrders } from "./InsertOrders.ts"
import { selectOrders, toOrder } from "./OrderRecords.ts"

type SelectOffers = (ids: ReadonlyArray<ProductId>, isPriced: boolean) => Statement.Statement<OfferRow>

const selectUnlocked = Effect.map(
  Database,
  ({ sql, table }): SelectOffers =>
    (ids, isPriced) =>
      sql`SELECT ${sql.literal(offerColumns(isPriced))} FROM ${table.products} WHERE id = ANY(${ids}::uuid[])`
)

const toOffers = (rows: ReadonlyArray<OfferRow>): ReadonlyMap<ProductId, Offer> =>
  new Map(rows.map((row) => [row.id, toOffer(row)]))

/** Placements that the single statement leaves to a transaction: their vouchers have to be locked first. */
const needsTransaction = ({ draft }: Placement) => (draft.codes ?? []).length > 0

/**
 * Places a batch of orders. Claims the idempotency keys, locks the products and then the vouchers once, decides each
 * placement in order, and writes everything with one statement.
 *
 * Without vouchers the products are read without locks first. The writing statement claims the keys and locks the products, and
 * writes nothing if they have changed since or a key was claimed before.
 */
export const placeOrders = Effect.gen(function* () {
  const { sql, table, singleStatement } = yield* Database
  const keys = yield* idempotencyKeys
  const insert = yield* insertOrders
  const selectPlaced = yield* selectOrders
  const vouchers = yield* readVouchers
  const unlocked = yield* selectUnlocked
  const hook = yield* changeHook

  const loadReplay = (ids: ReadonlyArray<string>) =>
    Effect.map(
      selectPlaced(sql`WHERE o.id = ANY(${ids}::uuid[])`),
      Arr.map((row) => asPlaced(toOrder(row)))
    )

  const products = (
    placements: ReadonlyArray<Placement>,
    select: SelectOffers
  ): Effect.Effect<ReadonlyMap<ProductId, Offer>, SqlError.SqlError> => {
    const ids = new Set(placements.flatMap(({ draft }) => productsOf(draft)))
    return Effect.map(select([...ids], isPriced(placements)), toOffers)
  }

  // A join instead of `= ANY`: after a lock wait PostgreSQL rechecks a changed row against the whole condition,
  // which is cheaper for a join.
  const locked: SelectOffers = (ids, priced) =>
    sql`
      SELECT ${sql.literal(offerColumns(priced))} FROM ${table.products} p
      JOIN unnest(${ids}::uuid[]) AS wanted (id) USING (id) ORDER BY id FOR NO KEY UPDATE OF p`

  const facts = Effect.fnUntraced(function* (placements: ReadonlyArray<Placement>) {
    const claims = placements.flatMap(({ idempotency }) => idempotency ?? [])
    // A statement that meets a known key is undone, which PostgreSQL logs as an error.
    const isKeyKnown = claims.length > 0 && (yield* keys.someKnown(claims))
    return { isKeyKnown, found: yield* products(placements, unlocked) }
  })

  return yield* batcher<
    Placement,
    IdempotentResult<Order>,
    PlaceOrderRefusal | OrderRefused | IdempotencyKeyReused
  >({
    name: "place orders",
    execute: (placements) =>
      Effect.gen(function* () {
        const replays = yield* keys.claimEach(placements, readAgain(loadReplay))
        const found = yield* products(placements, locked)
        const named = yield* vouchers(
          placements.map(({ draft }) => draft),
          { lock: true }
        )
        const batch = decidePlacements(placements, found, replays, named)
        if (!(yield* insert(batch, found))) yield* Effect.die(new Error("A locked product has changed"))
        yield* keys.fulfilAndRelease(batch)
        yield* hook.each(batch.placed.map((change) => ({ index: change.index, change })))
        return batch.decided
      }),
    executeSingleStatement: (placements, lockTimeout) =>
      hook.exists || placements.some(needsTransaction)
        ? Effect.succeed(undefined)
        : singleStatement(facts(placements), ({ found, isKeyKnown }) => {
            if (isKeyKnown) return Effect.succeed(undefined)
            const batch = decidePlacements(placements, found, () => undefined)
            // A request with a key that is refused may have been answered before.
            if (isRefusedByBatch(batch) || batch.released.length > 0) return Effect.succeed(undefined)
            const options = { lockTimeout, claiming: batch.fulfilled }
            return Effect.map(insert(batch, found, options), (written) =>
              written ? batch.decided : undefined
            )
          }),
    lookup: (placements) =>
      Effect.map(loadReplay(placements.map(({ id }) => id)), (orders) => {
        const byId = new Map(orders.map((order) => [order.id, firstTime(order)]))
        return placements.map(({ id }) => byId.get(id))
      }),
    lockTargets: ({ draft }) => [
      ...productsOf(draft).map((id) => ({ table: "products" as const, id })),
      ...codesOf(draft).map((id) => ({ table: "vouchers" as const, id }))
    ]
  })
})

/** Decides a placement on what is committed now, and writes nothing. */
export const quoteOrder = Effect.gen(function* () {
  const { query } = yield* Database
  const unlocked = yield* selectUnlocked
  const vouchers = yield* readVouchers

  const quote: OrderStore["Service"]["quote"] = ({ draft, id, at, actor, price }) =>
    Effect.gen(function* () {
      const found = toOffers(yield* query(unlocked(productsOf(draft), isAdjusted(draft, price))))
      const named = yield* query(vouchers([draft], { lock: false }))
      return toQuote(yield* Effect.fromResult(placeOrder(draft, found, { id, at, actor }, price, named)))
    })
  return quote
})
