import { Console, Context, Effect, Layer, Redacted, Scope } from "effect"
import { type ExecutionLimits, Limits } from "../src/adapters/postgres/index.ts"
import { embeddedServer } from "../test/support/EmbeddedServer.ts"
import { administer, urlOf } from "../test/support/Server.ts"
import { built, bundledCommand } from "./Built.ts"
import type { Figure } from "./Figure.ts"
import { fillBySql } from "./Fill.ts"
import type { Growth } from "./Growth.ts"
import type { Comparison, Pace } from "./Measure.ts"
import { client } from "./Shop.ts"

export type Outcome = Comparison | Figure | Growth

/** The PostgreSQL server of this run, and how long to measure. */
export class Bench extends Context.Service<
  Bench,
  {
    readonly pace: Pace
    /** Where the servers are, as JavaScript. */
    readonly built: string
    /** The command as it is in the package. */
    readonly command: string
    /** An empty database, gone with the scope. */
    readonly database: Effect.Effect<Redacted.Redacted, never, Scope.Scope>
    /** A database with a million orders of a thousand products, made once and kept to the end of the run. */
    readonly millionOrders: Effect.Effect<Redacted.Redacted, unknown>
  }
>()("effect-commerce/bench/Bench") {
  static readonly layer = (pace: Pace) => Layer.effect(Bench, make(pace))
}

/** A group of cases, with databases of its own. */
export type Group = Effect.Effect<ReadonlyArray<Outcome>, unknown, Bench | Scope.Scope>

export const progress = (what: string) => Console.error(`measuring: ${what}`)

/** The files of a thousand shops take minutes to remove. */
const patient = (limits: ExecutionLimits): ExecutionLimits => ({ ...limits, statementTimeout: 1_800_000 })

const make = Effect.fnUntraced(function* (pace: Pace) {
  const server = {
    url: process.env.TEST_DATABASE_URL ?? (yield* embeddedServer({ durable: true })),
    prefix: `effect_commerce_bench_${Date.now()}_`
  }
  let made = 0
  const database = Effect.suspend(() => {
    const name = `${server.prefix}${++made}`
    return Effect.as(
      Effect.acquireRelease(administer(server, `CREATE DATABASE "${name}"`), () =>
        Effect.updateService(administer(server, `DROP DATABASE "${name}" WITH (FORCE)`), Limits, patient)
      ),
      Redacted.make(Redacted.value(urlOf(server, name)))
    )
  })
  const scope = yield* Effect.scope
  const millionOrders = Effect.gen(function* () {
    yield* Console.error("filling: 1,000,000 orders")
    const url = yield* database
    yield* Effect.provide(fillBySql({ products: 1000, orders: 1_000_000 }), client(url))
    return url
  }).pipe(Scope.provide(scope))
  const directory = yield* built
  return Bench.of({
    pace,
    built: directory,
    command: yield* Effect.promise(() => bundledCommand(directory)),
    database,
    millionOrders: yield* Effect.cached(millionOrders)
  })
})
