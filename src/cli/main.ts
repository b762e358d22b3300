#!/usr/bin/env node
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Effect } from "effect"
import { Command } from "effect/cli"
import { createAdmin } from "./create-admin.ts"
import { migrate } from "./migrate.ts"
import { serve } from "./serve.ts"
import { verify } from "./verify.ts"
import { version } from "./version.ts"

Command.make("effect-commerce").pipe(
  Command.withDescription("An order core on PostgreSQL: accounts, catalog, orders, payments and analytics."),
  Command.withSubcommands([serve, migrate, createAdmin, verify]),
  Command.run({ version }),
  Effect.provide(NodeServices.layer),
  NodeRuntime.runMain
)
