import { assert, describe } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { layer, TimeSource } from "../../../../src/adapters/postgres/index.ts"
import { IdempotencyKeyStore } from "../../../../src/ports/IdempotencyKeyStore.ts"
import { OrderStore } from "../../../../src/ports/OrderStore.ts"
import { PaymentStore } from "../../../../src/ports/PaymentStore.ts"
import { buy, newCustomer, product, race, type TestShop } from "../../../race/support.ts"

const hour = 3_600_000

/** The stores of a process that takes a time from the server, or from itself. */
const storesOf = ({ sql }: TestShop, source: "server" | "process") =>
  Layer.build(
    Layer.fresh(layer()).pipe(
      Layer.provide([Layer.succeed(SqlClient.SqlClient, sql), Layer.succeed(TimeSource, source)])
    )
  )

describe("a process whose clock is five hours ahead", () => {
  const at = new Date(Date.now() + 5 * hour)
  const before = new Date(at.getTime() - hour)

  /** What it takes for an hour old: orders, keys, payments. */
  const sweep = Effect.fnUntraced(function* (shop: TestShop, source: "server" | "process") {
    const stores = yield* storesOf(shop, source)
    const [orders, keys, payments] = [OrderStore, IdempotencyKeyStore, PaymentStore].map((key) =>
      Context.getUnsafe(stores, key as never)
    ) as unknown as [OrderStore["Service"], IdempotencyKeyStore["Service"], PaymentStore["Service"]]
    const leased = yield* payments.lease(before, { at, until: new Date(at.getTime() + 1000) }, 10)
    return {
      expired: (yield* orders.expireUnpaid(before, 10, { at, actor: "system" })).expired.length,
      pruned: yield* keys.prune(before, 10, at),
      leased: leased.length
    }
  })

  race("neither expires new orders nor deletes new keys nor recovers new payments [D5]", (shop) =>
    Effect.gen(function* () {
      const item = yield* product(shop, 10)
      yield* buy(shop, item)
      const customerId = newCustomer()
      const items = [{ productId: item.id, quantity: 1 }]
      yield* shop.orders.place({ customerId, items }, { idempotencyKey: "key" })
      const { id: orderId } = yield* buy(shop, item)
      yield* shop.payments.pay({ orderId, paymentMethod: "sim_timeout" })
      assert.deepStrictEqual(yield* sweep(shop, "server"), { expired: 0, pruned: 0, leased: 0 })
      // It would do so by its own clock.
      assert.deepStrictEqual(yield* sweep(shop, "process"), { expired: 2, pruned: 1, leased: 1 })
    })
  )
})
