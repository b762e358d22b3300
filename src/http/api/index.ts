/** The HTTP API as data, for servers, documentation and typed clients; no server code behind it. */
import { flow } from "effect"
import { HttpApi, OpenApi } from "effect/http-api"
import { AnalyticsApi } from "./AnalyticsApi.ts"
import { AuthApi } from "./AuthApi.ts"
import { declareBodyProblems } from "./BodyProblems.ts"
import { CatalogApi } from "./CatalogApi.ts"
import { HealthApi } from "./HealthApi.ts"
import { OrdersApi } from "./OrdersApi.ts"
import { describeParameters } from "./Parameters.ts"
import { OutageLog, Validation } from "./Request.ts"

export { Authorization, CurrentAccount } from "./Authorization.ts"

/** Every endpoint: for `HttpApiClient`, for a server, or as an OpenAPI document (`OpenApi.fromApi`). */
export class Api extends HttpApi.make("effect-commerce")
  .add(AuthApi, CatalogApi, OrdersApi, AnalyticsApi, HealthApi)
  .middleware(Validation)
  .middleware(OutageLog)
  .annotate(HttpApi.ParseOptions, { errors: "all" })
  .annotate(OpenApi.Transform, flow(declareBodyProblems, describeParameters))
  .annotate(OpenApi.Title, "effect-commerce")
  .annotate(OpenApi.Version, "0.1.0")
  .annotate(OpenApi.License, { name: "MIT", url: "https://opensource.org/license/mit" })
  .annotate(
    OpenApi.Description,
    "Accounts, catalog, orders, payments and analytics. Money is a whole number of minor units; errors are problem documents (RFC 9457)."
  ) {}
