/** All commands. `main.ts` has already checked the version of Node. */
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Effect, Runtime } from "effect"
import { Command } from "effect/cli"
import { createAdmin } from "./commands/create-admin.ts"
import { doctor } from "./commands/doctor.ts"
import { migrate } from "./commands/migrate.ts"
import { restored } from "./commands/restored.ts"
import { serve } from "./commands/serve.ts"
import { verify } from "./commands/verify.ts"
import { demoData } from "./extras/demo-data.ts"
import { stats } from "./extras/stats.ts"
import { version } from "./version.ts"

/** An interrupted command exits with 130 unless it has set an exit code. */
const teardown: Runtime.Teardown = (exit, end) =>
  Runtime.defaultTeardown(exit, (code) => end(code === 130 ? Number(process.exitCode ?? code) : code))

Command.make("effect-commerce").pipe(
  Command.withDescription("An order core on PostgreSQL: accounts, catalog, orders, payments and analytics."),
  Command.withSubcommands([serve, migrate, createAdmin, verify, doctor, restored, stats, demoData]),
  Command.run({ version }),
  Effect.provide(NodeServices.layer),
  NodeRuntime.runMain({ teardown })
)
