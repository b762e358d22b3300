import { assert, describe } from "@effect/vitest"
import { Context, Effect, Fiber, Layer, Metric, Result, Schedule, Schema } from "effect"
import { SqlClient } from "effect/sql"
import * as Memory from "../../src/adapters/memory/index.ts"
import { schemaOf, TimeSource } from "../../src/adapters/postgres/index.ts"
import { ShopName } from "../../src/domain/shops/ShopName.ts"
import { Catalog } from "../../src/services/Catalog.ts"
import { Orders } from "../../src/services/Orders.ts"
import { agree, FeedPatience, shopOn } from "../../src/testing/model/index.ts"
import { patient } from "../race/support.ts"
import { holding, sessionsThatWait } from "../support/locks.ts"
import { areRight, buy, created, live, openMany, product, trade } from "./support.ts"

const nameOf = Schema.decodeSync(ShopName)

const tables =
  "accounts categories products orders order_items order_events order_adjustments vouchers redemptions idempotency_keys"

const forkAll = (works: ReadonlyArray<Effect.Effect<unknown, unknown>>) =>
  Effect.forEach(works, (work) => Effect.forkScoped(work))

describe("shops of one process and one pool", { concurrent: true }, () => {
  live(
    "do the same at the same time, each as if it were alone [M1]",
    Effect.gen(function* () {
      const { context, directory, shops } = yield* openMany().pipe(
        Effect.provideService(TimeSource, "process")
      )
      const names = yield* created(shops, "acme", "globex", "initech")
      const games = names.map((name) => {
        const schema = schemaOf("commerce", nameOf(name))
        const emptied = SqlClient.SqlClient.use((sql) =>
          sql.unsafe(
            `TRUNCATE ${tables
              .split(" ")
              .map((table) => `"${schema}".${table}`)
              .join()} CASCADE`
          )
        ).pipe(Effect.provideContext(context))
        const stores = Layer.unwrap(Effect.as(emptied, directory.stores(nameOf(name))))
        return agree({
          model: shopOn(Memory.layer),
          real: shopOn(stores),
          runs: 8,
          seed: process.env.TEST_SEED ?? "1"
        })
      })
      const played = yield* Effect.all(games, { concurrency: "unbounded" }).pipe(
        Effect.provideService(FeedPatience, 60_000)
      )
      assert.isTrue(played.every(({ commands }) => commands > 0))
      yield* areRight(shops, names)
    })
  )

  live(
    "place an order in each for the same idempotency key [M1]",
    Effect.gen(function* () {
      const { shops } = yield* openMany()
      const names = yield* created(shops, "acme", "globex", "initech")
      const places = yield* Effect.forEach(names, (name) =>
        Effect.map(shops.use(name, product(1)), ({ id }) => ({ name, id }))
      )
      // Each asks often, and all at once: every shop has one unit, and one order of it.
      const orders = yield* Effect.forEach(
        Array.from({ length: 60 }, (_, index) => places[index % 3] ?? places[0]),
        (place) =>
          place === undefined ? Effect.die("no place") : shops.use(place.name, buy(place.id, "one-key")),
        { concurrency: "unbounded" }
      )
      assert.strictEqual(new Set(orders.map(({ id }) => id)).size, 3)
      yield* areRight(shops, names)
    })
  )

  live(
    "are not held up by rows that are held in others [M2]",
    Effect.gen(function* () {
      const { context, shops } = yield* openMany({ limits: patient })
      const held = yield* created(shops, "acme", "globex", "initech", "umbrella", "hooli")
      const [free] = yield* created(shops, "free")
      const blocked = yield* Effect.forEach(held, (name) =>
        Effect.gen(function* () {
          const products = yield* Effect.all(Array.from({ length: 6 }, () => shops.use(name, product(100))))
          const ids = products.map(({ id }) => `'${id}'`).join()
          const held = yield* Effect.provideContext(
            holding(
              `SELECT FROM "${schemaOf("commerce", nameOf(name))}".products WHERE id IN (${ids}) FOR UPDATE`
            ),
            context
          )
          return { name, products, giveUp: held.giveUp }
        })
      )
      // Many wait in each for several rows, by batches and by themselves.
      const waiting = yield* forkAll(
        blocked.flatMap(({ name, products }) =>
          products.flatMap(({ id }) => [
            shops.use(name, buy(id)),
            shops.use(
              name,
              Catalog.use((catalog) => catalog.changeProduct({ productId: id, name: "changed" }))
            ),
            shops.use(
              name,
              Catalog.use((catalog) => catalog.adjustStock({ productId: id, delta: 1 }))
            )
          ])
        )
      )
      yield* Effect.provideContext(sessionsThatWait(3), context)
      // Whatever waits with connections of the pool does so by now: the short waits have passed many times.
      yield* Effect.sleep("3 seconds")
      yield* Effect.forEach(Array.from({ length: 20 }), () =>
        shops.use(
          free,
          Effect.flatMap(product(5), ({ id }) => buy(id))
        )
      )
      assert.isTrue(waiting.every((fiber) => fiber.pollUnsafe() === undefined))
      yield* Effect.forEach(blocked, ({ giveUp }) => giveUp)
      yield* Fiber.joinAll(waiting)
      yield* areRight(shops, [...held, free])
    }).pipe(Effect.timeout("2 minutes"))
  )

  live(
    "go on while one is busy with slow statements [M2]",
    Effect.gen(function* () {
      const { context, shops } = yield* openMany({ pool: 4, limits: patient })
      const [busy, quiet] = yield* created(shops, "busy", "quiet")
      const item = yield* shops.use(quiet, product(100))
      const locked = yield* Effect.provideContext(
        holding(
          `LOCK TABLE "${schemaOf("commerce", nameOf(busy))}".products, "${schemaOf("commerce", nameOf(busy))}".orders IN ACCESS EXCLUSIVE MODE`
        ),
        context
      )
      // Every kind of read and of change of the busy shop takes as long as the table is locked.
      const slow = yield* forkAll(
        Array.from({ length: 40 }, (_, index) =>
          index % 2 === 0
            ? shops.use(
                busy,
                Orders.use((orders) => orders.list({ limit: (index % 20) + 1 }))
              )
            : shops.use(
                busy,
                Catalog.use((catalog) => catalog.products({ limit: (index % 20) + 1 }))
              )
        )
      )
      yield* Effect.provideContext(sessionsThatWait(2), context).pipe(Effect.timeoutOption("20 seconds"))
      yield* Effect.forEach(Array.from({ length: 20 }), () => shops.use(quiet, buy(item.id)))
      assert.isTrue(slow.every((fiber) => fiber.pollUnsafe() === undefined))
      yield* locked.giveUp
      yield* Fiber.joinAll(slow)
      yield* areRight(shops, [busy, quiet])
    }).pipe(Effect.timeout("2 minutes"))
  )

  live(
    "are created and updated while another waits for its migration [M2]",
    Effect.gen(function* () {
      const { context, shops } = yield* openMany({ limits: patient })
      const migrating = yield* Effect.provideContext(
        holding("SELECT pg_advisory_xact_lock(hashtext('effect-commerce'), hashtext('commerce_acme'))"),
        context
      )
      const acme = yield* Effect.forkScoped(shops.migrate("acme"))
      yield* Effect.provideContext(sessionsThatWait(1), context)
      yield* shops.migrate("globex")
      yield* shops.use(
        "globex",
        Effect.flatMap(product(5), ({ id }) => buy(id))
      )
      assert.strictEqual(acme.pollUnsafe(), undefined)
      yield* migrating.giveUp
      yield* Fiber.join(acme)
      yield* areRight(shops, ["acme", "globex"])
    }).pipe(Effect.timeout("1 minute"))
  )

  live(
    "count their own orders in metrics, by the label shop [M1]",
    Effect.gen(function* () {
      const { shops } = yield* openMany()
      const suffix = Math.random().toString(36).slice(2, 10)
      const names = yield* created(shops, `acme-${suffix}`, `globex-${suffix}`)
      const counts = [3, 5]
      for (const [index, name] of names.entries()) {
        const { id } = yield* shops.use(name, product(100))
        yield* Effect.forEach(Array.from({ length: counts[index] ?? 0 }), () => shops.use(name, buy(id)), {
          concurrency: "unbounded"
        })
      }
      const snapshot = yield* Metric.snapshot
      const placed = names.map(
        (name) =>
          snapshot.find(
            ({ attributes, id }) => id === "commerce_orders_placed_total" && attributes?.shop === name
          )?.state
      )
      assert.deepStrictEqual(
        placed.map((state) => (state !== undefined && "count" in state ? Number(state.count) : undefined)),
        counts
      )
      const batches = snapshot.filter(
        ({ attributes, id }) => id === "commerce_batch_size" && attributes?.shop === names[0]
      )
      assert.isAbove(batches.length, 0)
    })
  )
})

