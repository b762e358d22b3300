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
import { keptDatabase, logging, migrate, unreachable } from "../support/Layers.ts"
import { type Settings, settings } from "../support/Settings.ts"
import { whole } from "../support/Terminal.ts"
import { sell, stock } from "./demo/Fill.ts"
import { plan } from "./demo/Plan.ts"
import { progress } from "./Progress.ts"

const flags = {
  products: integerFlag("products", 100_000, 1000, "How many products"),
  orders: integerFlag("orders", 1_000_000, 10_000, "How many orders"),
  seed: integerFlag("seed", 2 ** 31 - 1, 1, "The same seed makes the same shop on the same day"),
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

const explain = {
  StoreUnavailable: unreachable,
  SkuTaken: () => new Failure({ line: "--seed: the products of this seed are there already" })
}

const fill = Effect.fnUntraced(function* (options: {
  readonly products: number
  readonly orders: number
  readonly seed: number
  readonly add: boolean
}) {
  const orders = yield* Orders
  const { items } = yield* orders.list({ limit: 1 })
  if (items.length > 0 && !options.add) {
    return yield* fail(
      `--add: needed, since the database has orders already: ${commandLine("demo-data", "--add")}`
    )
  }
  const year = yield* planned(options)
  const stocked = yield* progress("products", options.products)
  const products = yield* stock(year, stocked.done)
  const sold = yield* progress("orders", options.orders)
  const begun = yield* Clock.currentTimeMillis
  yield* sell(year, products, sold.done)
  const seconds = Math.max(1, (yield* Clock.currentTimeMillis) - begun) / 1000
  yield* Console.log(
    `Made ${whole(options.products)} products, and ${whole(options.orders)} orders of the past year in ` +
      `${seconds.toFixed(1)} s: ${whole(Math.round(options.orders / seconds))} orders/s`
  )
})

export const demoData = Command.make("demo-data", flags, (options) =>
  Effect.flatMap(settings, (read) =>
    Effect.andThen(migrate(read), fill(options)).pipe(
      Effect.catchTags(explain),
      Effect.provide(shop(read)),
      Effect.provide(keptDatabase(read)),
      Effect.provide(logging(read))
    )
  ).pipe(report)
).pipe(
  Command.withDescription(
    "Fill a database with products, and with orders of the past year, so that there is something to look at."
  )
)
