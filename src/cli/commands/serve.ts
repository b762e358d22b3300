import type { Server } from "node:http"
import { NodeHttpServer } from "@effect/platform-node"
import { Duration, Effect, Fiber, Layer, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { HttpRouter } from "effect/http"
import type { SqlClient } from "effect/sql"
import {
  Draining,
  type DrainingState,
  layerSettings,
  RequestLog,
  routesUnder,
  type ShopAddress,
  serveShops,
  strictRouting
} from "../../http/index.ts"
import { serverSettings as settingsOfServer } from "../../settings/ServerSettings.ts"
import { decodeText } from "../../settings/SettingValue.ts"
import { ensureAdmin } from "../support/Admin.ts"
import { fail, report } from "../support/Failure.ts"
import { cannotListen, httpServer } from "../support/HttpServer.ts"
import {
  database,
  ensureMigrated,
  logging,
  requireLimits,
  requireReadable,
  services,
  shops
} from "../support/Layers.ts"
import { listenForMetrics } from "../support/MetricsListener.ts"
import { type Settings, serverSettings } from "../support/Settings.ts"
import { announce, describeStart, sayIfFirst } from "../support/StartupBanner.ts"
import { measuring, ownMetrics, telemetry } from "../support/Telemetry.ts"
import { connectToPrimary, type Primary } from "../support/Worker.ts"
import { workerNumber } from "../support/WorkerNumber.ts"
import { runWorkers } from "../support/Workers.ts"

/**
 * Connections that the kernel may hold until the server accepts them. Beyond Node's 511, a client that others crowd out tries again after
 * seconds. The kernel allows at most `net.core.somaxconn`.
 */
const backlog = 4096

/** Time for the requests that a server has accepted before it stopped accepting. */
const gracefulShutdownTimeout = "10 seconds"

interface Listening {
  readonly server: Server
  readonly state: DrainingState
  readonly metrics: Effect.Effect<string>
  readonly primary: Primary | undefined
  readonly readOnly: boolean
}

/** Where requests name one of many shops, if they do. */
const shopAddressOf = ({ server: { shops } }: Settings): ShopAddress | undefined => {
  if (shops === "off") return undefined
  return shops === "path" ? "path" : { domain: shops.slice("*.".length) }
}

const listen = (read: Settings, { metrics, primary, readOnly, server, state }: Listening) => {
  const { host, port } = read.server
  const boundary = Layer.mergeAll(
    layerSettings(read.http),
    Layer.succeed(RequestLog, true),
    Layer.succeed(Draining, state),
    primary?.rateLimits ?? Layer.empty
  )
  const unnamed = Layer.merge(routesUnder(read.http.basePath), measuring(read, metrics))
  const address = shopAddressOf(read)
  return (
    address === undefined
      ? HttpRouter.serve(Layer.provide(unnamed, boundary), {
          disableLogger: true,
          disableListenLog: true,
          routerConfig: strictRouting
        })
      : serveShops(unnamed, { address, basePath: read.http.basePath }).pipe(
          Layer.provide([shops(read, { readOnly }), boundary])
        )
  ).pipe(
    Layer.provideMerge(
      NodeHttpServer.layer(() => server, {
        host,
        port,
        backlog,
        gracefulShutdownTimeout
      })
    ),
    Layer.catchTag("ServeError", (error) =>
      Layer.effectContext(Effect.fail(cannotListen({ variable: "PORT", host, port }, error)))
    )
  )
}

interface Termination {
  readonly isTerminated: boolean
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
).pipe(Effect.map(({ state }): Termination => state))

/** Migrates, creates the admin, listens, and prints the startup banner. Runs until it is interrupted. */
const run = Effect.fnUntraced(function* (read: Settings, readOnly: boolean, signal: Termination) {
  if (readOnly && (read.database.url === undefined || read.database.pooler !== "off")) {
    return yield* fail("--read-only needs DATABASE_URL, and a connection without a pooler")
  }
  const state: DrainingState = { isDraining: false }
  yield* requireLimits(read)
  yield* readOnly ? requireReadable(read) : ensureMigrated(read)
  yield* Effect.gen(function* () {
    const admin = readOnly ? undefined : yield* ensureAdmin(read)
    const { server, drain, closeIdleConnections, stopAccepting } = yield* httpServer({
      keepAliveTime: Duration.toMillis(read.server.keepAliveTimeout)
    })
    const ofThisProcess = Effect.provideContext(
      ownMetrics(read),
      yield* Effect.context<SqlClient.SqlClient>()
    )
    const primary = yield* connectToPrimary(ofThisProcess)
    const metrics = primary?.metrics ?? ofThisProcess
    const metricsAddress = yield* listenForMetrics(read, metrics)
    const { shutdownDelay } = read.server
    const stopBeingReady = Effect.suspend(() => {
      state.isDraining = true
      // A worker that was replaced has answered for that time.
      const isExpected = signal.isTerminated && state.isReplaced !== true
      return Effect.andThen(drain, isExpected ? Effect.sleep(shutdownDelay) : Effect.void)
    })
    /** Leaves new connections to the worker that has taken over, and answers on those that are open. */
    const leave = Effect.gen(function* () {
      const allClosed = yield* Effect.forkChild(stopAccepting)
      state.isReplaced = true
      state.isDraining = true
      yield* Effect.andThen(drain, Effect.sleep(shutdownDelay))
      yield* closeIdleConnections
      yield* Effect.timeoutOption(Fiber.join(allClosed), gracefulShutdownTimeout)
    })
    yield* describeStart(read, { admin, metricsAddress }).pipe(
      Effect.flatMap((start) =>
        primary === undefined
          ? Effect.andThen(announce(read, start), Effect.never)
          : primary
              .ready(start)
              .pipe(Effect.andThen(primary.retired), Effect.andThen(Effect.uninterruptible(leave)))
      ),
      Effect.ensuring(stopBeingReady),
      Effect.ensuring(closeIdleConnections),
      Effect.provide(listen(read, { server, state, metrics, primary, readOnly }))
    )
  }).pipe(Effect.provide(services(read, { readOnly })))
})

const readOnly = Flag.Boolean("read-only").pipe(
  Flag.withDescription(
    "Serve reads only, for example from a standby: no migration, no maintenance, and changes fail. Not behind a pooler"
  ),
  Flag.withDefault(false)
)

const workers = Flag.String("workers").pipe(
  Flag.filterMap(
    decodeText(settingsOfServer.workers.value),
    () => `Expected ${settingsOfServer.workers.value.expected}`
  ),
  Flag.withMetavar("integer"),
  Flag.withDescription("Processes that serve at the port; WORKERS if absent"),
  Flag.optional
)

/** Stopping a server by a signal is success, so the exit code is 0. */
const stopped = Effect.sync(() => {
  process.exitCode = 0
})

/** Serves by itself, or as one of several workers, or starts them. */
const serveAs = (read: Settings, readOnly: boolean) =>
  Effect.scoped(
    Effect.flatMap(watchTermination, (signal) =>
      workerNumber === undefined && read.server.workers > 1
        ? runWorkers(read, signal)
        : Effect.provide(run(read, readOnly, signal), database(read, { readOnly }))
    )
  )

const withWorkers = (read: Settings, given: Option.Option<number>): Settings => ({
  ...read,
  server: { ...read.server, workers: Option.getOrElse(given, () => read.server.workers) }
})

export const serve = Command.make("serve", { readOnly, workers }, ({ readOnly, workers }) =>
  Effect.flatMap(serverSettings, (given) => {
    const read = withWorkers(given, workers)
    return Effect.andThen(
      sayIfFirst(read),
      serveAs(read, readOnly).pipe(Effect.provide(telemetry(read)), Effect.provide(logging(read)))
    )
  }).pipe(
    report,
    Effect.onInterrupt(() => stopped)
  )
).pipe(
  Command.withDescription(
    "Serve the HTTP API. Uses PostgreSQL if DATABASE_URL is set, else an embedded database. See docs/configuration.md for all variables."
  )
)
