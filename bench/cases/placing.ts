import { Context, Effect, Layer } from "effect"
import { tariff } from "../../src/domain/pricing/Tariff.ts"
import { OrderStore } from "../../src/ports/OrderStore.ts"
import { Pricing } from "../../src/ports/Pricing.ts"
import { Orders } from "../../src/services/Orders.ts"
import { Bench, type Group, progress } from "../Bench.ts"
import { placeByHand } from "../HandWritten.ts"
import { type Case, measure } from "../Measure.ts"
import { fill, pick, services, shop, verified } from "../Shop.ts"

/** A fee for delivery and a tax on all. */
const price = tariff("EUR", [
  { part: "delivery", code: "delivery", name: "Delivery", amount: 495 },
  { part: "tax", code: "vat", name: "VAT", rate: 190_000, included: false, fees: ["delivery"] }
])

/** The service of a shop that has this tariff, on the same store. */
const withPricing = Effect.gen(function* () {
  const store = Layer.succeed(OrderStore, yield* OrderStore)
  const built = yield* Layer.build(
    Layer.fresh(Orders.layer).pipe(Layer.provide([store, Layer.succeed(Pricing, price)]))
  )
  return Context.get(built, Orders)
})

const cases = Effect.gen(function* () {
  const products = yield* fill(1000)
  const { orders, sql, random } = yield* services
  const customerId = crypto.randomUUID()

  const place = (from: ReadonlyArray<string>, count: number) => ({
    baseline: Effect.suspend(() =>
      Effect.flatMap(random.uuidV7(), (id) => placeByHand(sql, { id, customerId, items: pick(from, count) }))
    ),
    ours: Effect.suspend(() => orders.place({ customerId, items: pick(from, count) }))
  })

  const hot = place(products.slice(0, 1), 1)
  const spread = place(products, 3)
  const priced = yield* withPricing
  const tariffed = {
    baseline: spread.ours,
    ours: Effect.suspend(() => priced.place({ customerId, items: pick(products, 3) }))
  }
  const all: ReadonlyArray<Case<unknown>> = [
    { name: "place, one product for all", callers: 64, ratio: "rate", goal: 30, ...hot },
    { name: "place, 3 of 1,000 products", callers: 64, ratio: "rate", goal: 8, ...spread },
    { name: "place, 3 of 1,000 products", callers: 512, ratio: "rate", goal: 8, ...spread },
    { name: "place, one caller alone, p50", callers: 1, ratio: "latency", goal: 1.25, ...spread },
    {
      name: "place with a fee and a tax, against without",
      callers: 64,
      ratio: "rate",
      goal: 0.7,
      ...tariffed
    }
  ]
  return all
})

/** Placing, without HTTP. */
export const placing: Group = Effect.gen(function* () {
  const { database, pace } = yield* Bench
  const measured = Effect.gen(function* () {
    const comparisons = yield* Effect.forEach(yield* cases, (one) =>
      Effect.andThen(progress(`${one.name}, ${one.callers} callers`), measure(one, pace))
    )
    yield* verified
    return comparisons
  })
  return yield* Effect.provide(measured, shop(yield* database))
})
