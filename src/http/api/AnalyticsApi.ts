import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { Summary } from "../../domain/Analytics.ts"
import { Authorization, Does } from "./Authorization.ts"
import { AmountOverflow, InvalidInput, Unavailable } from "./Problems.ts"
import { Timestamp } from "./Request.ts"

export class AnalyticsApi extends HttpApiGroup.make("analytics")
  .add(
    HttpApiEndpoint.get("summary", "/summary", {
      query: { from: Schema.optional(Timestamp), to: Schema.optional(Timestamp) },
      success: Summary,
      error: [InvalidInput, AmountOverflow, Unavailable]
    })
      .annotate(Does, "see analytics")
      .annotate(OpenApi.Summary, "Counts and revenue of the orders placed in [from, to)")
  )
  .middleware(Authorization)
  .prefix("/analytics")
  .annotate(OpenApi.Title, "Analytics")
  .annotate(OpenApi.Description, "Counts and revenue, for admins.") {}
