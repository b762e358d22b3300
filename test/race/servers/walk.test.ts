import { assert, it } from "@effect/vitest"
import { Effect, Random, Redacted, References } from "effect"
import type { Refundable } from "../../../src/domain/payments/Refund.ts"
import { emptyDatabase } from "../../support/postgres.ts"
import {
  type Asked,
  adminToken,
  ask,
  command,
  must,
  newCustomerToken,
  type Order,
  type Product,
  serve,
  stockUp
} from "../Api.ts"
import { isRight, openShop, times } from "../support.ts"

/** Answers that a walk may meet: done, refused, or too busy. */
const statuses = [200, 201, 409, 503]

const pick = <A>(from: ReadonlyArray<A>) =>
  Effect.map(Random.nextIntBetween(0, from.length, { halfOpen: true }), (index) => from[index] as A)

/** How many units of each product orders keep: all but those that were cancelled or restocked. */
const kept = (orders: ReadonlyArray<Order>, { id }: Product): number =>
  orders
    .filter(({ status }) => status !== "FAILED" && status !== "CANCELLED")
    .flatMap(({ items, units }) =>
      items.map(({ productId, quantity }, line) => {
        const { cancelled = 0, restocked = 0 } = units?.[line] ?? {}
        return productId === id ? quantity - cancelled - restocked : 0
      })
    )
    .reduce((sum, units) => sum + units, 0)

