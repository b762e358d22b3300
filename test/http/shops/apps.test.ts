import { createServer } from "node:http"
import { NodeHttpServer } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Logger, Redacted } from "effect"
import { HttpServer } from "effect/http"
import * as Bcrypt from "../../../src/adapters/bcrypt.ts"
import * as Jose from "../../../src/adapters/jose.ts"
import * as Memory from "../../../src/adapters/memory/index.ts"
import * as SimulatedPayments from "../../../src/adapters/simulated-payments.ts"
import { routes, serveShops } from "../../../src/http/index.ts"
import { Catalog } from "../../../src/services/Catalog.ts"
import * as Commerce from "../../../src/services/Commerce.ts"
import { Shops } from "../../../src/services/Shops.ts"

const names = ["acme", "globex", "initech"]
const secret = Redacted.make("a secret of at least 32 bytes for tests")

const ports = Layer.mergeAll(
  Bcrypt.layer({ cost: 4 }),
  SimulatedPayments.layer(),
  Layer.orDie(Layer.merge(Jose.layer({ secret }), Jose.layerShops({ secret })))
)

/** A server with shops in memory, each with one product, whose routes are forgotten as soon as nothing asks for them. */
const served = serveShops(routes, { address: "path", basePath: "/", idleTimeToLive: "1 millis" }).pipe(
  Layer.provideMerge(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0 })),
  Layer.provideMerge(Layer.merge(Commerce.layer(), Shops.layer({ maintenance: "off" }))),
  Layer.provide([Memory.layer, Memory.layerShops]),
  Layer.provide(ports),
  Layer.provide(Logger.layer([]))
)

const stocked = (shop: string) =>
  Effect.gen(function* () {
    const shops = yield* Shops
    yield* shops.migrate(shop)
    const named = Catalog.use((catalog) =>
      Effect.flatMap(catalog.createCategory({ name: shop }), ({ id: categoryId }) =>
        catalog.createProduct({ categoryId, name: shop, price: { amount: 100, currency: "EUR" }, stock: 1 })
      )
    )
    yield* shops.use(shop, named)
  })

const nameAt = (url: string) =>
  Effect.promise(async () => {
    const answer = await fetch(url)
    const body = (await answer.json()) as { readonly items?: ReadonlyArray<{ readonly name: string }> }
    return [answer.status, body.items?.map(({ name }) => name)] as const
  })

describe("routes of shops", () => {
  it.live("are made again when they have been idle, under requests for several shops", () =>
    Effect.gen(function* () {
      const { address } = yield* HttpServer.HttpServer
      yield* Effect.forEach(names, stocked)
      const url = HttpServer.formatAddress(address)
      // Longer and shorter pauses than the routes are kept.
      yield* Effect.forEach(
        Array.from({ length: 120 }, (_, n) => n),
        (n) =>
          Effect.gen(function* () {
            const shop = names[n % names.length] ?? ""
            yield* Effect.sleep(`${(n * 7) % 40} millis`)
            assert.deepStrictEqual(yield* nameAt(`${url}/shops/${shop}/products`), [200, [shop]])
          }),
        { concurrency: 6, discard: true }
      )
      assert.deepStrictEqual(yield* nameAt(`${url}/products`), [200, []])
      assert.deepStrictEqual(yield* nameAt(`${url}/shops/other/products`), [404, undefined])
    }).pipe(Effect.provide(served))
  )
})
