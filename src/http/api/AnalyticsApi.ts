import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { Sale, SalesQuery } from "../../domain/analytics/Sales.ts"
import { Summary } from "../../domain/analytics/Summary.ts"
import { TopProduct, TopProductsQuery } from "../../domain/analytics/TopProducts.ts"
import { Authorization, RequiredPermission } from "./Authorization.ts"
import { AmountOverflow, InvalidInput, Unavailable } from "./Problems.ts"
import { limit, Timestamp } from "./Request.ts"

const period = { from: Schema.optional(Timestamp), to: Schema.optional(Timestamp) }

const error = [InvalidInput, AmountOverflow, Unavailable] as const

export class AnalyticsApi extends HttpApiGroup.make("analytics")
  .add(
    HttpApiEndpoint.get("summary", "/summary", { query: period, success: Summary, error })
      .annotate(RequiredPermission, "see analytics")
      .annotate(OpenApi.Summary, "Counts and revenue of the orders placed in [from, to)"),
    HttpApiEndpoint.get("sales", "/sales", {
      query: { ...SalesQuery.fields, ...period },
      success: Schema.Struct({ items: Schema.Array(Sale) }).annotate({ identifier: "Sales" }),
      error
    })
      .annotate(RequiredPermission, "see analytics")
      .annotate(OpenApi.Summary, "Orders and revenue by day, week or month")
      .annotate(
        OpenApi.Description,
        "Of the orders that count as revenue, `PAID` and `COMPLETED`, placed in [from, to). `start` is when the day, the week, which begins on Monday, or the month begins in the time zone; those in which nothing was sold are left out. More than 3660 of them are refused: ask for a shorter period."
      ),
    HttpApiEndpoint.get("topProducts", "/top-products", {
      query: { ...TopProductsQuery.fields, limit, ...period },
      success: Schema.Struct({ items: Schema.Array(TopProduct) }).annotate({ identifier: "TopProducts" }),
      error
    })
      .annotate(RequiredPermission, "see analytics")
      .annotate(OpenApi.Summary, "The products of which most units were sold")
      .annotate(
        OpenApi.Description,
        "Of the orders that count as revenue, `PAID` and `COMPLETED`, placed in [from, to). Of two products that sold alike the older one comes first; names are the present ones."
      )
  )
  .middleware(Authorization)
  .prefix("/analytics")
  .annotate(OpenApi.Title, "Analytics")
  .annotate(OpenApi.Description, "Counts and revenue, for admins.") {}
