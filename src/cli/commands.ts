/** All commands. Importing them runs none: `run.ts` does that. */
import { Command } from "effect/cli"
import { createAdmin } from "./commands/create-admin.ts"
import { doctor } from "./commands/doctor.ts"
import { migrate } from "./commands/migrate.ts"
import { openapi } from "./commands/openapi.ts"
import { restored } from "./commands/restored.ts"
import { serve } from "./commands/serve.ts"
import { verify } from "./commands/verify.ts"
import { demoData } from "./extras/demo-data.ts"
import { stats } from "./extras/stats.ts"

export const effectCommerce = Command.make("effect-commerce").pipe(
  Command.withDescription("An order core on PostgreSQL: accounts, catalog, orders, payments and analytics."),
  Command.withSubcommands([serve, migrate, createAdmin, verify, doctor, restored, openapi, stats, demoData])
)
