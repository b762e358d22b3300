import type { Server } from "node:http"
import { NodeHttpServer } from "@effect/platform-node"
import { Duration, Effect, Layer } from "effect"
import { Command, Flag } from "effect/cli"
import { HttpRouter } from "effect/http"
import {
  Draining,
  type DrainingState,
  layerSettings,
  RequestLog,
  routesUnder,
  strictRouting
} from "../../http/index.ts"
import { ensureAdmin } from "../support/Admin.ts"
import { fail, report } from "../support/Failure.ts"
import { cannotListen, httpServer } from "../support/HttpServer.ts"
import {
  database,
  ensureMigrated,
  logging,
  requireLimits,
  requireReadable,
  services
} from "../support/Layers.ts"
import { listenForMetrics } from "../support/MetricsListener.ts"
import { type Settings, serverSettings } from "../support/Settings.ts"
import { announce, sayIfFirst } from "../support/StartupBanner.ts"
import { measuring, telemetry } from "../support/Telemetry.ts"

/**
 * Connections that the kernel may hold until the server accepts them. Beyond Node's 511, a client that others crowd out tries again after
 * seconds. The kernel allows at most `net.core.somaxconn`.
 */
const backlog = 4096

const listen = (read: Settings, server: Server, state: DrainingState) => {
  const { host, port } = read.server
  const boundary = Layer.mergeAll(
    layerSettings(read.http),
    Layer.succeed(RequestLog, true),
    Layer.succeed(Draining, state)
  )
  return HttpRouter.serve(
    Layer.provide(Layer.merge(routesUnder(read.http.basePath), measuring(read)), boundary),
    {
      disableLogger: true,
      disableListenLog: true,
      routerConfig: strictRouting
    }
  ).pipe(
    Layer.provideMerge(
      NodeHttpServer.layer(() => server, {
        host,
        port,
        backlog,
        gracefulShutdownTimeout: "10 seconds"
      })
    ),
    Layer.catchTag("ServeError", (error) =>
      Layer.effectContext(Effect.fail(cannotListen({ variable: "PORT", host, port }, error)))
    )
  )
}

/** Whether the process was asked to end by SIGTERM, as by a supervisor. Ctrl-C ends it at once. */
const watchTermination = Effect.acquireRelease(
  Effect.sync(() => {
    const state = { isTerminated: false }
    const onSignal = () => {
      state.isTerminated = true
    }
    // Before the handler that ends the command.
    process.prependOnceListener("SIGTERM", onSignal)
    return { state, onSignal }
  }),
  ({ onSignal }) => Effect.sync(() => process.off("SIGTERM", onSignal))
)

/** Migrates, creates the admin, listens, and prints the startup banner. Runs until it is interrupted. */
const run = Effect.fnUntraced(function* (read: Settings, readOnly: boolean) {
  if (readOnly && (read.database.url === undefined || read.database.pooler !== "off")) {
    return yield* fail("--read-only needs DATABASE_URL, and a connection without a pooler")
  }
  const { state: signal } = yield* watchTermination
  const state: DrainingState = { isDraining: false }
  yield* requireLimits(read)
  yield* readOnly ? requireReadable(read) : ensureMigrated(read)
  yield* Effect.gen(function* () {
    const admin = readOnly ? undefined : yield* ensureAdmin(read)
    const { server, drain, closeIdleConnections } = yield* httpServer({
      keepAliveTime: Duration.toMillis(read.server.keepAliveTimeout)
    })
    const metricsAddress = yield* listenForMetrics(read)
    const stopBeingReady = Effect.suspend(() => {
      state.isDraining = true
      const { shutdownDelay } = read.server
      return Effect.andThen(drain, signal.isTerminated ? Effect.sleep(shutdownDelay) : Effect.void)
    })
    yield* Effect.andThen(announce(read, { admin, metricsAddress }), Effect.never).pipe(
      Effect.ensuring(stopBeingReady),
      Effect.ensuring(closeIdleConnections),
      Effect.provide(listen(read, server, state))
    )
  }).pipe(Effect.provide(services(read, { readOnly })))
})

const readOnly = Flag.Boolean("read-only").pipe(
  Flag.withDescription(
    "Serve reads only, for example from a standby: no migration, no maintenance, and changes fail. Not behind a pooler"
  ),
  Flag.withDefault(false)
)

/** Stopping a server by a signal is success, so the exit code is 0. */
const stopped = Effect.sync(() => {
  process.exitCode = 0
})

export const serve = Command.make("serve", { readOnly }, ({ readOnly }) =>
  Effect.flatMap(serverSettings, (read) =>
    Effect.andThen(
      sayIfFirst(read),
      Effect.scoped(run(read, readOnly)).pipe(
        Effect.provide(database(read, { readOnly })),
        Effect.provide(telemetry(read)),
        Effect.provide(logging(read))
      )
    )
  ).pipe(
    report,
    Effect.onInterrupt(() => stopped)
  )
).pipe(
  Command.withDescription(
    "Serve the HTTP API. Uses PostgreSQL if DATABASE_URL is set, else an embedded database. See docs/configuration.md for all variables."
  )
)
