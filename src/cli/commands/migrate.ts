import { Console, Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { report } from "../support/Failure.ts"
import { database, logging, migrate as migrateShop, planned } from "../support/Layers.ts"
import { type Settings, settings } from "../support/Settings.ts"

const upToDate = "The tables are up to date"

const dryRun = Flag.Boolean("dry-run").pipe(
  Flag.withDescription("Print the SQL of the migration without running it"),
  Flag.withDefault(false)
)

const print = (read: Settings) =>
  Effect.flatMap(planned(read), (script) => Console.log(script === "" ? `-- ${upToDate}` : script))

const run = (read: Settings) =>
  Effect.flatMap(migrateShop(read), (done) =>
    Console.log(done.length === 0 ? upToDate : `Migrated: ${done.join(", ")}`)
  )

export const migrate = Command.make("migrate", { dryRun }, ({ dryRun }) =>
  Effect.flatMap(settings, (read) =>
    (dryRun ? print(read) : run(read)).pipe(Effect.provide(database(read)), Effect.provide(logging(read)))
  ).pipe(report)
).pipe(
  Command.withDescription(
    "Create or update the tables in DATABASE_SCHEMA, and print the migrations that ran."
  )
)