it.live(
  "a random walk over place, pay, capture, void, refund, ship, cancel, return, expire and adjust on four processes ends with books that add up [O6] [O7] [P9] [P10]",
  () =>
    Effect.gen(function* () {
      const database = yield* emptyDatabase
      const env = { DATABASE_URL: Redacted.value(database), DATABASE_POOL: "4" }
      // Two of them charge at once, and two capture later: as while a shop changes its setting.
      const servers = yield* Effect.all(
        times(4).map((n) => serve({ ...env, PAYMENTS_CAPTURE: n % 2 === 0 ? "now" : "later" })),
        { concurrency: "unbounded" }
      )
      const url = (n: number) => servers[n % 4]?.url ?? ""
      const [token, customer] = [yield* adminToken(url(0)), yield* newCustomerToken(url(1))]
      const products = yield* stockUp(url(2), token, [500, 500, 500])
      const supplied = new Map(products.map(({ id, stock }) => [id, stock]))
      const known: Array<Order> = []
      const seen: Record<string, number> = {}

      const walker = Effect.fnUntraced(function* (n: number) {
        const send = Effect.fnUntraced(function* (asked: Asked) {
          const answer = yield* Effect.orDie(ask<Order>(url(n + (yield* pick(times(4)))), asked))
          assert.include(statuses, answer.status, `${asked.path} ${JSON.stringify(answer.body)}`)
          const what = `${asked.path.replace(/[0-9a-f-]{36}/, "id")} ${answer.status}`
          seen[what] = (seen[what] ?? 0) + 1
          return answer
        })
        const post = (path: string, body: object, by = token) =>
          send({ method: "POST", path, token: by, body, key: crypto.randomUUID() })
        const someItems = Effect.map(Effect.all([Random.shuffle(products), pick([1, 2])]), ([all, count]) =>
          Array.from(all)
            .slice(0, count)
            .map(({ id: productId }) => ({ productId, quantity: 5 }))
        )
        const end = (path: "captures" | "voids") => (id: string) =>
          send({ method: "POST", path: `/orders/${id}/${path}`, token, key: crypto.randomUUID() })
        const refund = (body: object) => (id: string) => post(`/orders/${id}/refunds`, body)
        const payFor = ({ id }: Order, paymentMethod: string) =>
          post(`/orders/${id}/payments`, { paymentMethod }, customer)
        const ofSome = <A>(step: (id: string) => Effect.Effect<A>) =>
          Effect.flatMap(pick(known), ({ id }) => step(id))
        const place = Effect.gen(function* () {
          const { status, body } = yield* post("/orders", { items: yield* someItems }, customer)
          if (status !== 201) return
          known.push(body)
          if (yield* Random.nextBoolean) {
            yield* payFor(body, "sim_approve")
            yield* end(yield* pick(["captures", "voids"] as const))(body.id)
          }
        })
        const oneUnit = Effect.fnUntraced(function* (path: string, more: object = {}, others: object = {}) {
          const { id, items } = yield* pick(known)
          const { productId } = yield* pick(items)
          yield* post(`/orders/${id}/${path}`, {
            items: [{ productId, quantity: 1, ...more }],
            ...others
          })
        })
        const adjust = Effect.gen(function* () {
          const [{ id }, delta] = [yield* pick(products), yield* pick([-1, 1])]
          const { status } = yield* post(`/products/${id}/stock-adjustments`, { delta })
          if (status === 200) supplied.set(id, (supplied.get(id) ?? 0) + delta)
        })
        yield* place
        const pay = (by: string) => Effect.flatMap(pick(known), (order) => payFor(order, by))
        const ship = ofSome((id) => post(`/orders/${id}/shipments`, { carrier: "DHL" }))
        const complete = ofSome((id) =>
          send({ method: "PATCH", path: `/orders/${id}`, token, body: { status: "COMPLETED" } })
        )
        const cancel = ofSome((id) => post(`/orders/${id}/cancellations`, {}))
        const expire = ofSome((id) => send({ method: "POST", path: `/orders/${id}/expire`, token }))
        const parts = [
          oneUnit("shipments"),
          oneUnit("shipments"),
          oneUnit("cancellations"),
          oneUnit("returns"),
          oneUnit("returns", { restock: 0 })
        ]
        const money = [
          ofSome(end("captures")),
          ofSome(end("voids")),
          ofSome(refund({})),
          ofSome(refund({ amount: { amount: 1000, currency: "EUR" } })),
          ofSome(refund({ amount: { amount: 4000, currency: "EUR" } })),
          ofSome((id) => post(`/orders/${id}/cancellations`, { refund: true })),
          oneUnit("cancellations", {}, { refund: true })
        ]
        const works = [
          ...money,
          ...parts,
          ...parts,
          ...parts,
          place,
          place,
          place,
          pay("sim_approve"),
          pay("sim_decline"),
          ship,
          complete,
          cancel,
          expire,
          adjust
        ]
        for (const _ of times(70)) yield* Effect.flatten(pick<Effect.Effect<unknown>>(works))
      })

      yield* Effect.forEach(times(8), walker, { concurrency: "unbounded" })

      for (const path of ["shipments", "cancellations", "returns"]) {
        assert.isAbove(seen[`/orders/id/${path} 200`] ?? 0, 5, JSON.stringify(seen))
      }
      for (const path of ["captures", "voids", "refunds"]) {
        assert.isAbove(seen[`/orders/id/${path} 201`] ?? 0, 0, JSON.stringify(seen))
      }
      for (const { id } of known) {
        const { captured, refunded, pending } = yield* must<Refundable>(200, url(0), {
          method: "GET",
          path: `/orders/${id}/refundable`,
          token
        })
        assert.isAtMost(refunded.amount + pending.amount, captured.amount)
      }
      const orders = yield* Effect.forEach(known, ({ id }) =>
        must<Order>(200, url(0), { method: "GET", path: `/orders/${id}`, token })
      )
      for (const product of products) {
        const { stock } = yield* must<Product>(200, url(3), {
          method: "GET",
          path: `/products/${product.id}`
        })
        assert.strictEqual(stock + kept(orders, product), supplied.get(product.id))
      }
      yield* isRight(yield* openShop(database))
      const { code, complaints } = yield* command("verify", env)
      assert.strictEqual(code, 0, complaints)
    }).pipe(Effect.provideService(References.MinimumLogLevel, "None")),
  300_000
)
