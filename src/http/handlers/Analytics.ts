import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Analytics } from "../../services/Analytics.ts"
import { Api } from "../api/index.ts"

export const AnalyticsHandlers = HttpApiBuilder.group(Api, "analytics", (handlers) =>
  Effect.map(Analytics, (analytics) =>
    handlers.handleAll({
      summary: ({ query }) => analytics.summary(query),
      sales: ({ query }) => Effect.map(analytics.sales(query), (items) => ({ items })),
      topProducts: ({ query }) => Effect.map(analytics.topProducts(query), (items) => ({ items }))
    })
  )
)
