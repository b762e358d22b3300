import { readFile } from "node:fs/promises"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { Context, Effect, Layer, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import * as Bcrypt from "../../src/adapters/bcrypt.ts"
import * as Jose from "../../src/adapters/jose.ts"
import * as Postgres from "../../src/adapters/postgres/index.ts"
import * as SimulatedPayments from "../../src/adapters/simulated-payments.ts"
import { ShopDirectory } from "../../src/ports/ShopDirectory.ts"
import { Catalog } from "../../src/services/Catalog.ts"
import { Orders } from "../../src/services/Orders.ts"
import { Shops, shopLayers } from "../../src/services/Shops.ts"
import { shopsMaintenance } from "../../src/services/ShopsMaintenance.ts"
import { Verification } from "../../src/services/Verification.ts"
import { Bench, type Group, progress } from "../Bench.ts"
import { atMost } from "../Figure.ts"
import { measure, median } from "../Measure.ts"
import { random } from "../Shop.ts"

const count = Number(process.env.BENCH_SHOPS ?? 1000)
const pool = 10
const callers = 64

const names = Array.from({ length: count }, (_, index) => `shop-${index}`)

const ports = Layer.mergeAll(
  Jose.layerShops({ secret: Redacted.make("a secret of the bench, for nobody else to know") }),
  Bcrypt.layer({ cost: 4 }),
  SimulatedPayments.layer()
)

const layerOf = (url: Redacted.Redacted) =>
  Shops.layer({ maintenance: "off", idleTimeToLive: "1 hour" }).pipe(
    Layer.provideMerge(Layer.merge(ports, Postgres.layerShops())),
    Layer.provideMerge(Postgres.layerClient({ url, pool }))
  )

const collectGarbage: () => void = (() => {
  setFlagsFromString("--expose-gc")
  return runInNewContext("gc")
})()

const memory = Effect.sync(() => {
  collectGarbage()
  collectGarbage()
  const { heapUsed, rss } = process.memoryUsage()
  return { heapUsed, rss }
})

/** Memory of its own that the process of each connection has, in MB. Empty if the server is on another machine. */
const backends = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<{ pid: number }>`
    SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'effect-commerce'`
  const of = async (pid: number) => {
    const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "")
    const anonymous = /RssAnon:\s+(\d+) kB/.exec(status)?.[1]
    return anonymous === undefined ? [] : [(Number(anonymous) * 1024) / 1e6]
  }
  return (yield* Effect.promise(() => Promise.all(rows.map(({ pid }) => of(pid))))).flat()
})

const quantile = (values: ReadonlyArray<number>, q: number) =>
  [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) * q)] ?? 0

const timed = <A, E, R>(work: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const before = performance.now()
    yield* work
    return performance.now() - before
  })

const newProduct = Effect.gen(function* () {
  const catalog = yield* Catalog
  const { id: categoryId } = yield* catalog.createCategory({ name: "Bench" })
  const price = { amount: 1999, currency: "EUR" }
  return yield* catalog.createProduct({ categoryId, name: "Mug", price, stock: 1e11 })
})

