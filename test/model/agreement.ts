import { layer } from "@effect/vitest"
import { Effect, Layer, Result } from "effect"
import { SqlClient } from "effect/sql"
import * as Memory from "../../src/adapters/memory/index.ts"
import * as Postgres from "../../src/adapters/postgres/index.ts"
import { PricingRefused } from "../../src/domain/pricing/Pricing.ts"
import { tariff } from "../../src/domain/pricing/Tariff.ts"
import { Pricing } from "../../src/ports/Pricing.ts"
import { agree, FeedPatience, shopOn } from "../../src/testing/model/index.ts"
import { onProcessTime } from "../support/contract.ts"

const empty = SqlClient.SqlClient.use(
  (sql) => sql`
    TRUNCATE commerce.accounts, commerce.categories, commerce.products, commerce.orders,
      commerce.order_items, commerce.order_events, commerce.order_adjustments, commerce.vouchers, commerce.redemptions,
      commerce.idempotency_keys CASCADE`
)

/** A shop where nothing has happened, each time that it is built. */
const real = shopOn(onProcessTime(Layer.unwrap(Effect.as(empty, Postgres.layer()))))

/** Pricing with parts of each kind, which refuses some orders and lets vouchers pay for delivery alone. */
const pricing = Layer.succeed(
  Pricing,
  tariff("EUR", [
    ({ metadata, vouchers, goods }) => {
      if (metadata.country === "moon") {
        return Result.fail(new PricingRefused({ reason: "Not to the moon" }))
      }
      return goods < 500 ? vouchers.map((voucher) => ({ ...voucher, on: { fees: ["parcel"] } })) : []
    },
    { part: "delivery", code: "parcel", name: "Parcel", amount: 590, freeFrom: 2000 },
    { part: "discount", code: "books", name: "Books", rate: 250_000, goods: { taxClasses: ["books"] } },
    { part: "tax", code: "vat", name: "VAT", rate: 190_000, included: true, fees: ["parcel"] }
  ])
)

const shops = [
  { name: "answers like the model, whatever is asked [V1]", pricing: Layer.empty, share: 1 },
  { name: "answers like the model with a tariff, whatever is asked [V1]", pricing, share: 0.5 }
]

/** Plays on an engine what `TEST_SEED` says, `TEST_RUNS` times or usually, without a tariff and half as often with one. */
export const agreesWithTheModel = <E>(
  engine: string,
  client: Layer.Layer<SqlClient.SqlClient, E>,
  usualRuns: number
) =>
  layer(client, { excludeTestServices: true, timeout: "60 seconds" })(engine, (it) => {
    for (const { name, pricing, share } of shops) {
      it.effect(
        name,
        () =>
          Effect.gen(function* () {
            const runs = Number(process.env.TEST_RUNS ?? usualRuns * share)
            // Other tests on the same server hold transactions open for half a minute.
            const found = yield* agree({
              model: Layer.provide(shopOn(Memory.layer), pricing),
              real: Layer.provide(real, pricing),
              runs,
              seed: process.env.TEST_SEED
            }).pipe(Effect.provideService(FeedPatience, 60_000))
            console.log(
              `${engine}: ${found.commands} commands in ${found.runs} runs, TEST_SEED=${found.seed}`
            )
          }),
        600_000
      )
    }
  })
