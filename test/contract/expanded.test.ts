import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { layer } from "../../src/adapters/postgres/index.ts"
import { obeysTheLaws } from "../support/contract.ts"
import { freshClient } from "../support/postgres.ts"
import { oneLawPerStatement } from "./statements.ts"

/** What the next version's migration may do while servers of this one still run. */
const expand = SqlClient.SqlClient.use((sql) =>
  Effect.gen(function* () {
    const tables = yield* sql<{ name: string }>`
      SELECT format('commerce.%I', tablename) AS name FROM pg_tables WHERE schemaname = 'commerce'`
    for (const { name } of tables) {
      yield* sql.unsafe(`ALTER TABLE ${name} ADD COLUMN of_the_future text NOT NULL DEFAULT 'future'`)
        .unprepared
      yield* sql.unsafe(`ALTER TABLE ${name} ADD COLUMN also_later bigint`).unprepared
      yield* sql.unsafe(`CREATE INDEX ON ${name} (of_the_future)`).unprepared
    }
    yield* sql`CREATE TABLE commerce.coupons (id uuid PRIMARY KEY, order_id uuid REFERENCES commerce.orders)`
  })
)

const expanded = Layer.tap(freshClient, (client) => Effect.provideContext(expand, client))

obeysTheLaws(
  "PostgreSQL, with what a later migration adds",
  Layer.provideMerge(layer(), expanded),
  oneLawPerStatement
)
