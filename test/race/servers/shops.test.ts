import { describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { expect } from "vitest"
import { layerClient } from "../../../src/adapters/postgres/index.ts"
import { createCommerce, isCommerceError, type Shop } from "../../../src/promise/index.ts"
import { type OwnServer, ownServer } from "../../outage/OwnServer.ts"

const schemasOn = ({ url }: OwnServer) =>
  SqlClient.SqlClient.use(
    (sql) => sql<{ name: string }>`
      SELECT nspname::text AS name FROM pg_namespace WHERE nspname LIKE 'commerce%' ORDER BY nspname`
  ).pipe(
    Effect.map((rows) => rows.map(({ name }) => name)),
    Effect.provide(Layer.fresh(layerClient({ url, pool: 1 })))
  )

const trade = async ({ catalog, orders, payments }: Shop) => {
  const { id: categoryId } = await catalog.createCategory({ name: crypto.randomUUID() })
  const price = { amount: 1999, currency: "USD" }
  const { id: productId } = await catalog.createProduct({ categoryId, name: "Mug", price, stock: 1 })
  const { id } = await orders.place({ customerId: "the same", items: [{ productId, quantity: 1 }] })
  await payments.pay({ orderId: id, paymentMethod: "sim_approve" })
}

describe("shops on three servers", () => {
  it.live(
    "go on while the server of others is killed, and all are right after its return [M4]",
    () =>
      Effect.gen(function* () {
        const [a, b, c] = yield* Effect.all([ownServer(), ownServer(), ownServer()], { concurrency: 3 })
        const commerce = yield* Effect.acquireRelease(
          Effect.promise(() =>
            createCommerce({
              database: {
                url: a.url,
                pool: 4,
                servers: { b: b.url, c: Redacted.value(c.url) },
                serverOf: (shop) => ({ b: "b", c: "c" })[shop.charAt(0)]
              },
              auth: { jwtSecret: "a secret of thirty-two bytes or more" },
              payments: { gateway: "simulated" },
              maintenance: { every: "100 millis" },
              logger: {}
            })
          ),
          (opened) => Effect.promise(() => opened.close())
        )
        const names = ["a-1", "a-2", "b-1", "b-2", "c-1", "c-2"]
        const shops = yield* Effect.promise(() =>
          Promise.all(names.map(async (name) => ({ name, shop: await commerce.shop(name), traded: 0 })))
        )
        expect(yield* Effect.promise(commerce.shops)).toEqual(names)
        expect(yield* schemasOn(a)).toEqual(["commerce", "commerce_a_1", "commerce_a_2"])
        expect(yield* schemasOn(b)).toEqual(["commerce", "commerce_b_1", "commerce_b_2"])

        // They trade all the time. An outage is the only failure, and only on the server that is killed.
        let ends = false
        const trading = shops.map(async (one) => {
          while (!ends) {
            try {
              await trade(one.shop)
              one.traded += 1
            } catch (error) {
              if (!(isCommerceError(error) && error._tag === "StoreUnavailable")) throw error
              expect(one.name.charAt(0)).toBe("b")
              await new Promise((resolve) => setTimeout(resolve, 10))
            }
          }
        })
        const more = (which: (name: string) => boolean, count: number) =>
          Effect.promise(async () => {
            const wanted = shops.flatMap((one) => (which(one.name) ? [{ one, to: one.traded + count }] : []))
            while (wanted.some(({ one, to }) => one.traded < to)) {
              await Promise.race([Promise.all(trading), new Promise((resolve) => setTimeout(resolve, 10))])
            }
          })
        const isOther = (name: string) => !name.startsWith("b")

        yield* more(() => true, 3)
        yield* b.kill
        yield* more(isOther, 10)
        yield* Effect.promise(async () => {
          const outage = { _tag: "StoreUnavailable" }
          const shopB = shops.find(({ name }) => name === "b-1")?.shop as Shop
          await expect(commerce.shop("b-1").then((shop) => shop.orders.list({}))).rejects.toMatchObject(
            outage
          )
          const response = await shopB.handler(new Request("http://shop/products"))
          expect([response.status, response.headers.get("retry-after")]).toEqual([503, "1"])
          await expect(commerce.shop("b-new")).rejects.toMatchObject(outage)
          await expect(commerce.shops()).rejects.toMatchObject(outage)
          await trade(await commerce.shop("c-new"))
        })
        yield* more(isOther, 10)
        yield* b.start
        yield* more(() => true, 3)
        ends = true
        yield* Effect.promise(async () => {
          await Promise.all(trading)
          expect(await commerce.shops()).toEqual([...names, "c-new"].toSorted())
          for (const name of await commerce.shops()) {
            const { violations } = await (await commerce.shop(name)).verify()
            expect(violations, name).toEqual([])
          }
          expect((await commerce.verify()).violations).toEqual([])
        })
      }),
    240_000
  )
})
