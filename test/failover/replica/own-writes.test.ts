import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { Category } from "../../../src/domain/catalog/Category.ts"
import { InvalidInput } from "../../../src/domain/shared/InvalidInput.ts"
import { CatalogStore } from "../../../src/ports/CatalogStore.ts"
import { ReadPreference } from "../../../src/ports/ReadPreference.ts"
import { isInstalled } from "../PostgresServer.ts"
import { failover } from "../support.ts"
import { adminOf, ask, customerOf, newProduct, openServer } from "./Shops.ts"
import { answered, lagging, pair, storesOn } from "./support.ts"

interface Listed {
  readonly items: ReadonlyArray<{ readonly id: string }>
}

const rounds = 120

describe.skipIf(!isInstalled)("with a replica that lags by a second (needs Debian's postgresql)", () => {
  failover(
    "a customer who places at one server and lists at another sees the order at once, with a position and without [D7]",
    Effect.gen(function* () {
      const both = yield* pair(lagging)
      const [one, other] = [yield* openServer(both, "5 seconds"), yield* openServer(both, "5 seconds")]
      yield* Effect.promise(async () => {
        const product = await newProduct(one)
        const token = await customerOf(one)
        // From now on the replica is used.
        for (let waited = 0; waited < 200 && (await Effect.runPromise(answered)).replica === 0; waited++) {
          await ask(other, "GET", "/products")
          await new Promise((resolve) => setTimeout(resolve, 50))
        }
        const before = await Effect.runPromise(answered)
        assert.isAbove(before.replica, 0)
        let oldest = ""
        for (let round = 0; round < rounds; round++) {
          const items = [{ productId: product.id, quantity: 1 }]
          const placed = await ask<{ id: string }>(one, "POST", "/orders", { token, body: { items } })
          const { position } = placed
          assert.notStrictEqual(position, "")
          if (oldest === "") oldest = position
          const plain = await ask<Listed>(other, "GET", "/orders?limit=1", { token })
          assert.deepStrictEqual(plain.body.items[0]?.id, placed.body.id)
          const after = await ask<Listed>(other, "GET", "/orders?limit=1", { token, position })
          assert.deepStrictEqual(after.body.items[0]?.id, placed.body.id)
          const [stock] = [product.stock - round - 1]
          const page = await ask<typeof product>(other, "GET", `/products/${product.id}`, { token, position })
          assert.strictEqual(page.body.stock, stock)
        }
        // What has been replayed since is read there.
        const soFar = await Effect.runPromise(answered)
        for (let tries = 0; (await Effect.runPromise(answered)).replica === soFar.replica; tries++) {
          assert.isBelow(tries, 600)
          await ask<Listed>(other, "GET", "/orders?limit=1", { token, position: oldest })
          await new Promise((resolve) => setTimeout(resolve, 50))
        }
        const counts = await Effect.runPromise(answered)
        console.log(
          `own writes: ${rounds} rounds, of the reads with a position the replica has answered ${counts.replica - before.replica}, the primary ${counts.primary - before.primary}`
        )
        assert.isAtLeast(counts.primary - before.primary, 2 * rounds)
        assert.deepStrictEqual((await one.verify()).violations, [])
      })
    })
  )

  failover(
    "a host reads what it has written in another process after a position, and may read what is older [D7]",
    Effect.gen(function* () {
      const both = yield* pair(lagging)
      const [one, other] = [yield* openServer(both, "5 seconds"), yield* openServer(both, "5 seconds")]
      yield* Effect.promise(async () => {
        const product = await newProduct(one)
        const start = await one.position()
        const items = [{ productId: product.id, quantity: 1 }]
        let older = 0
        for (let round = 0; round < rounds; round++) {
          const { id } = await one.orders.place({ customerId: "ada", items })
          const fresh = other.replica.after(await one.position())
          assert.strictEqual((await fresh.orders.list({ limit: 1 })).items[0]?.id, id)
          assert.strictEqual((await fresh.catalog.product(product.id)).stock, product.stock - round - 1)
          assert.strictEqual((await fresh.analytics.summary()).orders, round + 1)
          let last: string | undefined
          for await (const event of fresh.orders.listAll()) last ??= event.id
          assert.strictEqual(last, id)
          const { items: listed } = await other.replica.orders.list({ limit: 1 })
          if (listed[0]?.id !== id) older += 1
          await other.replica.after(start).catalog.products()
          await new Promise((resolve) => setTimeout(resolve, 20))
        }
        console.log(`a host's replica was ${older} times older than its last order, in ${rounds} rounds`)
        assert.isAbove(older, 0)
        assert.throws(() => other.replica.after("latest"), InvalidInput)
        assert.deepStrictEqual((await one.verify()).violations, [])
      })
    })
  )

  failover(
    "a transaction of the host sees its own changes, which no replica has [D7]",
    Effect.gen(function* () {
      const both = yield* pair()
      yield* Effect.gen(function* () {
        const [catalog, sql] = [yield* CatalogStore, yield* SqlClient.SqlClient]
        const list = Effect.provideService(catalog.categories(undefined, 100), ReadPreference, "replica")
        const before = (yield* answered).replica
        while ((yield* answered).replica === before) yield* Effect.andThen(list, Effect.sleep(20))
        const added = { id: crypto.randomUUID(), name: "mugs", createdAt: new Date() } as Category
        yield* sql.withTransaction(
          Effect.gen(function* () {
            yield* catalog.addCategory(added, undefined)
            assert.deepStrictEqual(
              (yield* list).map(({ name }) => name),
              ["mugs"]
            )
          })
        )
      }).pipe(Effect.provide(storesOn(both)))
    })
  )

  failover(
    "an admin sees each change in the next answer of another server [D7]",
    Effect.gen(function* () {
      const both = yield* pair(lagging)
      const [one, other] = [yield* openServer(both, "5 seconds"), yield* openServer(both, "5 seconds")]
      yield* Effect.promise(async () => {
        const token = await adminOf(one)
        const { id } = await newProduct(one)
        for (let amount = 2; amount < rounds; amount++) {
          const body = { price: { amount, currency: "EUR" } }
          const { position } = await ask(one, "PATCH", `/products/${id}`, { token, body })
          for (const path of [`/products/${id}`, "/products?sort=newest&limit=1"]) {
            for (const asked of [{ token }, { position }, { token, position }]) {
              const { body: found } = await ask<object>(other, "GET", path, asked)
              assert.include(JSON.stringify(found), `"amount":${amount},`)
            }
          }
        }
        assert.deepStrictEqual((await one.verify()).violations, [])
      })
    })
  )
})
