/** The routes of the HTTP API. The host provides the services. */
import { Effect, Layer } from "effect"
import { type HttpApi, HttpApiBuilder, type HttpApiGroup, OpenApi } from "effect/http-api"
import { Api, ApiWithoutAccounts } from "./api/index.ts"
import { mountAt, serverUrl } from "./boundary/BasePath.ts"
import { boundaryUnder } from "./boundary/Boundary.ts"
import { DocsPage, docs, rootLeadsTo } from "./boundary/Docs.ts"
import { BuiltInAccounts } from "./boundary/HostUsers.ts"
import { methodsOf, onlyMethods } from "./boundary/MethodNotAllowed.ts"
import {
  AddressLimitLive,
  AuthorizationLive,
  KnownInputLive,
  OptionalAuthorizationLive,
  OutageLogLive,
  ValidationLive
} from "./boundary/Middleware.ts"
import { recordRoute } from "./boundary/RequestLog.ts"
import { StrictUtf8 } from "./boundary/StrictUtf8.ts"
import { AccountsHandlers } from "./handlers/Accounts.ts"
import { AnalyticsHandlers } from "./handlers/Analytics.ts"
import { AuthHandlers } from "./handlers/Auth.ts"
import { CatalogHandlers } from "./handlers/Catalog.ts"
import { FeedHandlers } from "./handlers/Feed.ts"
import { HealthHandlers } from "./handlers/Health.ts"
import { OrdersHandlers } from "./handlers/Orders.ts"
import { PaymentsHandlers } from "./handlers/Payments.ts"
import { PricingHandlers } from "./handlers/Pricing.ts"
import { ServiceTokensHandlers } from "./handlers/ServiceTokens.ts"

const boundary = Layer.mergeAll(
  AuthorizationLive,
  OptionalAuthorizationLive,
  AddressLimitLive,
  KnownInputLive,
  ValidationLive,
  OutageLogLive
)

/** Handlers, authorization and validation of all endpoints but those of accounts. */
const ShopEndpoints = Layer.mergeAll(
  CatalogHandlers,
  OrdersHandlers,
  PaymentsHandlers,
  PricingHandlers,
  FeedHandlers,
  AnalyticsHandlers,
  HealthHandlers
).pipe(Layer.provide(boundary))

const AccountEndpoints = Layer.mergeAll(AuthHandlers, AccountsHandlers, ServiceTokensHandlers).pipe(
  Layer.provide(boundary)
)

const Endpoints = Layer.merge(ShopEndpoints, AccountEndpoints)

/** The documentation page, unless it is off, and the way there. */
const docsOf = <Id extends string, Groups extends HttpApiGroup.Constraint>(
  api: HttpApi.HttpApi<Id, Groups>
) =>
  Layer.unwrap(
    Effect.map(DocsPage, (page) =>
      page === "off" ? rootLeadsTo("/openapi.json") : Layer.merge(docs(api), rootLeadsTo("/docs"))
    )
  )

/** The routes of an API with its description. */
const routesOf = <Id extends string, Groups extends HttpApiGroup.Constraint>(
  api: HttpApi.HttpApi<Id, Groups>
) => Layer.mergeAll(HttpApiBuilder.layer(api, { openapiPath: "/openapi.json" }), docsOf(api), methodsOf(api))

/**
 * Provides all routes under a base path such as `/shop`. `Location` headers and the OpenAPI document include the
 * base path. Without `BuiltInAccounts` there is no `/auth`, `/accounts` or `/service-tokens`.
 */
export const routesUnder = (basePath: string) => {
  const servers = [{ url: serverUrl(basePath) }]
  const withAccounts = routesOf(Api.annotate(OpenApi.Servers, servers)).pipe(Layer.provide(Endpoints))
  const without = routesOf(ApiWithoutAccounts.annotate(OpenApi.Servers, servers)).pipe(
    Layer.provide(ShopEndpoints)
  )
  return Layer.mergeAll(
    Layer.unwrap(Effect.map(BuiltInAccounts, (hasAccounts) => (hasAccounts ? withAccounts : without))),
    onlyMethods("/openapi.json", ["GET"]),
    boundaryUnder(basePath)
  ).pipe(Layer.provide([mountAt(basePath), recordRoute, StrictUtf8]))
}

/** Provides all routes on the router of the host's HTTP server. */
export const routes = /* @__PURE__ */ routesUnder("/")
