import { PgClient } from "@effect/sql-pg"
import { assert, describe } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { SqlClient } from "effect/sql"
import {
  answers,
  atOnce,
  buy,
  endingOf,
  endings,
  gatewayThat,
  newCustomer,
  openShop,
  product,
  race,
  stock,
  type TestShop,
  tally,
  times,
  unitsOf
} from "../support.ts"

/** A host's own client, in a database whose transactions are of another level by default. */
const hostWith = Effect.fnUntraced(function* ({ url, sql }: TestShop, level: string) {
  const [database] = yield* sql<{ name: string }>`SELECT current_database() AS name`
  yield* sql.unsafe(`ALTER DATABASE "${database?.name}" SET default_transaction_isolation TO '${level}'`)
  const client = PgClient.layer({ url, maxConnections: 10 })
  const host = yield* openShop(url, { client })
  const [found] = yield* host.sql<{ level: string }>`SELECT current_setting('transaction_isolation') AS level`
  assert.strictEqual(found?.level, level)
  return host
})

/** In a transaction of the host's that has seen the shop as it is now. */
const inSnapshot = <A, E>({ sql }: TestShop, before: Effect.Effect<unknown>, work: Effect.Effect<A, E>) =>
  Effect.andThen(sql`SELECT count(*) FROM commerce.orders`, Effect.andThen(before, work)).pipe(
    sql.withTransaction,
    Effect.provideService(SqlClient.BeginTransaction, "BEGIN ISOLATION LEVEL REPEATABLE READ")
  )

for (const level of ["repeatable read", "serializable"]) {
  describe(`with a host's client whose transactions are ${level}`, () => {
    race("what is sold at once is right [S11]", (shop) =>
      Effect.gen(function* () {
        const host = yield* hostWith(shop, level)
        const hot = yield* product(shop, 20)
        const bought = yield* atOnce(times(60).map((n) => buy(n % 2 === 0 ? host : shop, hot)))
        assert.deepStrictEqual(tally(bought), { done: 20, InsufficientStock: 40 })
      })
    )

    race("a key has one effect", (shop) =>
      Effect.gen(function* () {
        const host = yield* hostWith(shop, level)
        const item = yield* product(shop, 20)
        const items = [{ productId: item.id, quantity: 1 }]
        const order = { customerId: newCustomer(), items }
        const key = { idempotencyKey: "key" }
        const placed = yield* atOnce(
          times(30).map((n) => (n % 2 === 0 ? host : shop).orders.place(order, key))
        )
        assert.deepStrictEqual(tally(placed), { done: 30 })
        assert.strictEqual(yield* unitsOf(shop, item), 19)
      })
    )

    race("an order is paid once, and paid or expired [S11]", (shop) =>
      Effect.gen(function* () {
        const host = yield* hostWith(shop, level)
        const products = yield* stock(shop, ...times(60).map(() => 1))
        const attempt = Effect.fnUntraced(function* (item: { readonly id: string }, n: number) {
          const { id: orderId } = yield* buy(shop, item)
          const pay = host.payments.pay({ orderId, paymentMethod: "sim_approve" })
          const again = shop.payments.pay({ orderId, paymentMethod: "sim_approve" })
          const expire = host.orders.expire(orderId)
          const said = yield* atOnce<unknown, { readonly _tag: string }, never>(
            n % 2 === 0 ? [pay, expire, again] : [expire, again, pay]
          )
          assert.strictEqual(tally(said).done, 1)
          const found = yield* endingOf(shop, orderId, item)
          assert.deepStrictEqual(found, found.status === "PAID" ? endings.paid : endings.expired)
        })
        yield* Effect.forEach(products, attempt, { concurrency: 4 })
      })
    )
  })
}

describe("inside a transaction of the host's that sees the shop as it was", () => {
  race("an order whose payment has begun since is not expired [O3]", (shop) =>
    Effect.gen(function* () {
      const asked = yield* Deferred.make<void>()
      const answer = yield* Deferred.make<"APPROVED">()
      const gateway = gatewayThat(() =>
        Effect.andThen(Deferred.succeed(asked, undefined), Deferred.await(answer))
      )
      const payer = yield* openShop(shop.url, { gateway })
      const item = yield* product(shop, 1)
      const { id: orderId } = yield* buy(shop, item)
      const paying = yield* Deferred.make<Fiber.Fiber<unknown, unknown>>()
      const begin = Effect.gen(function* () {
        const fiber = yield* Effect.forkDetach(payer.payments.pay({ orderId, paymentMethod: "card" }))
        yield* Deferred.succeed(paying, fiber)
        yield* Deferred.await(asked)
      })
      const expired = yield* Effect.result(inSnapshot(shop, begin, shop.orders.expire(orderId)))
      assert.notProperty(tally([expired]), "done")
      yield* Deferred.succeed(answer, "APPROVED")
      yield* Fiber.join(yield* Deferred.await(paying))
      assert.deepStrictEqual(yield* endingOf(shop, orderId, item), endings.paid)
    })
  )

  race("units that were sold since are not sold again [S11]", (shop) =>
    Effect.gen(function* () {
      const other = yield* openShop(shop.url)
      const item = yield* product(shop, 1)
      const sold = Effect.orDie(buy(other, item))
      const bought = yield* Effect.result(inSnapshot(shop, sold, buy(shop, item)))
      assert.lengthOf(answers([bought]), 0)
      assert.strictEqual(yield* unitsOf(shop, item), 0)
    })
  )

  race("units that are taken away since are not sold", (shop) =>
    Effect.gen(function* () {
      const other = yield* openShop(shop.url)
      const item = yield* product(shop, 1)
      const taken = Effect.orDie(other.catalog.adjustStock({ productId: item.id, delta: -1 }))
      const bought = yield* Effect.result(inSnapshot(shop, taken, buy(shop, item)))
      assert.lengthOf(answers([bought]), 0)
    })
  )
})