/** Many shops on one pool of ten connections: what they cost, and what they do beside one shop. */
export const shops: Group = Effect.gen(function* () {
  const { database, pace } = yield* Bench
  const url = yield* database
  const built = yield* Layer.build(layerOf(url))
  const service = Context.get(built, Shops)
  const directory = Context.get(built, ShopDirectory)
  const onServer = <A, E>(work: Effect.Effect<A, E, SqlClient.SqlClient>) =>
    Effect.provideContext(work, built)

  yield* progress(`creating ${count} shops`)
  const creating = yield* Effect.forEach(names, (shop) => timed(service.migrate(shop)), { concurrency: 2 })

  yield* progress(`the first call of ${count} shops`)
  const before = yield* memory
  const first = yield* Effect.forEach(names, (shop) =>
    timed(
      service.use(
        shop,
        Orders.use((orders) => orders.list({ limit: 1 }))
      )
    )
  )
  const after = yield* memory
  const again = yield* Effect.forEach(names, (shop) =>
    timed(
      service.use(
        shop,
        Orders.use((orders) => orders.list({ limit: 1 }))
      )
    )
  )

  yield* progress(`products of ${count} shops`)
  const products = new Map(
    yield* Effect.forEach(
      names,
      (shop) => Effect.map(service.use(shop, newProduct), ({ id }) => [shop, id] as const),
      { concurrency: 8 }
    )
  )
  const place = (shop: string) =>
    service.use(
      shop,
      Orders.use((orders) =>
        orders.place({
          customerId: "a customer of the bench",
          items: [{ productId: products.get(shop) ?? "", quantity: 1 }]
        })
      )
    )
  const look = (shop: string) =>
    service.use(
      shop,
      Catalog.use((catalog) => catalog.product(products.get(shop) ?? ""))
    )
  const one = names[0] ?? ""
  const anyShop = Effect.sync(() => names[random(count)] ?? "")
  yield* progress("placing and reading in one shop and in all")
  const spread = <A, E>(name: string, work: (shop: string) => Effect.Effect<A, E>) =>
    measure(
      {
        name: `shops: ${name} of ${count}`,
        callers,
        ratio: "rate",
        goal: 0.04,
        baseline: Effect.suspend(() => work(one)),
        ours: Effect.flatMap(anyShop, work)
      },
      pace
    )
  const placing = yield* spread("place in any", place)
  const reading = yield* spread("read a product of any", look)
  const connections = yield* onServer(backends)

  yield* progress("a busy shop beside a quiet one")
  const busy = Effect.all(
    Array.from({ length: callers }, () => Effect.forever(place(one))),
    { concurrency: "unbounded", discard: true }
  )
  const quiet = Effect.forEach(names.slice(1, 101), (shop) => timed(place(shop)))
  const alone = yield* quiet
  const besideBusy = yield* Effect.raceFirst(quiet, Effect.andThen(busy, Effect.never))

  yield* progress("a round of the maintenance")
  const maintenance = Effect.gen(function* () {
    const { round } = shopsMaintenance(directory, yield* shopLayers({}))
    return yield* timed(round(""))
  })
  const round = yield* Effect.provideContext(maintenance, built)

  yield* progress(`verifying ${count} shops`)
  const violations = (yield* Effect.forEach(
    names,
    (shop) =>
      Effect.map(
        service.use(
          shop,
          Verification.use(({ verify }) => verify({ most: 3 }))
        ),
        (report) => report.violations
      ),
    { concurrency: 4 }
  )).flat()
  if (violations.length > 0) return yield* Effect.die(new Error(JSON.stringify(violations)))

  const kilobytes = (what: "heapUsed" | "rss") => (after[what] - before[what]) / count / 1024
  const shown = (name: string, value: number, unit: string, readings: unknown) => ({
    ...atMost(name, value, Number.POSITIVE_INFINITY, unit, readings),
    goal: ""
  })
  return [
    placing,
    reading,
    shown("shops: creating one, median", median(creating), "ms", creating),
    atMost("shops: first call, p50", median(first), 20, "ms", first),
    atMost("shops: first call, p95", quantile(first, 0.95), 60, "ms", first),
    shown("shops: the same call again, p50", median(again), "ms", again),
    atMost("shops: heap of an open shop", kilobytes("heapUsed"), 500, "KiB", { before, after }),
    shown("shops: resident memory of an open shop", kilobytes("rss"), "KiB", { before, after }),
    shown("shops: memory of a connection of PostgreSQL", median(connections), "MB", connections),
    shown("shops: place in a quiet shop, p50", median(alone), "ms", alone),
    shown("shops: the same beside a busy shop, p50", median(besideBusy), "ms", besideBusy),
    shown("shops: the same beside a busy shop, p95", quantile(besideBusy, 0.95), "ms", besideBusy),
    shown("shops: a round of the maintenance", round / 1000, "s", [round])
  ]
})
