import { assert, describe } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { newCustomer, openShop, product, race, stock, type TestShop, times } from "../support.ts"

const callers = 40
const changes = 10

const together = <A, E, R>(works: ReadonlyArray<Effect.Effect<A, E, R>>) =>
  Effect.all(works, { concurrency: "unbounded", discard: true })

/** Gives each product one price after another, and reads it after each: alone, and on the page that everyone reads. */
const reprice = (writer: TestShop, reader: TestShop) =>
  Effect.gen(function* () {
    const products = yield* stock(writer, ...times(callers).map(() => 1))
    const categoryId = products[0]?.categoryId
    const page = reader.catalog.products({ categoryId, limit: 100 })
    const visitors = yield* Effect.forkChild(together(times(callers).map(() => Effect.forever(page))))
    yield* together(
      products.map(({ id }) =>
        Effect.gen(function* () {
          for (const amount of times(changes)) {
            const price = { amount, currency: "EUR" }
            yield* writer.catalog.changeProduct({ productId: id, price })
            const { items } = yield* page
            assert.deepStrictEqual(items.find((item) => item.id === id)?.price, price)
            assert.deepStrictEqual((yield* reader.catalog.product(id)).price, price)
          }
        })
      )
    )
    yield* Fiber.interrupt(visitors)
  })

describe("reads that share statements", () => {
  race("see every write that was done before, however many read", (shop) => reprice(shop, shop))

  race("see the writes of another process too", (shop) =>
    Effect.gen(function* () {
      yield* reprice(yield* openShop(shop.url), shop)
    })
  )

  race("return to each its own order, in the status that it has", (shop) =>
    Effect.gen(function* () {
      const item = yield* product(shop, 10_000)
      const items = [{ productId: item.id, quantity: 1 }]
      yield* together(
        times(callers * 3).map(() =>
          Effect.gen(function* () {
            const customerId = newCustomer()
            const { id } = yield* shop.orders.place({ customerId, items })
            const placed = yield* shop.orders.get(id)
            assert.deepStrictEqual([placed.id, placed.customerId, placed.status], [id, customerId, "CREATED"])
            yield* shop.payments.pay({ orderId: id, paymentMethod: "sim_approve" })
            assert.strictEqual((yield* shop.orders.get(id)).status, "PAID")
          })
        )
      )
    })
  )

  race("see inside a transaction what it has written", (shop) =>
    Effect.gen(function* () {
      const { id } = yield* product(shop, 10)
      const price = { amount: 777, currency: "EUR" }
      const readers = together(times(callers).map(() => shop.catalog.product(id)))
      yield* Effect.all(
        [
          readers,
          shop.sql.withTransaction(
            Effect.gen(function* () {
              yield* shop.catalog.changeProduct({ productId: id, price })
              assert.deepStrictEqual((yield* shop.catalog.product(id)).price, price)
            })
          ),
          readers
        ],
        { concurrency: "unbounded" }
      )
    })
  )
})
