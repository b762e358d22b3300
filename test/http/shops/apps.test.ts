import { createServer } from "node:http"
import { NodeHttpServer } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Context, type Duration, Effect, Layer, Logger, Redacted } from "effect"
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

const listening = (idleTimeToLive: Duration.Input) =>
  serveShops(routes, { address: "path", basePath: "/", idleTimeToLive }).pipe(
    Layer.provideMerge(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0 }))
  )

/** Shops in memory, and all that their routes need. */
const opened = Layer.merge(Commerce.layer(), Shops.layer({ maintenance: "off" })).pipe(
  Layer.provideMerge(Layer.merge(Memory.layer, Memory.layerShops)),
  Layer.provideMerge(ports),
  Layer.provideMerge(Logger.layer([]))
)

/** A server with shops in memory, each with one product, whose routes are forgotten as soon as nothing asks for them. */
const served = Layer.provideMerge(listening("1 millis"), opened)

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

  it.live("are made after a bug while their shop was opened", () =>
    Effect.gen(function* () {
      const shops = yield* Shops
      yield* stocked("acme")
      let isFirst = true
      const faulty = Shops.of({
        ...shops,
        get: (shop) =>
          Effect.suspend(() => {
            if (!isFirst) return shops.get(shop)
            isFirst = false
            return Effect.die(new Error("a bug"))
          })
      })
      const built = yield* Layer.build(Layer.provide(listening("10 minutes"), Layer.succeed(Shops, faulty)))
      const url = HttpServer.formatAddress(Context.get(built, HttpServer.HttpServer).address)
      assert.strictEqual(
        yield* Effect.promise(async () => (await fetch(`${url}/shops/acme/products`)).status),
        500
      )
      assert.deepStrictEqual(yield* nameAt(`${url}/shops/acme/products`), [200, ["acme"]])
    }).pipe(Effect.provide(opened))
  )
})
