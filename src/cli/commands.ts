/** All commands, and their running; on a Node that `main.ts` has looked at. */
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Effect, Runtime } from "effect"
import { Command } from "effect/cli"
import { createAdmin } from "./create-admin.ts"
import { demoData } from "./demo-data.ts"
import { doctor } from "./doctor.ts"
import { migrate } from "./migrate.ts"
import { serve } from "./serve.ts"
import { stats } from "./stats.ts"
import { verify } from "./verify.ts"
import { version } from "./version.ts"

/** An interrupted command ends with 130, unless it says itself how it ends. */
const teardown: Runtime.Teardown = (exit, end) =>
  Runtime.defaultTeardown(exit, (code) => end(code === 130 ? Number(process.exitCode ?? code) : code))

Command.make("effect-commerce").pipe(
  Command.withDescription("An order core on PostgreSQL: accounts, catalog, orders, payments and analytics."),
  Command.withSubcommands([serve, migrate, createAdmin, verify, doctor, stats, demoData]),
  Command.run({ version }),
  Effect.provide(NodeServices.layer),
  NodeRuntime.runMain({ teardown })
)
