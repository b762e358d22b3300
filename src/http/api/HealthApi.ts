import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { Unavailable } from "./Problems.ts"

const Health = Schema.Struct({ status: Schema.Literal("ok") }).annotate({ identifier: "Health" })

export class HealthApi extends HttpApiGroup.make("health")
  .add(
    HttpApiEndpoint.get("live", "/live", { success: Health }).annotate(
      OpenApi.Summary,
      "Check that the process is running"
    ),
    HttpApiEndpoint.get("ready", "/ready", { success: Health, error: Unavailable }).annotate(
      OpenApi.Summary,
      "Check that the database is available"
    )
  )
  .prefix("/health")
  .annotate(OpenApi.Title, "Health")
  .annotate(OpenApi.Description, "Liveness and readiness probes.") {}
