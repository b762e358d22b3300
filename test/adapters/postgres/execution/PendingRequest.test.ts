import { PgClient } from "@effect/sql-pg"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { layerClient } from "../../../../src/adapters/postgres/client/PgClient.ts"
import { layer as stores } from "../../../../src/adapters/postgres/index.ts"
import { StoreHealth } from "../../../../src/ports/Stores.ts"
import { Catalog } from "../../../../src/services/Catalog.ts"
import { Orders } from "../../../../src/services/Orders.ts"
import { commerce } from "../../../support/commerce.ts"
import { newProduct, orderOf } from "../../../support/host.ts"
import { holdingRows, waitingSessions } from "../../../support/locks.ts"
import { freshDatabase } from "../../../support/postgres.ts"

/** A shop on a fresh database, with a client of its own kind. */
const shopWith = (settings: Partial<PgClient.PgPoolConfig>) => {
  const client = Layer.unwrap(Effect.map(freshDatabase, (url) => PgClient.layer({ url, ...settings })))
  return Effect.provide(Layer.provideMerge(commerce, Layer.provideMerge(stores(), client)))
}

const held = (productId: string) => holdingRows("products", productId)

/** An outage of which it is certain that it left nothing behind. */
const isUndone = (error: unknown) =>
  assert.deepInclude(error, { _tag: "StoreUnavailable", outcome: "notApplied" })

describe("a call", () => {
  it.effect("waits five seconds for a connection, and no longer", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const catalog = yield* Catalog
      const { id: productId } = yield* newProduct(5)
      const hold = yield* Effect.forkScoped(sql.withTransaction(Effect.never), { startImmediately: true })
      const waiting = yield* Effect.forkScoped(Effect.flip(catalog.adjustStock({ productId, delta: 1 })), {
        startImmediately: true
      })
      yield* TestClock.adjust("4 seconds")
      assert.isUndefined(waiting.pollUnsafe())
      yield* TestClock.adjust("1 second")
      isUndone(yield* Fiber.join(waiting))
      yield* Fiber.interrupt(hold)
    }).pipe(Effect.scoped, shopWith({ maxConnections: 1 }))
  )

  it.live("waits for a lock as long as the client says, once, and changes nothing then", () =>
    Effect.gen(function* () {
      const [catalog, orders] = [yield* Catalog, yield* Orders]
      const { id: productId } = yield* newProduct(5)
      const { giveUp } = yield* held(productId)
      const started = performance.now()
      const calls = [
        Effect.flip(orders.place(orderOf(productId))),
        Effect.flip(catalog.adjustStock({ productId, delta: 1 }))
      ]
      for (const error of yield* Effect.all(calls, { concurrency: "unbounded" })) isUndone(error)
      assert.isBelow(performance.now() - started, 2500)
      yield* giveUp
      assert.strictEqual((yield* catalog.product(productId)).stock, 5)
    }).pipe(Effect.scoped, shopWith({ startupParameters: { lock_timeout: "600ms" } }))
  )

  it.live("goes through when the lock is given up in time, and others do not wait with it", () =>
    Effect.gen(function* () {
      const [catalog, orders] = [yield* Catalog, yield* Orders]
      const [{ id: productId }, { id: another }] = [yield* newProduct(5), yield* newProduct(5)]
      const { giveUp } = yield* held(productId)
      const waiting = yield* Effect.forkScoped(orders.place(orderOf(productId)))
      yield* waitingSessions
      yield* orders.place(orderOf(another))
      assert.isUndefined(waiting.pollUnsafe())
      yield* giveUp
      yield* Fiber.join(waiting)
      assert.strictEqual((yield* catalog.product(productId)).stock, 4)
    }).pipe(Effect.scoped, shopWith({}))
  )

  it.live("that is interrupted while it waits leaves nothing, and its connection goes on", () =>
    Effect.gen(function* () {
      const catalog = yield* Catalog
      const { id: productId } = yield* newProduct(5)
      const { giveUp } = yield* held(productId)
      const waiting = yield* Effect.forkScoped(catalog.adjustStock({ productId, delta: 1 }))
      yield* waitingSessions
      yield* Fiber.interrupt(waiting)
      yield* giveUp
      assert.strictEqual((yield* catalog.product(productId)).stock, 5)
      assert.strictEqual((yield* catalog.adjustStock({ productId, delta: 2 })).stock, 7)
    }).pipe(Effect.scoped, shopWith({ maxConnections: 3 }))
  )

  it.live("is tried again when its connection is cut before it has committed", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const [catalog, orders] = [yield* Catalog, yield* Orders]
      const { id: productId } = yield* newProduct(5)
      const { giveUp } = yield* held(productId)
      const calls = [orders.place(orderOf(productId)), catalog.adjustStock({ productId, delta: 1 })] as const
      const waiting = yield* Effect.forkScoped(Effect.all(calls, { concurrency: "unbounded" }))
      for (const { pid } of yield* waitingSessions) yield* sql`SELECT pg_terminate_backend(${pid})`
      yield* giveUp
      yield* Fiber.join(waiting)
      assert.strictEqual((yield* catalog.product(productId)).stock, 5)
    }).pipe(Effect.scoped, shopWith({}))
  )

  it.live("is an outage where no server is", () =>
    Effect.gen(function* () {
      const nobody = layerClient({ url: Redacted.make("postgres://nobody:x@127.0.0.1:1/nothing") })
      const check = StoreHealth.use((health) => health.check)
      const error = yield* Effect.flip(Effect.provide(check, Layer.provide(stores(), nobody)))
      isUndone(error)
    })
  )
})
