import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { Catalog, Orders } from "effect-commerce"
import * as Postgres from "effect-commerce/postgres"
import { checkout } from "./checkout.ts"
import { Database } from "./database.ts"

const Shop = Layer.mergeAll(Catalog.layer, Orders.layer).pipe(Layer.provide(Postgres.layer()))

const program = Effect.gen(function* () {
  const [sql, catalog, orders] = [yield* SqlClient.SqlClient, yield* Catalog, yield* Orders]
  const { id: categoryId } = yield* catalog.createCategory({ name: `Flowers ${crypto.randomUUID()}` })
  const price = { amount: 1200, currency: "EUR" }
  const tulips = yield* catalog.createProduct({ categoryId, name: "Tulips", price, stock: 5 })

  const customerId = crypto.randomUUID() // a user of the host
  const gift = { customerId, productId: tulips.id, quantity: 2, note: "Happy birthday!" }

  const order = yield* checkout(gift)
  yield* Console.log(`placed for ${order.total.amount} ${order.total.currency}, with a note`)

  // The note is too long for the host's table: the order is rolled back with it.
  yield* checkout({ ...gift, note: "Happy birthday! ".repeat(10) }).pipe(
    Effect.catchTag("SqlError", () => Console.log("the note was too long: no order either"))
  )

  // A refusal is a typed error with its data, and leaves nothing behind.
  yield* checkout({ ...gift, quantity: 4 }).pipe(
    Effect.catchTag("InsufficientStock", ({ shortages: [shortage] }) =>
      Console.log(`only ${shortage?.available} are left: no note either`)
    )
  )

  const { items } = yield* orders.list({ customerId })
  const { stock } = yield* catalog.product(tulips.id)
  const notes = yield* sql`SELECT FROM gift_notes WHERE order_id IN ${sql.in(items.map(({ id }) => id))}`
  yield* Console.log(`orders: ${items.length}, notes: ${notes.length}, tulips left: ${stock}`)
})

program.pipe(Effect.provide(Shop), Effect.provide(Database), NodeRuntime.runMain)
