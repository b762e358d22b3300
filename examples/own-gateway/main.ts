import { fork } from "node:child_process"
import { once } from "node:events"
import { NodeHttpClient, NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer } from "effect"
import { Catalog, Orders, Payments } from "effect-commerce"
import * as Memory from "effect-commerce/memory"
import { bankGateway } from "./gateway.ts"

/** The bank, in a process of its own that ends with the scope. */
const bank = Effect.acquireRelease(
  Effect.promise(async () => {
    const child = fork(new URL("bank.ts", import.meta.url))
    const [url] = await once(child, "message")
    return { url: String(url), close: () => child.kill() }
  }),
  ({ close }) => Effect.sync(close)
)

const shopWith = (url: string) =>
  Layer.mergeAll(Catalog.layer, Orders.layer, Payments.layer({ timeout: "2 seconds" })).pipe(
    Layer.provide([Memory.layer, bankGateway(url).pipe(Layer.provide(NodeHttpClient.layerFetch))])
  )

const shopping = Effect.fnUntraced(function* (bankUrl: string) {
  const [catalog, orders, payments] = [yield* Catalog, yield* Orders, yield* Payments]
  const { id: categoryId } = yield* catalog.createCategory({ name: "Books" })
  const price = { amount: 2500, currency: "EUR" }
  const { id: productId } = yield* catalog.createProduct({ categoryId, name: "Atlas", price, stock: 4 })
  const customerId = crypto.randomUUID()

  const statuses = Effect.flatMap(orders.list({ customerId }), ({ items }) =>
    Effect.forEach(items.toReversed(), ({ id, status }) =>
      Effect.map(payments.list(id), ([payment]) => `${payment?.status} ${status}`)
    )
  ).pipe(Effect.map((all) => all.join(", ")))

  for (const paymentMethod of ["visa", "visa", "stolen", "stolen"]) {
    const { id: orderId } = yield* orders.place({ customerId, items: [{ productId, quantity: 1 }] })
    yield* payments.pay({ orderId, paymentMethod })
  }
  yield* Console.log(`paid: ${yield* statuses}`)

  yield* Effect.sleep("2100 millis")
  yield* payments.recover
  yield* Console.log(`recovered: ${yield* statuses}`)

  const ledger = yield* Effect.promise(async () => (await fetch(bankUrl)).json())
  const charged = (ledger as ReadonlyArray<{ outcome: string }>).map(({ outcome }) => outcome).join(", ")
  const { stock } = yield* catalog.product(productId)
  yield* Console.log(`charged: ${charged}; atlases left: ${stock}`)
})

Effect.scoped(Effect.flatMap(bank, ({ url }) => Effect.provide(shopping(url), shopWith(url)))).pipe(
  NodeRuntime.runMain
)
