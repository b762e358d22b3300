import { Console, Effect } from "effect"
import { Command, Flag } from "effect/cli"
import type * as Postgres from "../../adapters/postgres/index.ts"
import { inEachShop } from "../support/AllShops.ts"
import { report } from "../support/Failure.ts"
import { database, logging, migrate as migrateShop, planned } from "../support/Layers.ts"
import { type Settings, settings } from "../support/Settings.ts"
import { onShops, shopFlags } from "../support/ShopFlags.ts"

const upToDate = "The tables are up to date"

const dryRun = Flag.Boolean("dry-run").pipe(
  Flag.withDescription("Print the SQL of the migration without running it"),
  Flag.withDefault(false)
)

const print = (read: Settings) =>
  Effect.flatMap(planned(read), (script) => Console.log(script === "" ? `-- ${upToDate}` : script))

const said = (done: Postgres.Migrated) => (done.length === 0 ? upToDate : `Migrated: ${done.join(", ")}`)

const run = (read: Settings) => Effect.flatMap(migrateShop(read), (done) => Console.log(said(done)))

const printAll = (read: Settings) =>
  inEachShop(read, (shop) =>
    Effect.flatMap(planned(shop), (script) =>
      script === ""
        ? Effect.succeed(upToDate)
        : Effect.as(Console.log(`-- ${shop.shop?.name}\n${script}`), "is not up to date")
    )
  )

const runAll = (read: Settings) => inEachShop(read, (shop) => Effect.map(migrateShop(shop), said))

export const migrate = Command.make("migrate", { dryRun, ...shopFlags }, ({ dryRun, ...which }) =>
  Effect.flatMap(settings, (read) =>
    onShops(which, read, dryRun ? printAll : runAll, dryRun ? print : run).pipe(
      Effect.provide(database(read)),
      Effect.provide(logging(read))
    )
  ).pipe(report)
).pipe(
  Command.withDescription(
    "Create or update the tables in DATABASE_SCHEMA, or of shops beside it, and print the migrations that ran."
  )
)
