import { assert, describe } from "@effect/vitest"
import { Cause, Effect, Exit } from "effect"
import type { SqlClient } from "effect/sql"
import { OrderRefused } from "../../../src/domain/orders/OrderChange.ts"
import type { BeforeCommitHook } from "../../../src/ports/BeforeCommit.ts"
import { newCustomer, product, race, type TestShop, times } from "../support.ts"

/** The host's own table about orders. */
const createRows = ({ sql }: TestShop) => sql`
  CREATE TABLE host_rows (
    order_id uuid REFERENCES commerce.orders (id), event text, note text CHECK (note <> 'forbidden'),
    PRIMARY KEY (order_id, event)
  )`

/** Writes a row for each change with one statement. Refuses orders by their metadata. */
const writeRows =
  (sql: SqlClient.SqlClient): BeforeCommitHook =>
  (changes) =>
    Effect.gen(function* () {
      const ids = changes.map(({ order }) => order.id)
      const events = changes.map(({ event }) => event.event)
      const notes = changes.map(({ order }) => order.metadata.note ?? "")
      yield* sql`
        INSERT INTO host_rows
        SELECT * FROM unnest(${ids}::uuid[], ${events}::text[], ${notes}::text[])`
      return changes
        .filter(({ order }) => order.metadata.note === "refused")
        .map(({ order }) => new OrderRefused({ orderId: order.id, reason: "The host says no" }))
    })

/** Every event has a row of the host, and the other way around. */
const rowsAgree = ({ sql }: TestShop) =>
  Effect.map(
    sql`
      SELECT order_id, event FROM commerce.order_events FULL JOIN host_rows USING (order_id, event)
      WHERE order_events.order_id IS NULL OR host_rows.order_id IS NULL`,
    (rows) => assert.deepStrictEqual(rows, [])
  )

describe("a hook in the transaction of a change", () => {
  race(
    "writes the rows of the host with the orders of a batch; it refuses some, and a constraint of its table fails for others [H5] [H6] [H7]",
    (shop) =>
      Effect.gen(function* () {
        yield* createRows(shop)
        const { id: productId } = yield* product(shop, 1000)
        const notes = times(500).map((n) => (n % 7 === 0 ? "refused" : n % 50 === 1 ? "forbidden" : "fine"))
        const exits = yield* Effect.forEach(
          notes,
          (note) =>
            Effect.exit(
              shop.orders.place({
                customerId: newCustomer(),
                items: [{ productId, quantity: 1 }],
                metadata: { note }
              })
            ),
          { concurrency: "unbounded" }
        )
        const answers = exits.map((exit) => {
          if (Exit.isSuccess(exit)) return "fine"
          const error = Cause.squash(exit.cause)
          if (error instanceof OrderRefused) return "refused"
          return error instanceof Error && error.name === "BeforeCommitFailed"
            ? "forbidden"
            : Cause.pretty(exit.cause)
        })
        assert.deepStrictEqual(answers, notes)
        yield* rowsAgree(shop)
      }),
    { beforeCommit: writeRows }
  )
})
