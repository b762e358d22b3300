import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Analytics } from "../../services/Analytics.ts"
import { Api } from "../api/index.ts"
import { makeReplicaReads } from "../boundary/ReplicaReads.ts"

export const AnalyticsHandlers = HttpApiBuilder.group(Api, "analytics", (handlers) =>
  Effect.map(Effect.all([Analytics, makeReplicaReads]), ([analytics, replicaReads]) => {
    const forReport = replicaReads("report")
    return handlers.handleAll({
      summary: forReport(({ query }) => analytics.summary(query)),
      sales: forReport(({ query }) => Effect.map(analytics.sales(query), (items) => ({ items }))),
      topProducts: forReport(({ query }) => Effect.map(analytics.topProducts(query), (items) => ({ items })))
    })
  })
)
