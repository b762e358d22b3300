import { Array as Arr, Effect, Layer } from "effect"
import type { Statement } from "effect/sql"
import { OrderStore } from "../../../ports/OrderStore.ts"
import { epochMillis } from "../execution/ColumnTypes.ts"
import { Database } from "../execution/Database.ts"
import { sharedRows } from "../execution/SharedReads.ts"
import { replicated } from "../replica/ReplicatedReads.ts"
import { advanceOrders } from "./AdvanceOrders.ts"
import { expireOrder, expireUnpaid } from "./ExpireOrders.ts"
import { fulfilOrder } from "./FulfilOrder.ts"
import { type EventRow, selectOrders, toEvent, toOrder } from "./OrderRecords.ts"
import { placeOrders, quoteOrder } from "./PlaceOrders.ts"
import { readFeed, readLatestPosition } from "./ReadFeed.ts"

const orderReads = Effect.gen(function* () {
  const { sql, query } = yield* Database
  const select = yield* selectOrders
  const list: OrderStore["Service"]["list"] = ({ status, stage, customerId, after, take }) => {
    const conditions: Array<Statement.Fragment> = []
    if (status !== undefined) conditions.push(sql`o.status = ${status}`)
    if (stage !== undefined) {
      const { stage: word, firstOf } = stage
      const isMoved = sql`o.stage = ${word}`
      conditions.push(
        firstOf === undefined ? isMoved : sql`(${isMoved} OR o.stage IS NULL AND o.status = ${firstOf})`
      )
    }
    if (customerId !== undefined) conditions.push(sql`o.customer_id = ${customerId}`)
    if (after !== undefined) conditions.push(sql`o.id < ${after}`)
    const page = select(sql`WHERE ${sql.and(conditions)} ORDER BY o.id DESC LIMIT ${take}`)
    return Effect.map(query(page), Arr.map(toOrder))
  }
  return { list, feed: yield* readFeed }
})

export const PgOrderStore = Layer.effect(
  OrderStore,
  Effect.gen(function* () {
    const { sql, table, query } = yield* Database
    const select = yield* selectOrders

    return OrderStore.of({
      place: yield* placeOrders,
      quote: yield* quoteOrder,
      advance: yield* advanceOrders,
      expire: yield* expireOrder,
      expireUnpaid: yield* expireUnpaid,
      fulfil: yield* fulfilOrder,
      ...(yield* replicated(orderReads)),
      // Who begins there must not begin before what the primary has shown already.
      latestPosition: yield* readLatestPosition,

      get: yield* sharedRows(
        (ids) => select(sql`WHERE o.id = ANY(${ids}::uuid[])`),
        ({ id }) => id,
        toOrder
      ),

      history: (id) =>
        query(
          sql<EventRow>`
            SELECT sequence, event, from_status, to_status, ${sql.literal(epochMillis("at"))}, actor, details
            FROM ${table.order_events} WHERE order_id = ${id} ORDER BY sequence`
        ).pipe(Effect.map(Arr.map(toEvent)))
    })
  })
)
