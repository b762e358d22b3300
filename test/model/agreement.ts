import { layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import * as Memory from "../../src/adapters/memory/index.ts"
import * as Postgres from "../../src/adapters/postgres/index.ts"
import { agree, FeedPatience, shopOn } from "../../src/testing/model/index.ts"
import { onProcessTime } from "../support/contract.ts"

const empty = SqlClient.SqlClient.use(
  (sql) => sql`
    TRUNCATE commerce.accounts, commerce.categories, commerce.products, commerce.orders,
      commerce.order_items, commerce.order_events, commerce.idempotency_keys CASCADE`
)

/** A shop where nothing has happened, each time that it is built. */
const real = shopOn(onProcessTime(Layer.unwrap(Effect.as(empty, Postgres.layer()))))

/** Plays on an engine what `TEST_SEED` says, `TEST_RUNS` times. */
export const agreesWithTheModel = <E>(
  name: string,
  client: Layer.Layer<SqlClient.SqlClient, E>,
  usualRuns: number
) =>
  layer(client, { excludeTestServices: true, timeout: "60 seconds" })(name, (it) => {
    it.effect(
      "answers like the model, whatever is asked [V1]",
      () =>
        Effect.gen(function* () {
          const runs = Number(process.env.TEST_RUNS ?? usualRuns)
          // Other tests on the same server hold transactions open for half a minute.
          const found = yield* agree({
            model: shopOn(Memory.layer),
            real,
            runs,
            seed: process.env.TEST_SEED
          }).pipe(Effect.provideService(FeedPatience, 60_000))
          console.log(`${name}: ${found.commands} commands in ${found.runs} runs, TEST_SEED=${found.seed}`)
        }),
      600_000
    )
  })