describe("a shop that is opened when it is asked for", { concurrent: true }, () => {
  live(
    "is opened once for many callers, and many at once on a small pool [M3]",
    Effect.gen(function* () {
      const { shops } = yield* openMany({ pool: 10 })
      const names = Array.from({ length: 200 }, (_, index) => `shop-${index}`)
      yield* Effect.forEach(names, shops.migrate, { concurrency: 4 })
      assert.deepStrictEqual(yield* shops.list, names.toSorted() as never)
      const orders = yield* Effect.forEach(
        names,
        (name) =>
          shops.use(
            name,
            Effect.flatMap(product(1), ({ id }) => buy(id))
          ),
        { concurrency: "unbounded" }
      )
      assert.strictEqual(new Set(orders.map(({ id }) => id)).size, 200)
      yield* areRight(shops, names)
    })
  )

  live(
    "is closed when it is idle, and opened again by callers that come meanwhile [M3]",
    Effect.gen(function* () {
      const { shops } = yield* openMany({ idleTimeToLive: "3 millis" })
      const names = yield* created(shops, "acme", "globex", "initech")
      const opened = new Map<string, Set<unknown>>(names.map((name) => [name, new Set()]))
      yield* Effect.forEach(
        Array.from({ length: 150 }, (_, index) => index),
        (index) =>
          Effect.gen(function* () {
            const name = names[index % 3] ?? "acme"
            yield* Effect.sleep(Math.random() * 400)
            yield* shops.use(
              name,
              Effect.gen(function* () {
                opened.get(name)?.add(yield* Orders)
                yield* trade(index)
                yield* Effect.sleep(Math.random() * 20)
                yield* trade(index + 1_000)
              })
            )
          }),
        { concurrency: 12 }
      )
      // It was closed meanwhile: else nothing was tried here.
      for (let attempt = 0; attempt < 5; attempt++) {
        yield* Effect.sleep("50 millis")
        for (const name of names)
          yield* shops.use(
            name,
            Effect.map(Orders, (orders) => opened.get(name)?.add(orders))
          )
      }
      for (const name of names) assert.isAbove(opened.get(name)?.size ?? 0, 1)
      yield* areRight(shops, names)
    })
  )

  live(
    "is not in the transaction of the caller that has opened it",
    Effect.gen(function* () {
      const { context, shops } = yield* openMany()
      const [acme] = yield* created(shops, "acme")
      const sql = Context.get(context, SqlClient.SqlClient)
      const rolledBack = yield* Effect.result(
        sql.withTransaction(
          shops.use(
            acme,
            Effect.gen(function* () {
              const { id } = yield* product(5)
              yield* buy(id)
              return yield* Effect.fail("rolled back" as const)
            })
          )
        )
      )
      assert.isTrue(Result.isFailure(rolledBack))
      const count = shops.use(
        acme,
        Orders.use((orders) => Effect.map(orders.list({}), ({ items }) => items.length))
      )
      assert.strictEqual(yield* count, 0)
      const { id } = yield* shops.use(acme, product(5))
      yield* Effect.forEach(Array.from({ length: 5 }), () => shops.use(acme, buy(id)), {
        concurrency: "unbounded"
      })
      assert.strictEqual(yield* count, 5)
      yield* areRight(shops, [acme])
    })
  )

  live(
    "is a layer of its own, also beside that of another shop in one program [M1]",
    Effect.gen(function* () {
      const { shops } = yield* openMany()
      const [acme, globex] = yield* created(shops, "acme", "globex")
      const sell = Effect.flatMap(product(1), ({ id }) => buy(id))
      const count = Orders.use((orders) => Effect.map(orders.list({}), ({ items }) => items.length))
      yield* Effect.provide(sell, shops.provide(acme))
      const counts = yield* Effect.all([
        Effect.provide(count, shops.provide(acme)),
        Effect.provide(count, shops.provide(globex))
      ])
      assert.deepStrictEqual(counts, [1, 0])
      yield* areRight(shops, [acme, globex])
    })
  )

  live(
    "is found as soon as it is created, also if it was asked for before",
    Effect.gen(function* () {
      const { shops } = yield* openMany()
      const ask = shops.use(
        "acme",
        Orders.use((orders) => orders.list({}))
      )
      for (let attempt = 0; attempt < 3; attempt++) {
        const refused = yield* Effect.result(ask)
        assert.isTrue(Result.isFailure(refused) && refused.failure._tag === "ShopNotFound")
      }
      assert.deepStrictEqual(yield* shops.list, [])
      const migrated = yield* Effect.forEach(Array.from({ length: 8 }), () => shops.migrate("acme"), {
        concurrency: "unbounded"
      })
      // One of them has created it.
      assert.strictEqual(migrated.filter((names) => names.length > 0).length, 1)
      yield* ask
      assert.deepStrictEqual(yield* shops.list, [nameOf("acme")])
      yield* areRight(shops, ["acme"])
    })
  )

  live(
    "stays open under a caller for longer than it may be idle",
    Effect.gen(function* () {
      const { shops } = yield* openMany({ idleTimeToLive: "5 millis" })
      const [acme] = yield* created(shops, "acme")
      yield* shops.use(
        acme,
        Effect.gen(function* () {
          const { id } = yield* product(100)
          yield* Effect.repeat(Effect.andThen(buy(id), shops.use(acme, buy(id))), {
            times: 10,
            schedule: Schedule.spaced("15 millis")
          })
        })
      )
      yield* areRight(shops, [acme])
    })
  )
})
