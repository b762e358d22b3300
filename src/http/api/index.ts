/** The HTTP API as data, for servers, documentation and typed clients. It contains no server code. */
import { flow } from "effect"
import { HttpApi, OpenApi } from "effect/http-api"
import { AccountsApi } from "./AccountsApi.ts"
import { AnalyticsApi } from "./AnalyticsApi.ts"
import { AuthApi } from "./AuthApi.ts"
import { CatalogApi } from "./CatalogApi.ts"
import { FeedApi } from "./FeedApi.ts"
import { HealthApi } from "./HealthApi.ts"
import { OrdersApi } from "./OrdersApi.ts"
import { declareBodyProblems } from "./openapi/BodyProblems.ts"
import { giveExamples } from "./openapi/Examples.ts"
import { describeHostUsers } from "./openapi/HostUsers.ts"
import { nameOperations } from "./openapi/OperationIds.ts"
import { describeParameters } from "./openapi/Parameters.ts"
import { describePlainly } from "./openapi/PlainSchemas.ts"
import { declarePositions } from "./openapi/Positions.ts"
import { uniteComponents } from "./openapi/UniqueComponents.ts"
import { PaymentsApi } from "./PaymentsApi.ts"
import { PricingApi } from "./PricingApi.ts"
import { KnownInput, OutageLog, Validation } from "./Request.ts"
import { ServiceTokensApi } from "./ServiceTokensApi.ts"

export { Authorization, CurrentAccount, OptionalAuthorization, Permission } from "./Authorization.ts"

const conventions = `Money is an integer of minor units: \`1850\` EUR is 18.50 €. Ids are UUIDs. Times are RFC 3339 in UTC. Errors are problem
documents (RFC 9457) with a machine-readable \`code\`.`

const steps = `2. List the products and choose the \`id\` of a product in stock.
3. Place an order with it.
4. Pay for the order. The simulated gateway approves \`sim_approve\`, declines \`sim_decline\`, and moves no money.`

const description = `Accounts, catalog, orders, prices, payments and analytics.

${conventions}

To place an order:

1. Register a customer and log in. Send the \`accessToken\` of the response as bearer token.
${steps}`

const descriptionForHosts = `Catalog, orders, prices, payments and analytics.

${conventions}

To place an order:

1. Log in to the application that this shop is part of.
${steps}`

/** The release that has this API. Another one may make other answers of the same data. */
export const apiVersion = "0.1.0"

/** Returns the OpenAPI 3.1 document of the API. */
export const openApiDocument = (): OpenApi.OpenAPISpec => OpenApi.fromApi(Api)

/** A misspelled member or parameter would be ignored in silence. */
const strict = { errors: "all", onExcessProperty: "error" } as const

const describeAll = flow(
  nameOperations,
  declareBodyProblems,
  declarePositions,
  describeParameters,
  describePlainly,
  uniteComponents,
  giveExamples
)

/** All endpoints, for `HttpApiClient`, for a server, or for an OpenAPI document (`OpenApi.fromApi`). */
export class Api extends HttpApi.make("effect-commerce")
  .add(
    AuthApi,
    AccountsApi,
    ServiceTokensApi,
    CatalogApi,
    OrdersApi,
    PaymentsApi,
    PricingApi,
    FeedApi,
    AnalyticsApi,
    HealthApi
  )
  .middleware(KnownInput)
  .middleware(Validation)
  .middleware(OutageLog)
  .annotate(HttpApi.ParseOptions, { errors: "all" })
  .annotate(HttpApi.QueryParseOptions, strict)
  .annotate(HttpApi.PayloadParseOptions, strict)
  .annotate(OpenApi.Transform, describeAll)
  .annotate(OpenApi.Title, "effect-commerce")
  .annotate(OpenApi.Version, apiVersion)
  .annotate(OpenApi.License, { name: "MIT", url: "https://opensource.org/license/mit" })
  .annotate(OpenApi.Description, description) {}

const { analytics, catalog, feed, health, orders, payments, pricing } = Api.groups

/** The same without `/auth`, `/accounts` and `/service-tokens`, for hosts with users of their own. */
export const ApiWithoutAccounts = HttpApi.make("effect-commerce")
  .add(catalog, orders, payments, pricing, feed, analytics, health)
  .annotateMerge(Api.annotations)
  .annotate(OpenApi.Transform, flow(describeAll, describeHostUsers))
  .annotate(OpenApi.Description, descriptionForHosts)
