/** The HTTP API as routes, for a server or a Fetch handler; the host brings the services. */
import { Layer } from "effect"
import { HttpApiBuilder, OpenApi } from "effect/http-api"
import { Api } from "./api/index.ts"
import { under } from "./BasePath.ts"
import { docs } from "./Docs.ts"
import { Edge } from "./Edge.ts"
import { AnalyticsHandlers } from "./handlers/Analytics.ts"
import { AuthHandlers } from "./handlers/Auth.ts"
import { CatalogHandlers } from "./handlers/Catalog.ts"
import { HealthHandlers } from "./handlers/Health.ts"
import { OrdersHandlers } from "./handlers/Orders.ts"
import { AuthorizationLive, OutageLogLive, ValidationLive } from "./Middleware.ts"
import { Routed } from "./Requests.ts"
import { Unmended } from "./Unmended.ts"

export { AuthRateLimit, type RateLimit } from "./Attempts.ts"
export { CorsOrigins } from "./Browsers.ts"
export { TrustedProxies } from "./Client.ts"
export { metrics } from "./MetricsPage.ts"
export { RequestLog } from "./Requests.ts"

/** Handlers, authorization and validation of all endpoints. */
const Endpoints = Layer.mergeAll(
  AuthHandlers,
  CatalogHandlers,
  OrdersHandlers,
  AnalyticsHandlers,
  HealthHandlers
).pipe(Layer.provide([AuthorizationLive, ValidationLive, OutageLogLive]))

/**
 * Every route of the contract under a path of the host's, such as `/shop`, which `Location` and the description of the
 * API name too.
 */
export const routesUnder = (basePath: string) => {
  const api = Api.annotate(OpenApi.Servers, [{ url: basePath }])
  return Layer.mergeAll(
    HttpApiBuilder.layer(api, { openapiPath: "/openapi.json" }).pipe(Layer.provide(Endpoints)),
    docs(api),
    Edge
  ).pipe(Layer.provide([under(basePath), Routed, Unmended]))
}

/** For the router: a path in another case or with another slash is another path (RFC 3986, 6.2.2.1). */
export const exactPaths = {
  caseSensitive: true,
  ignoreTrailingSlash: false,
  ignoreDuplicateSlashes: false
} as const

/** Every route of the contract, on the router of the host's HTTP server. */
export const routes = routesUnder("/")
