import { NodeHttpServer } from "@effect/platform-node"
import { Context, Effect, Layer } from "effect"
import { HttpRouter, HttpServer } from "effect/http"
import { boundaryUnder } from "../../http/boundary/Boundary.ts"
import { metricsPage } from "../../http/boundary/MetricsPage.ts"
import { RequestLog, strictRouting } from "../../http/index.ts"
import { cannotListen, httpServer } from "./HttpServer.ts"
import type { Settings } from "./Settings.ts"

/** Serves `GET /metrics` alone on `METRICS_PORT`, and returns the address. Does nothing without that setting. */
export const listenForMetrics = Effect.fnUntraced(function* (
  { server: { host, metricsPort: port } }: Settings,
  metrics: Effect.Effect<string>
) {
  if (port === undefined) return undefined
  const { server, closeIdleConnections } = yield* httpServer()
  const listener = HttpRouter.serve(
    Layer.provide(Layer.merge(metricsPage(metrics), boundaryUnder("/")), Layer.succeed(RequestLog, true)),
    { disableLogger: true, disableListenLog: true, routerConfig: strictRouting }
  ).pipe(
    // Runs before the server closes, which would wait for connections that a scraper keeps open.
    Layer.merge(Layer.effectDiscard(Effect.addFinalizer(() => closeIdleConnections))),
    Layer.provideMerge(
      NodeHttpServer.layer(() => server, { host, port, gracefulShutdownTimeout: "1 second" })
    ),
    Layer.catchTag("ServeError", (error) =>
      Layer.effectContext(Effect.fail(cannotListen({ variable: "METRICS_PORT", host, port }, error)))
    )
  )
  // The routes of the API are in another router.
  const context = yield* Layer.build(Layer.fresh(listener))
  return HttpServer.formatAddress(Context.get(context, HttpServer.HttpServer).address)
})
