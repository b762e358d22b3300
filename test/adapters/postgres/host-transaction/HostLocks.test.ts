import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { newCustomer, openShop, product, race } from "../../../race/support.ts"

describe("a refusal in a host's transaction", () => {
  race("releases the rows and the key that it has locked [H2]", (shop) =>
    Effect.gen(function* () {
      const item = yield* product(shop, 5)
      const host = yield* openShop(shop.url)
      const order = (quantity: number) => ({
        customerId,
        items: [{ productId: item.id, quantity }]
      })
      const customerId = newCustomer()
      const placed = yield* host.sql.withTransaction(
        Effect.gen(function* () {
          const refusal = yield* Effect.flip(host.orders.place(order(6), { idempotencyKey: "key" }))
          assert.strictEqual(refusal._tag, "InsufficientStock")
          // On another connection, while the host's transaction is still open.
          yield* shop.sql`SELECT FROM commerce.products WHERE id = ${item.id} FOR UPDATE NOWAIT`
          return yield* shop.orders.place(order(1), { idempotencyKey: "key" })
        })
      )
      assert.deepStrictEqual(yield* shop.orders.get(placed.id), placed)
    })
  )
})
