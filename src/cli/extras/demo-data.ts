import { Clock, Console, Effect, Layer } from "effect"
import { Command, Flag } from "effect/cli"
import * as Postgres from "../../adapters/postgres/index.ts"
import * as SimulatedPayments from "../../adapters/simulated-payments.ts"
import { Catalog } from "../../services/Catalog.ts"
import { Orders } from "../../services/Orders.ts"
import { Payments } from "../../services/Payments.ts"
import { commandLine } from "../support/CommandLine.ts"
import { Failure, fail, report } from "../support/Failure.ts"
import { integerFlag } from "../support/Flags.ts"
import { keptDatabase, logging, migrateExisting, unreachable } from "../support/Layers.ts"
import { type Settings, settings } from "../support/Settings.ts"
import { ofShop, shop as shopFlag } from "../support/ShopFlags.ts"
import { whole } from "../support/Terminal.ts"
import { sell, stock, stocked } from "./demo/Fill.ts"
import { plan } from "./demo/Plan.ts"
import { progress } from "./Progress.ts"

const flags = {
  shop: shopFlag,
  products: integerFlag("products", 100_000, 1000, "How many products"),
  orders: integerFlag("orders", 1_000_000, 10_000, "How many orders"),
  seed: integerFlag(
    "seed",
    2 ** 31 - 1,
    1,
    "The same seed makes the same shop on the same day, and continues a run that was stopped"
  ),
  add: Flag.Boolean("add").pipe(
    Flag.withDescription("Fill a database that has orders already, too"),
    Flag.withDefault(false)
  )
}

const shop = ({ database: { schema } }: Settings) =>
  Layer.mergeAll(Catalog.layer, Orders.layer, Payments.layer()).pipe(
    Layer.provide([Postgres.layer({ schema }), SimulatedPayments.layer()])
  )

const day = 86_400_000

/** Plans the year before the start of today. */
const planned = (options: { readonly products: number; readonly orders: number; readonly seed: number }) =>
  Effect.map(Clock.currentTimeMillis, (now) => plan({ ...options, end: now - (now % day) }))

const explain = (read: Settings) => ({
  StoreUnavailable: unreachable(read),
  InsufficientStock: () =>
    new Failure({
      line: "--seed: an earlier run has begun this seed with other flags. Use those, or another seed"
    })
})

/** All concurrent calls of this command wait for each other, and for a busy server: to wait is no outage. */
const patient = Layer.effect(
  Postgres.Limits,
  Effect.map(Postgres.Limits, (limits) => ({ ...limits, acquireTimeout: 600_000 }))
)

const fill = Effect.fnUntraced(function* (options: {
  readonly products: number
  readonly orders: number
  readonly seed: number
  readonly add: boolean
}) {
  const orders = yield* Orders
  const year = yield* planned(options)
  const known = yield* stocked(year)
  const resumes = known.size > 0
  const { items } = yield* orders.list({ limit: 1 })
  if (items.length > 0 && !options.add && !resumes) {
    return yield* fail(
      `--add: needed, since the database has orders already: ${commandLine("demo-data", "--add")}`
    )
  }
  if (resumes) yield* Console.error("An earlier run has begun this seed: continuing it")
  const shelved = yield* progress("products", options.products)
  const products = yield* stock(year, known, shelved.done)
  const sold = yield* progress("orders", options.orders)
  const begun = yield* Clock.currentTimeMillis
  const placed = yield* sell(year, products, sold.done, { resumes })
  const seconds = Math.max(1, (yield* Clock.currentTimeMillis) - begun) / 1000
  yield* Console.log(
    `Made ${whole(options.products - known.size)} products, and ${whole(placed)} orders of the past year in ` +
      `${seconds.toFixed(1)} s: ${whole(Math.round(placed / seconds))} orders/s`
  )
})

export const demoData = Command.make("demo-data", flags, ({ shop: named, ...options }) =>
  Effect.flatMap(
    Effect.map(settings, (all) => ofShop(all, named)),
    (read) =>
      Effect.andThen(migrateExisting(read), fill(options)).pipe(
        Effect.catchTags(explain(read)),
        Effect.provide(shop(read)),
        Effect.provide(patient),
        Effect.provide(keptDatabase(read)),
        Effect.provide(logging(read))
      )
  ).pipe(report)
).pipe(
  Command.withDescription(
    "Fill a database with products, and with orders of the past year, so that there is something to look at."
  )
)
