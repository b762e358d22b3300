/** Benchmarks, each as a ratio to a baseline that is measured in the same run: see README.md beside this file. */
import { writeFile } from "node:fs/promises"
import { cpus } from "node:os"
import { Console, Effect, Redacted } from "effect"
import { embeddedServer } from "../test/support/EmbeddedServer.ts"
import { administer, urlOf } from "../test/support/Server.ts"
import { placeByHand } from "./HandWritten.ts"
import { type Case, measure, type Result } from "./Measure.ts"
import { fill, pick, services, shop } from "./Shop.ts"

const seconds = Number(process.env.BENCH_SECONDS ?? 3)
const rounds = Number(process.env.BENCH_ROUNDS ?? 5)

const cases = Effect.gen(function* () {
  const products = yield* fill(1000)
  const { orders, sql, random } = yield* services
  const customerId = crypto.randomUUID()

  const placing = (from: ReadonlyArray<string>, count: number) => ({
    baseline: Effect.suspend(() =>
      Effect.flatMap(random.uuidV7(), (id) => placeByHand(sql, { id, customerId, items: pick(from, count) }))
    ),
    ours: Effect.suspend(() => orders.place({ customerId, items: pick(from, count) }))
  })

  const hot = placing(products.slice(0, 1), 1)
  const spread = placing(products, 3)
  const all: ReadonlyArray<Case<unknown>> = [
    { name: "place, one product for all", callers: 64, ratio: "rate", goal: 30, ...hot },
    { name: "place, 3 of 1,000 products", callers: 64, ratio: "rate", goal: 8, ...spread },
    { name: "place, 3 of 1,000 products", callers: 512, ratio: "rate", goal: 8, ...spread },
    { name: "place, one caller alone, p50", callers: 1, ratio: "latency", goal: 1.25, ...spread }
  ]
  return all
})

const row = ({ name, callers, goal, ratio, baseline, ours }: Result) => ({
  case: name,
  callers,
  "baseline /s": Math.round(baseline.perSecond),
  "ours /s": Math.round(ours.perSecond),
  "baseline p50 ms": baseline.p50.toFixed(2),
  "ours p50 ms": ours.p50.toFixed(2),
  ratio: `${ratio.toFixed(2)} ×`,
  goal
})

const program = Effect.gen(function* () {
  const server = {
    url: process.env.TEST_DATABASE_URL ?? (yield* embeddedServer({ durable: true })),
    prefix: "effect_commerce_bench_"
  }
  const name = `${server.prefix}${Date.now()}`
  yield* Effect.acquireRelease(administer(server, `CREATE DATABASE "${name}"`), () =>
    administer(server, `DROP DATABASE "${name}" WITH (FORCE)`)
  )
  const results = yield* Effect.gen(function* () {
    const done: Array<Result> = []
    for (const one of yield* cases) {
      yield* Console.error(`measuring: ${one.name}, ${one.callers} callers`)
      done.push(yield* measure(one, { rounds, seconds }))
    }
    return done
  }).pipe(Effect.provide(shop(Redacted.make(Redacted.value(urlOf(server, name))))))
  console.table(results.map(row))
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version }
  const written = { machine, seconds, rounds, results }
  yield* Effect.promise(() =>
    writeFile(new URL("results.json", import.meta.url), `${JSON.stringify(written, null, 2)}\n`)
  )
})

await Effect.runPromise(Effect.scoped(program))
