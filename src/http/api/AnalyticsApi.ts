import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { Sale, SalesQuery } from "../../domain/analytics/Sales.ts"
import { Summary } from "../../domain/analytics/Summary.ts"
import { TopProduct, TopProductsQuery } from "../../domain/analytics/TopProducts.ts"
import { Authorization, RequiredPermission } from "./Authorization.ts"
import { InvalidInput, Unavailable } from "./Problems.ts"
import { limit, Timestamp } from "./Request.ts"

const period = { from: Schema.optional(Timestamp), to: Schema.optional(Timestamp) }

const error = [InvalidInput, Unavailable] as const

export class AnalyticsApi extends HttpApiGroup.make("analytics")
  .add(
    HttpApiEndpoint.get("summary", "/summary", { query: period, success: Summary, error })
      .annotate(RequiredPermission, "see analytics")
      .annotate(OpenApi.Summary, "Get counts and revenue of orders")
      .annotate(
        OpenApi.Description,
        "A sum beyond 2^53 − 1 minor units, which JSON numbers do not carry exactly, is in `revenueOverflow`, `inTransitOverflow` or `refundsOverflow` as text. `refunds` are the approved refunds of the orders placed in [from, to), in any status; they are not subtracted from `revenue`, and absent if there are none. Chargebacks are left out."
      ),
    HttpApiEndpoint.get("sales", "/sales", {
      query: { ...SalesQuery.fields, ...period },
      success: Schema.Struct({ items: Schema.Array(Sale) }).annotate({ identifier: "Sales" }),
      error
    })
      .annotate(RequiredPermission, "see analytics")
      .annotate(OpenApi.Summary, "Get orders and revenue by day, week or month")
      .annotate(
        OpenApi.Description,
        "Counts `PAID` and `COMPLETED` orders placed in [from, to). `start` is the beginning of the day, week or month in the time zone. Weeks begin on Monday. `refunds` are the approved refunds of the orders placed in the interval, in any status. Intervals without sales and refunds are left out. A period of more than 3660 intervals is refused."
      ),
    HttpApiEndpoint.get("topProducts", "/top-products", {
      query: { ...TopProductsQuery.fields, limit, ...period },
      success: Schema.Struct({ items: Schema.Array(TopProduct) }).annotate({ identifier: "TopProducts" }),
      error
    })
      .annotate(RequiredPermission, "see analytics")
      .annotate(OpenApi.Summary, "Get the best-selling products")
      .annotate(
        OpenApi.Description,
        "Counts units in `PAID` and `COMPLETED` orders placed in [from, to). Products are sorted by units, then by id. Names are the current names."
      )
  )
  .middleware(Authorization)
  .prefix("/analytics")
  .annotate(OpenApi.Title, "Analytics")
  .annotate(OpenApi.Description, "Reports for admins.") {}
