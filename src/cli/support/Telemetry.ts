import { randomUUID } from "node:crypto"
import { Cause, ConfigProvider, Effect, Layer, Metric, Schedule } from "effect"
import { FetchHttpClient, type HttpRouter } from "effect/http"
import { Otlp, OtlpSerialization, PrometheusMetrics } from "effect/observability"
import type { SqlClient } from "effect/sql"
import { updateGauges } from "../../adapters/postgres/index.ts"
import { prefixRoutes } from "../../http/boundary/BasePath.ts"
import { metricsPage } from "../../http/boundary/MetricsPage.ts"
import { databasePool } from "../../telemetry/Metrics.ts"
import { version } from "../version.ts"
import { Failure } from "./Failure.ts"
import type { Settings } from "./Settings.ts"
import { workerNumber } from "./WorkerNumber.ts"

/** Defaults of the OpenTelemetry specification that Effect does not apply itself. */
const defaults = ConfigProvider.fromUnknown({
  OTEL_SERVICE_NAME: "effect-commerce",
  OTEL_SERVICE_VERSION: version,
  OTEL_LOGS_EXPORTER: "otlp",
  OTEL_METRICS_EXPORTER: "otlp",
  OTEL_TRACES_EXPORTER: "otlp"
})

/**
 * The resource of a worker: a collector would take what has the same resource for one process. A name of the instance in the environment
 * is that of all workers.
 */
const resourceOf = (worker: number | undefined) => {
  if (worker === undefined) return undefined
  const [, instance = randomUUID()] =
    /(?:^|,)\s*service\.instance\.id=([^,]+)/.exec(process.env.OTEL_RESOURCE_ATTRIBUTES ?? "") ?? []
  return { attributes: { "service.instance.id": `${instance}-${worker}` } }
}

/** Names the invalid variable. The value may be secret and is left out. */
const unreadable = (cause: Cause.Cause<unknown>) => {
  const [name = "OTEL_…"] = /OTEL_[A-Z_]+/.exec(Cause.pretty(cause)) ?? []
  return new Failure({ line: `${name}: Expected a value according to the OpenTelemetry specification` })
}

/**
 * Exports spans, metrics and logs to `OTEL_EXPORTER_OTLP_ENDPOINT`, with the other variables of the specification.
 * Without it, exports nothing.
 */
export const telemetry = ({
  server: { otlpEndpoint, otlpProtocol }
}: Settings): Layer.Layer<never, Failure> => {
  if (otlpEndpoint === undefined) return Layer.empty
  const { layerJson, layerProtobuf } = OtlpSerialization
  const serialization = otlpProtocol === "http/json" ? layerJson : layerProtobuf
  return Otlp.layerFromConfig({ resource: resourceOf(workerNumber) }).pipe(
    Layer.provide([serialization, FetchHttpClient.layer, ConfigProvider.layerAdd(defaults)]),
    Layer.catchCause((cause) => Layer.effectDiscard(Effect.fail(unreadable(cause))))
  )
}

/** Interval of gauge updates. OpenTelemetry exports metrics every 60 seconds by default. */
const gaugeInterval = Schedule.spaced("30 seconds")

/** Returns the metrics of this process in Prometheus text format. */
export const ownMetrics = ({ database: { schema } }: Settings) =>
  Effect.andThen(updateGauges(schema), PrometheusMetrics.format())

/** Updates gauges, and provides `/metrics` with that text under the base path if the settings enable it there. */
export const measuring = (
  {
    database: { pool, schema, url },
    http: { basePath },
    server: { metrics: served, metricsPort, otlpEndpoint }
  }: Settings,
  metrics: Effect.Effect<string>
) =>
  Layer.unwrap(
    Effect.gen(function* () {
      const database = yield* Effect.context<SqlClient.SqlClient>()
      const measured = Effect.provideContext(updateGauges(schema), database)
      yield* Metric.update(databasePool, url === undefined ? 1 : pool)
      if (otlpEndpoint !== undefined) yield* Effect.forkScoped(Effect.repeat(measured, gaugeInterval))
      return served === "off" || metricsPort !== undefined
        ? (Layer.empty as Layer.Layer<never, never, HttpRouter.HttpRouter>)
        : Layer.provide(metricsPage(metrics), prefixRoutes(basePath))
    })
  )
