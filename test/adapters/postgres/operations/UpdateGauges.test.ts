import { assert, layer } from "@effect/vitest"
import { Effect, Fiber, Layer, Metric, Schedule } from "effect"
import { SqlClient } from "effect/sql"
import { updateGauges } from "../../../../src/adapters/postgres/index.ts"
import { Catalog } from "../../../../src/services/Catalog.ts"
import { Orders } from "../../../../src/services/Orders.ts"
import { callersWaiting, databaseBusy, paymentsPending } from "../../../../src/telemetry/Metrics.ts"
import { commerce } from "../../../support/commerce.ts"
import { holdingRows } from "../../../support/locks.ts"
import { freshStores } from "../../../support/postgres.ts"

const valueOf = (gauge: Metric.Gauge<number>) => Effect.map(Metric.value(gauge), ({ value }) => value)

const becomes = (gauge: Metric.Gauge<number>, is: (now: number) => boolean) =>
  Effect.repeat(valueOf(gauge), { until: is, schedule: Schedule.spaced("10 millis") })

const none = (now: number) => now === 0
const some = (now: number) => now > 0

const setUp = Effect.gen(function* () {
  const catalog = yield* Catalog
  const { id: categoryId } = yield* catalog.createCategory({ name: crypto.randomUUID() })
  const price = { amount: 900, currency: "EUR" }
  const { id: productId } = yield* catalog.createProduct({ categoryId, name: "Cup", price, stock: 10 })
  const items = [{ productId, quantity: 1 }]
  const orders = yield* Orders
  return { productId, place: orders.place({ customerId: crypto.randomUUID(), items }) }
})

layer(Layer.provideMerge(commerce, freshStores), { excludeTestServices: true })("What is measured", (it) => {
  it.effect("is who waits, and how much the database has to do", () =>
    Effect.gen(function* () {
      const { productId, place } = yield* setUp
      const { giveUp } = yield* holdingRows("products", productId)
      const busy = databaseBusy("transaction")
      // What happens when a shop opens, and the last change of the product, may still be under way.
      yield* becomes(busy, none)
      const places = yield* Effect.forEach([1, 2, 3], () => Effect.forkChild(place))
      yield* becomes(callersWaiting("place orders"), (now) => now === 3)
      yield* becomes(busy, some)
      yield* Fiber.interrupt(places[0] ?? assert.fail())
      assert.strictEqual(yield* valueOf(callersWaiting("place orders")), 2)
      yield* giveUp
      yield* Effect.forEach(places.slice(1), Fiber.join)
      assert.strictEqual(yield* valueOf(callersWaiting("place orders")), 0)
      yield* becomes(busy, none)
    }).pipe(Effect.scoped)
  )

  it.effect("is how many payments are pending, or nothing if the database does not say", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const { place } = yield* setUp
      yield* updateGauges()
      assert.strictEqual(yield* valueOf(paymentsPending), 0)
      const { id, total } = yield* place
      yield* sql`
        INSERT INTO commerce.payments (id, order_id, status, currency, amount, payment_method, actor, created_at)
        VALUES (gen_random_uuid(), ${id}, 'PENDING', ${total.currency}, ${total.amount}, 'card', 'somebody', now())`
      yield* updateGauges()
      assert.strictEqual(yield* valueOf(paymentsPending), 1)

      yield* updateGauges("nowhere")
      const names = (yield* Metric.snapshot).map(({ id }) => id)
      assert.notInclude(names, "commerce_payments_pending")
    })
  )
})
