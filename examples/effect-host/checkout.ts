import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { Orders } from "effect-commerce"

export interface Gift {
  readonly customerId: string
  readonly productId: string
  readonly quantity: number
  readonly note: string
}

/** An order and the host's own row about it: both, or neither. */
export const checkout = Effect.fn("checkout")(function* ({ customerId, productId, quantity, note }: Gift) {
  const sql = yield* SqlClient.SqlClient
  const orders = yield* Orders
  return yield* sql.withTransaction(
    Effect.gen(function* () {
      const order = yield* orders.place({ customerId, items: [{ productId, quantity }] })
      yield* sql`INSERT INTO gift_notes (order_id, note) VALUES (${order.id}, ${note})`
      return order
    })
  )
})
