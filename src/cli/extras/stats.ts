import { Clock, Console, DateTime, Effect, Layer } from "effect"
import { Command, Flag } from "effect/cli"
import * as Postgres from "../../adapters/postgres/index.ts"
import { bucketStarts, Interval, type Sale, TimeZone } from "../../domain/analytics/Sales.ts"
import { Analytics } from "../../services/Analytics.ts"
import { inEachShop } from "../support/AllShops.ts"
import { Failure, report } from "../support/Failure.ts"
import { integerFlag } from "../support/Flags.ts"
import { keptDatabase, logging, requireReadable, unreachable } from "../support/Layers.ts"
import { type Settings, settings } from "../support/Settings.ts"
import { onShops, shopFlags } from "../support/ShopFlags.ts"
import { screen, whole } from "../support/Terminal.ts"
import { type Figures, lineOf, render } from "./Report.ts"

/** Number of intervals shown, including the current one. */
const shown = { day: 30, week: 12, month: 12 } as const

const flags = {
  interval: Flag.Literals("interval", Interval.literals).pipe(
    Flag.withDefault("day" as const),
    Flag.withDescription("The last 30 days, 12 weeks or 12 months; day if absent")
  ),
  timeZone: Flag.String("time-zone").pipe(
    Flag.withSchema(TimeZone),
    Flag.withDefault("UTC"),
    Flag.withDescription('In which days begin, for example "Europe/Berlin"; UTC if absent')
  ),
  limit: integerFlag("limit", 100, 10, "How many of the best-selling products, 1 to 100")
}

interface Asked {
  readonly interval: Interval
  readonly timeZone: string
  readonly limit: number
}

/** Returns the starts of the shown intervals. */
const beginnings = Effect.fnUntraced(function* ({ interval, timeZone }: Asked) {
  const last = new Date(yield* Clock.currentTimeMillis)
  const ago = DateTime.subtract(DateTime.fromDateUnsafe(last), { [`${interval}s`]: shown[interval] })
  const found = yield* Effect.fromResult(
    bucketStarts(interval, timeZone, { first: DateTime.toDateUtc(ago), last })
  )
  return found.slice(-shown[interval])
})

/** Reads the figures of the report. Intervals without sales have zeros. */
export const figures = Effect.fnUntraced(function* (asked: Asked) {
  const { interval, timeZone, limit } = asked
  const analytics = yield* Analytics
  const begin = yield* beginnings(asked)
  const [from] = begin
  const sold = new Map<number, Sale>()
  for (const sale of yield* analytics.sales({ interval, timeZone, from }))
    sold.set(sale.start.getTime(), sale)
  const figures: Figures = {
    interval,
    timeZone,
    summary: yield* analytics.summary(),
    sales: begin.map((start) => sold.get(start.getTime()) ?? { start, orders: 0, revenue: [] }),
    products: yield* analytics.topProducts({ limit, from })
  }
  return figures
})

const analytics = ({ database: { schema } }: Settings) =>
  Layer.provide(Analytics.layer, Postgres.layer({ schema }))

/** Reads figures of the shop of the settings. Each has stores of its own: layers are shared otherwise. */
const readFrom = <A, E>(read: Settings, work: Effect.Effect<A, E, Analytics>) =>
  Effect.andThen(requireReadable(read), work).pipe(Effect.provide(Layer.fresh(analytics(read))))

const one = (asked: Asked) => (read: Settings) =>
  Effect.flatMap(
    Effect.catchTag(readFrom(read, figures(asked)), "StoreUnavailable", unreachable(read)),
    (found) => Console.log(render(found, screen()))
  )

/** A line of each shop, with tabs between name, orders and revenue. */
const all = (read: Settings) =>
  inEachShop(read, (shop) =>
    readFrom(
      shop,
      Analytics.use(({ summary }) => summary())
    ).pipe(
      Effect.mapError((error) =>
        error._tag === "StoreUnavailable" ? unreachable(shop)(error) : new Failure({ line: error.message })
      ),
      Effect.tap((found) => Console.log(`${shop.shop?.name}\t${lineOf(found)}`)),
      Effect.map(({ orders }) => `${whole(orders)} orders`)
    )
  )

export const stats = Command.make("stats", { ...flags, ...shopFlags }, ({ allShops, shop, ...asked }) =>
  Effect.flatMap(settings, (read) =>
    onShops({ allShops, shop }, read, all, one(asked)).pipe(
      Effect.provide(keptDatabase(read)),
      Effect.provide(logging(read))
    )
  ).pipe(report)
).pipe(
  Command.withDescription(
    "Print what was sold: all orders, the last days, weeks or months, the best-selling products."
  )
)
