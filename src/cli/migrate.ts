import { Console, Effect } from "effect"
import { Command } from "effect/cli"
import { report } from "./Failure.ts"
import { settings } from "./Settings.ts"
import { database, logging, migrate as migrateShop } from "./Shop.ts"

export const migrate = Command.make("migrate", {}, () =>
  Effect.flatMap(settings, (read) =>
    migrateShop(read).pipe(
      Effect.flatMap((done) =>
        Console.log(done.length === 0 ? "The tables are up to date" : `Migrated: ${done.join(", ")}`)
      ),
      Effect.provide(database(read)),
      Effect.provide(logging(read))
    )
  ).pipe(report)
).pipe(Command.withDescription("Create or update the tables in DATABASE_SCHEMA, and say what was done."))
