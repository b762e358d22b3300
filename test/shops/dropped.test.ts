import { createServer } from "node:http"
import { NodeHttpServer } from "@effect/platform-node"
import { assert, describe } from "@effect/vitest"
import { Context, Effect, Layer, Logger, Redacted } from "effect"
import { HttpServer } from "effect/http"
import { SqlClient } from "effect/sql"
import { updateShop } from "../../src/adapters/postgres/shops/ShopSchemas.ts"
import { ShopName } from "../../src/domain/shops/ShopName.ts"
import { serveShops } from "../../src/http/index.ts"
import { createCommerce } from "../../src/promise/index.ts"
import { Catalog } from "../../src/services/Catalog.ts"
import { created, live, openMany } from "./support.ts"

const drop = (schema: string) =>
  SqlClient.SqlClient.use((sql) => sql.unsafe(`DROP SCHEMA "${schema}" CASCADE`))

const categories = Catalog.use((catalog) => catalog.categories())

describe("a shop whose schema is dropped while it is open", { concurrent: true }, () => {
  live(
    "is a 404 over HTTP, and works again once it is created again",
    Effect.gen(function* () {
      const { context, shops } = yield* openMany()
      yield* created(shops, "acme", "globex")
      const served = serveShops(Layer.empty, { address: "path", basePath: "/" }).pipe(
        Layer.provideMerge(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0 })),
        Layer.provide(Layer.succeedContext(context)),
        Layer.provide(Logger.layer([]))
      )
      const { address } = Context.get(yield* Layer.build(served), HttpServer.HttpServer)
      const statusOf = (path: string) =>
        Effect.promise(async () => (await fetch(HttpServer.formatAddress(address) + path)).status)
      assert.strictEqual(yield* statusOf("/shops/acme/products"), 200)
      yield* Effect.provideContext(drop("commerce_acme"), context)
      const paths = ["/shops/acme/products", "/shops/acme/categories", "/shops/acme/health/ready"]
      assert.deepStrictEqual(yield* Effect.forEach(paths, statusOf), [404, 404, 404])
      assert.strictEqual(yield* statusOf("/shops/globex/products"), 200)
      yield* shops.migrate("acme")
      assert.deepStrictEqual(yield* Effect.forEach(paths, statusOf), [200, 200, 200])
    })
  )

  live(
    "is not created by what only updates it",
    Effect.gen(function* () {
      const { context, shops } = yield* openMany()
      const error = yield* Effect.flip(
        Effect.provideContext(updateShop("commerce", ShopName.make("acme")), context)
      )
      assert.strictEqual(error._tag, "DatabaseRefused")
      const rows = yield* Effect.provideContext(
        SqlClient.SqlClient.use((sql) => sql`SELECT 1 FROM pg_namespace WHERE nspname = 'commerce_acme'`),
        context
      )
      assert.deepStrictEqual(rows, [])
      assert.deepStrictEqual(yield* shops.list, [])
    })
  )

  live(
    "is ShopNotFound after one defect",
    Effect.gen(function* () {
      const { context, shops } = yield* openMany()
      yield* created(shops, "acme")
      yield* shops.use("acme", categories)
      yield* Effect.provideContext(drop("commerce_acme"), context)
      yield* Effect.exit(shops.use("acme", categories))
      const error = yield* Effect.flip(shops.use("acme", categories))
      assert.strictEqual(error._tag, "ShopNotFound")
    })
  )

  live(
    "is ShopNotFound after one error of a host with promises",
    Effect.gen(function* () {
      const { context, shops, url } = yield* openMany()
      yield* created(shops, "acme")
      const commerce = yield* Effect.acquireRelease(
        Effect.promise(() =>
          createCommerce({
            database: { url: Redacted.value(url), migrate: false },
            auth: { jwtSecret: "a secret that only these tests know" }
          })
        ),
        (opened) => Effect.promise(() => opened.close())
      )
      const acme = yield* Effect.promise(() => commerce.shop("acme"))
      const status = Effect.promise(
        async () => (await acme.handler(new Request("http://localhost/categories"))).status
      )
      assert.strictEqual(yield* status, 200)
      yield* Effect.provideContext(drop("commerce_acme"), context)
      assert.strictEqual(yield* status, 500)
      assert.strictEqual(yield* status, 404)
      yield* Effect.promise(() =>
        acme.catalog.categories().then(
          () => assert.fail("There is a shop"),
          (error) => assert.strictEqual(error._tag, "ShopNotFound")
        )
      )
    })
  )
})
