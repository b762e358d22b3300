import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Redacted } from "effect"
import type { Page } from "../../../src/domain/shared/Page.ts"
import { freshDatabase } from "../../support/postgres.ts"
import { adminToken, must, newCustomerToken, type Order, type Product, serve, stockUp } from "../Api.ts"
import { times } from "../support.ts"

/** A reader that keeps each answer and asks whether it has changed, as browsers do. */
const revalidating = () => {
  const kept = new Map<string, { readonly etag: string; readonly body: unknown }>()
  const count = { known: 0, changed: 0 }
  const read = <A>(url: string, path: string, token?: string) =>
    Effect.promise(async (): Promise<A> => {
      const own = kept.get(path)
      const response = await fetch(`${url}${path}`, {
        headers: {
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...(own !== undefined && { "if-none-match": own.etag })
        }
      })
      const etag = response.headers.get("etag") ?? ""
      if (response.status === 304 && own !== undefined) {
        assert.strictEqual(etag, own.etag)
        count.known += 1
        return own.body as A
      }
      assert.strictEqual(response.status, 200)
      const body = await response.json()
      count.changed += 1
      kept.set(path, { etag, body })
      return body as A
    })
  return { read, count }
}

const together = <A, E, R>(works: ReadonlyArray<Effect.Effect<A, E, R>>) =>
  Effect.all(works, { concurrency: "unbounded", discard: true })

describe("readers that revalidate", () => {
  it.live(
    "have nothing that was changed before they asked, on whichever server [A7]",
    () =>
      Effect.gen(function* () {
        const env = { DATABASE_URL: Redacted.value(yield* freshDatabase) }
        const { url } = yield* serve(env)
        const { url: other } = yield* serve(env)
        const token = yield* adminToken(url)
        const customer = yield* newCustomerToken(url)
        const products = yield* stockUp(
          url,
          token,
          times(10).map(() => 1000)
        )
        const page = `/products?categoryId=${products[0]?.categoryId}&limit=20&sort=name`
        const shared = revalidating()
        const visitors = yield* Effect.forkChild(
          together(
            times(6).map(() => {
              const { read } = revalidating()
              return Effect.forever(together([read(url, page), read(other, page)]))
            })
          )
        )
        const amountOf = ({ price }: Product) => price.amount
        yield* together(
          products.map(({ id }, place) =>
            Effect.gen(function* () {
              const { read } = shared
              const path = `/products/${id}`
              for (const n of times(6)) {
                const [writer, reader] = (n + place) % 2 === 0 ? [url, other] : [other, url]
                const price = { amount: 1 + n, currency: "EUR" }
                yield* must(200, writer, { method: "PATCH", path, token, body: { price } })
                assert.strictEqual(amountOf(yield* read<Product>(reader, path)), price.amount)
                const { items } = yield* read<Page<Product>>(reader, page)
                assert.deepStrictEqual(items.filter((item) => item.id === id).map(amountOf), [price.amount])

                const { id: orderId } = yield* must<Order>(201, writer, {
                  method: "POST",
                  path: "/orders",
                  token: customer,
                  body: { items: [{ productId: id, quantity: 1 }] }
                })
                const order = `/orders/${orderId}`
                const stock = 1000 - n - 1
                assert.strictEqual((yield* read<Product>(reader, path)).stock, stock)
                const { items: left } = yield* read<Page<Product>>(reader, page)
                assert.strictEqual(left.find((item) => item.id === id)?.stock, stock)
                assert.strictEqual((yield* read<Order>(reader, order, customer)).status, "CREATED")
                assert.strictEqual((yield* read<Order>(reader, order, customer)).status, "CREATED")
                const body = { paymentMethod: "sim_approve" }
                yield* must(201, writer, { method: "POST", path: `${order}/payments`, token: customer, body })
                assert.strictEqual((yield* read<Order>(reader, order, customer)).status, "PAID")
              }
            })
          )
        )
        yield* Fiber.interrupt(visitors)
        const { read, count } = revalidating()
        for (const _ of times(3)) yield* read(url, page)
        assert.deepStrictEqual(count, { known: 2, changed: 1 })
        assert.isAbove(shared.count.changed, 150)
        assert.isAbove(shared.count.known, 50)
      }),
    300_000
  )
})
