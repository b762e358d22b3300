import { createServer } from "node:http"
import { NodeHttpServer } from "@effect/platform-node"
import { Effect, Layer, Redacted } from "effect"
import { HttpRouter, HttpServer } from "effect/http"
import { Accounts, Catalog, Commerce } from "effect-commerce"
import * as Bcrypt from "effect-commerce/bcrypt"
import { routes } from "effect-commerce/http"
import * as Jose from "effect-commerce/jose"
import * as Memory from "effect-commerce/memory"
import * as SimulatedPayments from "effect-commerce/simulated-payments"

const tokens = Jose.layer({
  secret: Redacted.make("at least 32 bytes that nobody knows"),
  accessTokenTtl: "2 seconds"
})

const Shop = HttpRouter.serve(routes, { disableLogger: true, disableListenLog: true }).pipe(
  Layer.provideMerge(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0 })),
  Layer.provideMerge(Commerce.layer()),
  Layer.provide([Memory.layer, tokens, Bcrypt.layer({ cost: 4 }), SimulatedPayments.layer()])
)

/** A shop that sells one mug, in memory, on a free port, while the scope is open. */
export const openShop = Effect.gen(function* () {
  const context = yield* Layer.build(Shop)
  return yield* Effect.provide(
    Effect.gen(function* () {
      const [accounts, catalog] = [yield* Accounts, yield* Catalog]
      const ada = { email: "ada@example.com", password: "battery staple" }
      yield* accounts.register(ada)
      const { id: categoryId } = yield* catalog.createCategory({ name: "Mugs" })
      const price = { amount: 900, currency: "EUR" }
      yield* catalog.createProduct({ categoryId, name: "Mug", price, stock: 1 })
      const { address } = yield* HttpServer.HttpServer
      return { url: HttpServer.formatAddress(address), ada }
    }),
    context
  )
})
