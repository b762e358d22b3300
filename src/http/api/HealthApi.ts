import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { Unavailable } from "./Problems.ts"

const Health = Schema.Struct({ status: Schema.Literal("ok") }).annotate({ identifier: "Health" })

export class HealthApi extends HttpApiGroup.make("health")
  .add(
    HttpApiEndpoint.get("live", "/live", { success: Health }).annotate(OpenApi.Summary, "The process runs"),
    HttpApiEndpoint.get("ready", "/ready", { success: Health, error: Unavailable }).annotate(
      OpenApi.Summary,
      "The database answers"
    )
  )
  .prefix("/health")
  .annotate(OpenApi.Title, "Health")
  .annotate(OpenApi.Description, "For the machines that watch over a server.") {}
