/** Runs the command of this process. `main.ts` has already checked the version of Node. */
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Cause, Effect, Exit, Layer, Runtime } from "effect"
import { Command } from "effect/cli"
import { effectCommerce } from "./commands.ts"
import { Failure } from "./support/Failure.ts"
import { helpInColumns } from "./support/Help.ts"
import { version } from "./version.ts"

const isReported = (exit: Exit.Exit<unknown, unknown>) =>
  Exit.isFailure(exit) && Cause.squash(exit.cause) instanceof Failure

/**
 * Lets the process of a reported failure end by itself, so that it writes all of its output. An interrupted command
 * exits with 130 unless it has set an exit code.
 */
const teardown: Runtime.Teardown = (exit, end) =>
  Runtime.defaultTeardown(exit, (code) => {
    // The channel of a worker to its primary would keep the process alive.
    process.channel?.unref()
    if (isReported(exit)) process.exitCode = code
    else end(code === 130 ? Number(process.exitCode ?? code) : code)
  })

effectCommerce.pipe(
  Command.run({ version }),
  Effect.provide(Layer.provideMerge(helpInColumns, NodeServices.layer)),
  NodeRuntime.runMain({ teardown })
)
