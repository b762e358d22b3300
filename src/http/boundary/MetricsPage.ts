import { Effect, Layer } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { PrometheusMetrics } from "effect/observability"
import { onlyMethods } from "./MethodNotAllowed.ts"
import { recordRoute } from "./RequestLog.ts"

/**
 * Provides `GET /metrics`: all metrics of this process in Prometheus text format, without authentication.
 *
 * `before` runs before each scrape, to update gauges. Defaults to nothing.
 */
export const metrics = (
  before: Effect.Effect<unknown> = Effect.void
): Layer.Layer<never, never, HttpRouter.HttpRouter> =>
  metricsPage(Effect.andThen(before, PrometheusMetrics.format()))

/** Provides `GET /metrics` with a text in the format of Prometheus. */
export const metricsPage = (text: Effect.Effect<string>): Layer.Layer<never, never, HttpRouter.HttpRouter> =>
  Layer.merge(
    HttpRouter.add(
      "GET",
      "/metrics",
      Effect.map(text, (page) =>
        HttpServerResponse.text(page, { contentType: "text/plain; version=0.0.4; charset=utf-8" })
      )
    ).pipe(Layer.provide(recordRoute)),
    onlyMethods("/metrics", ["GET"])
  )
